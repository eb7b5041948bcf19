"""`connector plan`: what a sync or backfill would do. Its clients refuse every write."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from connector.app import inspecting
from connector.app.reporting.meanings import LOSSES
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.queries import choosing
from connector.cli.input.stops import stopping
from connector.cli.output import render
from connector.engine.inspect.duration import MINUTE
from connector.host.amounts import age, counted
from connector.host.clock import SystemClock
from mappings.model import Side
from mappings.names import LOSSES_SHOWN, TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.app.inspecting import Planned
    from connector.app.passes import Choice
    from connector.engine.inspect.forecast import Forecast, Named


@click.group("plan", invoke_without_command=True)
@common
def command(options: Options, /) -> None:
    """Show what `sync` would do; `plan backfill` shows what a backfill would do. Writes nothing."""
    # `plan` alone plans a sync; as a group it is called for `plan backfill` as well.
    if click.get_current_context().invoked_subcommand is None:
        clock = SystemClock()
        with stopping(clock):
            planned = inspecting.plan_sync(load_config(options), this_machine(options, clock))
        _show(planned, options, "connector sync")


@command.command("backfill")
@choosing
@common
def backfill(options: Options, /, *, choice: Choice) -> int:
    """Show what a backfill would do. Writes nothing."""
    clock = SystemClock()
    with stopping(clock):
        planned = inspecting.plan_backfill(load_config(options), this_machine(options, clock), choice)
    _show(planned, options, _same_backfill())
    return 0


def _same_backfill() -> str:
    """Return the command that does what this one planned."""
    words = sys.argv[1:]
    if "plan" in words:
        words.remove("plan")
    return shlex.join(["connector", *words])


def _show(planned: Planned, options: Options, command: str) -> None:
    """Print what would be done, and ``command``, which does it."""
    if options.as_json:
        render.print_json(_data(planned))
        return
    forecast, requests, seconds = planned.forecast, planned.requests, planned.duration.seconds
    out = render.console()
    for line in _summary(forecast):
        out.print(line)
    if forecast.writes:
        rows = sorted(
            (TITLES[side], what.replace("_", " "), n) for (side, what), n in forecast.writes.items()
        )
        out.print(render.table("Writes", ["side", "write", "count"], rows))
    for side in Side:
        out.print(
            f"about {counted(requests[side], 'request')} to {TITLES[side]}: {age(seconds[side])} at its limit"
        )
    tables = (
        ("Parts", ["become", "count"], forecast.dispositions),
        ("No counterpart", ["person", "parts"], _shown(forecast.unmapped)),
        ("No team", ["channel", "conversations"], _shown(forecast.channels)),
        ("New in Intercom", ["tag", "conversations"], forecast.tags),
    )
    for title, columns, found in tables:
        if found:
            out.print(render.table(title, columns, _spelled(found).items()))
    if forecast.losses:
        lost = [(LOSSES[kind], LOSSES_SHOWN[kind], n) for kind, n in forecast.losses.most_common()]
        out.print(render.table("Not shown on the other side", ["what", "kind", "parts"], lost))
    for line in (*planned.cautions, *planned.degraded, *(notice.sentence() for notice in forecast.notices)):
        out.print(f"- {line}")
    out.tell_next(_following(planned, command))


def _following(planned: Planned, command: str) -> str:
    """Return what to type after a plan: ``command`` as it is only where nothing stops it."""
    if planned.changed is not None:
        return f"{command} --accept" if planned.changed.can_work else "connector mapping check"
    return "connector verify" if planned.writes_nothing else command


def _data(planned: Planned) -> dict[str, object]:
    forecast, requests, seconds = planned.forecast, planned.requests, planned.duration.seconds
    writes = {f"{side} {operation}": count for (side, operation), count in forecast.writes.items()}
    return {
        "conversations": forecast.conversations,
        "created": forecast.created,
        "actions": _spelled(writes),
        "parts": _spelled(forecast.dispositions),
        "requests": _spelled(requests),
        "minutes": {side.value: round(seconds[side] / MINUTE, 1) for side in Side},
        "customers": forecast.customers,
        "unmapped": _spelled(forecast.unmapped),
        "channels": _spelled(forecast.channels),
        "tags": dict(forecast.tags),
        "losses": _spelled(forecast.losses),
        "attention": [notice.sentence() for notice in forecast.notices],
        "notices": [notice.as_data() for notice in forecast.notices],
        "by_email": forecast.by_email,
        "in_chats": forecast.in_chats,
        "cautions": list(planned.cautions),
        "degraded": list(planned.degraded),
    }


def _summary(forecast: Forecast) -> Iterator[str]:
    """Yield how much there is to do, in sentences."""
    if not forecast.conversations:
        yield "Nothing to write on either side."
        return
    known = forecast.conversations - forecast.created
    if forecast.created:
        yield f"{counted(forecast.created, 'conversation')} to create."
    if known:
        yield f"{counted(known, 'existing conversation')} to update."
    if forecast.customers:
        yield f"Up to {counted(forecast.customers, 'customer')} to create for them."


def _shown(found: Mapping[Named, int]) -> dict[str, int]:
    return {f"{TITLES[one.side]} {one.id} {one.name}".strip(): count for one, count in found.items()}


def _spelled(counted: Mapping[Any, int]) -> dict[str, int]:
    """Return counts by the text of what was counted, the most frequent first."""
    # The most frequent first: mapping one busy agent mends more than ten that left.
    return {str(what): count for what, count in Counter(counted).most_common()}
