"""`connector verify`: compare both sides pair by pair. Its clients refuse every write."""

from __future__ import annotations

from dataclasses import asdict

import click

from connector.app.session import dry_run
from connector.cli import render
from connector.cli.options import Options, common
from connector.engine.inspect.verify import Difference, verify_pair


@click.command("verify")
@common
def command(options: Options, /) -> int:
    """Compare both sides pair by pair; exit 1 when anything differs. Writes nothing."""
    with dry_run(options, "verify") as context:
        checked = 0
        found: list[Difference] = []
        for pair in context.store.pairs.in_step():
            checked += 1
            found += verify_pair(context, pair)
    differences = [one for one in found if not one.settled]
    settled = [one for one in found if one.settled]
    code = 1 if differences else 0
    if options.as_json:
        rows = {"differences": _rows(differences), "cannot_be_shown": _rows(settled)}
        render.print_json({"pairs": checked, **rows, "exit_code": code})
    else:
        render.console().print(f"{checked} pairs compared, {len(differences)} differences")
        _show("Differences", differences)
        _show("Known, and cannot be shown on the other side", settled)
    return code


def _rows(found: list[Difference]) -> list[dict[str, object]]:
    return [{key: value for key, value in asdict(one).items() if key != "settled"} for one in found]


def _show(title: str, found: list[Difference]) -> None:
    if found:
        rows = ((d.dashly, d.intercom, d.side, d.part, d.what) for d in found)
        columns = ["dashly", "intercom", "side", "part", "what"]
        render.console().print(render.table(title, columns, rows))
