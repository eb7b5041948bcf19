"""`connector plan`: what a sync or backfill would do. Its clients refuse every write."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click

from connector.app.session import dry_run
from connector.cli import render
from connector.cli.options import Options, common
from connector.cli.queries import Choice, choosing
from connector.engine.inspect.forecast import Forecast, forecast_backfill, forecast_sync
from connector.engine.sync.poll import past
from connector.intercom.versions import Version

if TYPE_CHECKING:
    from connector.engine.run.context import Context


@click.group("plan", invoke_without_command=True)
@common
def command(options: Options, /) -> None:
    """Show what `sync` would do; `plan backfill` shows what a backfill would do. Writes nothing."""
    if click.get_current_context().invoked_subcommand is None:
        with dry_run(options, "sync") as context:
            _show(forecast_sync(context), context, options)


@command.command("backfill")
@choosing
@common
def backfill(options: Options, /, *, choice: Choice) -> int:
    """Show what a backfill would do. Writes nothing."""
    with dry_run(options, "backfill") as context:
        listed = islice(past(context, choice.source, choice.query, choice.ids), choice.limit)
        _show(forecast_backfill(context, listed), context, options)
    return 0


def _show(forecast: Forecast, context: Context, options: Options) -> None:
    requests = forecast.requests(context.requests())
    degraded = _degraded(context)
    minutes = requests["dashly"] / context.config.dashly.requests_per_minute
    if options.as_json:
        render.print_json(
            {
                "conversations": forecast.conversations,
                "created": forecast.created,
                "actions": dict(forecast.writes),
                "parts": dict(forecast.dispositions),
                "requests": requests,
                "minutes": {"dashly": round(minutes, 1)},
                "unmapped": dict(forecast.unmapped),
                "channels": dict(forecast.channels),
                "tags": dict(forecast.tags),
                "losses": dict(forecast.losses),
                "attention": [notice.sentence() for notice in forecast.notices],
                "notices": [notice.as_data() for notice in forecast.notices],
                "degraded": degraded,
            }
        )
        return
    out = render.console()
    out.print(f"{forecast.conversations} conversations to work on, {forecast.created} to create")
    out.print(render.table("Writes", ["write", "count"], sorted(forecast.writes.items())))
    out.print(
        f"about {requests['dashly']} Dashly requests, {minutes:.1f} minutes at the limit; "
        f"{requests['intercom']} Intercom requests"
    )
    counted = (
        ("No counterpart", ["person", "parts"], forecast.unmapped),
        ("No team", ["channel", "conversations"], forecast.channels),
        ("New in Intercom", ["tag", "conversations"], forecast.tags),
        ("Cannot be shown", ["what", "parts"], forecast.losses),
    )
    for title, columns, found in counted:
        if found:
            out.print(render.table(title, columns, found.most_common()))
    for line in (*degraded, *(notice.sentence() for notice in forecast.notices)):
        out.print(f"- {line}")


def _degraded(context: Context) -> list[str]:
    """Return in sentences what the configured version of Intercom's API cannot do."""
    intercom = context.config.intercom
    version = Version.parse(intercom.api_version)
    elsewhere = bool(intercom.tag_api_version)
    return list(version.shortcomings(loud_mirror=intercom.loud_mirror, tags_elsewhere=elsewhere))
