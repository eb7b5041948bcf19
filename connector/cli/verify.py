"""`connector verify`: compare both sides pair by pair. Its clients refuse every write."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector.app.inspecting import verify
from connector.cli import render
from connector.cli.opening import load_config, this_machine
from connector.cli.options import Options, common

if TYPE_CHECKING:
    from connector.engine.inspect.verify import Difference


@click.command("verify")
@common
def command(options: Options, /) -> int:
    """Compare both sides pair by pair; exit 1 when anything differs. Writes nothing."""
    found = verify(load_config(options), this_machine())
    differences, settled, code = found.differences, found.settled, found.exit_code
    if options.as_json:
        rows = {"differences": _rows(differences), "cannot_be_shown": _rows(settled)}
        render.print_json({"pairs": found.pairs, **rows, "exit_code": code})
    else:
        render.console().print(f"{found.pairs} pairs compared, {len(differences)} differences")
        _show("Differences", differences)
        _show("Known, and cannot be shown on the other side", settled)
    return code


def _rows(found: tuple[Difference, ...]) -> list[dict[str, object]]:
    return [{key: value for key, value in asdict(one).items() if key != "settled"} for one in found]


def _show(title: str, found: tuple[Difference, ...]) -> None:
    if found:
        rows = ((d.dashly, d.intercom, d.side, d.part, d.what) for d in found)
        columns = ["dashly", "intercom", "side", "part", "what"]
        render.console().print(render.table(title, columns, rows))
