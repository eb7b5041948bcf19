"""`connector report --html FILE`: one page of the state, for a browser or for paper; asks no remote."""

from __future__ import annotations

from pathlib import Path

import click

from connector.app.reporting.writing import write_report
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render


@click.command("report")
@click.option(
    "--html",
    "target",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to write the page; an existing file is replaced.",
)
@common
def command(options: Options, /, *, target: Path) -> None:
    """Write one self-contained page: health, lag, throughput, requests, what became of every part."""
    size = write_report(load_config(options), this_machine(options), target)
    render.tell_page(target, size, as_json=options.as_json)
