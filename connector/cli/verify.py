"""`connector verify`: compare both sides pair by pair. Its clients refuse every write."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector.cli import render
from connector.cli.options import Options, common
from connector.cli.session import dry_run
from connector.engine.verify import Difference, verify_pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.context import Context
    from state.pairs import Pair


@click.command("verify")
@common
def command(options: Options, /) -> int:
    """Compare both sides pair by pair; exit 1 when anything differs. Writes nothing."""
    with dry_run(options, "verify") as context:
        checked, differences = 0, []
        for pair in every_pair(context):
            checked += 1
            differences += list(verify_pair(context, pair))
    code = 1 if differences else 0
    if options.as_json:
        rows = [asdict(difference) for difference in differences]
        render.print_json({"pairs": checked, "differences": rows, "exit_code": code})
    else:
        _show(checked, differences)
    return code


def every_pair(context: Context) -> Iterator[Pair]:
    """Yield all linked pairs that are in step or should be."""
    after = 0
    while pairs := context.store.pairs.linked_pairs(after=after):
        yield from (pair for pair in pairs if pair.state == "active")
        after = pairs[-1].row


def _show(checked: int, differences: list[Difference]) -> None:
    out = render.console()
    out.print(f"{checked} pairs compared, {len(differences)} differences")
    if differences:
        rows = ((d.dashly, d.intercom, d.side, d.part, d.what) for d in differences)
        out.print(render.table("Differences", ["dashly", "intercom", "side", "part", "what"], rows))
