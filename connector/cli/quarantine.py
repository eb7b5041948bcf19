"""`connector quarantine`: conversations that stopped at a part which cannot be carried."""

from __future__ import annotations

import click

from connector.app import quarantine
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render
from connector.cli.output.quarantine_view import facts_of, print_items, rows_of


@click.group("quarantine")
@common
def command(_options: Options, /) -> None:
    """List, show, retry or skip what is in quarantine."""


@command.command("list")
@common
def list_items(options: Options, /) -> int:
    """List everything in quarantine, oldest first."""
    found = quarantine.look(load_config(options), this_machine(options))
    rows = rows_of(found.items, found.links)
    if options.as_json:
        render.print_json({"quarantine": rows})
    else:
        out = render.console()
        print_items(out, rows)
        if out.drawing and not rows:
            out.print("Nothing is in quarantine.")
    return 0


@command.command("show")
@click.argument("item", type=int)
@common
def show(options: Options, /, *, item: int) -> int:
    """Show one item: what is blocked, why, and what can be done."""
    found = quarantine.look(load_config(options), this_machine(options), item)
    row = rows_of(found.items, found.links)[0]
    if options.as_json:
        render.print_json(row)
        return 0
    out = render.console()
    if options.plain:
        out.print(render.table(f"Quarantine item {item}", ["what", "value"], facts_of(row)))
        return 0
    for name, value in facts_of(row):
        out.print(f"{name:15}{value}")
    out.print("Everything after this part waits. Mend the cause first, then type what stands behind next.")
    if found.items[0].part:
        out.print(f"To leave this part out for good: connector quarantine skip {item}")
    return 0


@command.command("retry")
@click.argument("item", type=int)
@common
def retry(options: Options, /, *, item: int) -> int:
    """Let the next run work on an item's conversation again."""
    # Nothing is sent here: the next run finds out what became of a write before it goes on.
    return _tell(options, item, quarantine.retry(load_config(options), this_machine(options), item))


@command.command("skip")
@click.argument("item", type=int)
@common
def skip(options: Options, /, *, item: int) -> int:
    """Leave an item's part, or a write that cannot be found, out for good, and go on behind it."""
    return _tell(options, item, quarantine.skip(load_config(options), this_machine(options), item))


def _tell(options: Options, item: int, queue: str | None) -> int:
    if options.as_json:
        render.print_json({"id": item, "next": f"connector {queue}"})
    else:
        render.console().print(f"Done; the next `connector {queue}` goes on with it.")
    return 0
