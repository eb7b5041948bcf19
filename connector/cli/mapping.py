"""`connector mapping`: the tables as in force."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector.cli.input.options import Options, common
from connector.cli.mapping_check import check
from connector.cli.output import render
from connector.config import file as configuration
from mappings.describe import describe
from mappings.model import Side
from mappings.table import DEFAULT

if TYPE_CHECKING:
    from mappings.table import KindTable


@click.group("mapping", invoke_without_command=True)
@common
def command(options: Options, /) -> None:
    """Print how every type of either side arrives on the other, with what is lost."""
    if click.get_current_context().invoked_subcommand is None:
        _show(_in_force(options), options)


def _in_force(options: Options) -> KindTable:
    path = configuration.find_path(options.config)
    # Without a configuration the table is still worth reading: it is what one decides by.
    return configuration.load(path).kind_table() if options.config or path.exists() else DEFAULT


def _show(table: KindTable, options: Options) -> None:
    rows = describe(table)
    if options.as_json:
        render.print_json({"rows": [asdict(row) for row in rows]})
        return
    out = render.console()
    for side in Side:
        chosen = [row for row in rows if row.side is side]
        cells = ((row.title, row.meaning, row.on_the_other_side, row.loss) for row in chosen)
        columns = ["type", "means", "on the other side", "not carried"]
        out.print(render.table(chosen[0].direction, columns, cells))


command.add_command(check)
