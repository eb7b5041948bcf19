"""`connector quarantine`: conversations that stopped at a part which cannot be carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.app import quarantine
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render
from connector.cli.output.quarantine_view import facts_of, print_items, rows_of
from connector.host.amounts import counted

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.group("quarantine")
@common
def command(_options: Options, /) -> None:
    """List, show, retry or skip what is in quarantine."""


_ITEM = "Its number in `quarantine list`."


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
@click.argument("item", type=int, help=_ITEM)
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
    out.print(
        "Everything after this part waits. Remove the cause first, then type the command shown as next."
    )
    if found.items[0].part:
        out.print(f"To leave this part out for good: connector quarantine skip {item}")
    return 0


@command.command("retry")
@click.argument("item", type=int, required=False, help=_ITEM)
@click.option("--all", "everything", is_flag=True, help="All items: one cause often puts many here.")
@common
def retry(options: Options, /, *, item: int | None, everything: bool) -> int:
    """Let the next run work on an item's conversation again."""
    if (item is None) is not everything:
        raise click.UsageError("name one item, or give --all: connector quarantine list shows their numbers")
    config, machine = load_config(options), this_machine(options)
    # Nothing is sent here: the next run finds out what became of a write before it goes on.
    if item is not None:
        return _tell(options, item, quarantine.retry(config, machine, item))
    return _tell_all(options, quarantine.retry_all(config, machine))


@command.command("skip")
@click.argument("item", type=int, help=_ITEM)
@common
def skip(options: Options, /, *, item: int) -> int:
    """Leave an item's part out for good, and go on with what follows it.

    The item may also be a write that cannot be found.
    """
    return _tell(options, item, quarantine.skip(load_config(options), this_machine(options), item))


def _tell_all(options: Options, released: Mapping[int, str]) -> int:
    then = ", then: ".join(sorted(set(released.values()), reverse=True))
    if options.as_json:
        render.print_json({"ids": list(released), "next": then})
    elif released:
        out = render.console()
        out.print(f"{counted(len(released), 'item')} let go on.")
        out.tell_next(then)
    else:
        render.console().print("Nothing is in quarantine.")
    return 0


def _tell(options: Options, item: int, then: str) -> int:
    if options.as_json:
        render.print_json({"id": item, "next": then})
    else:
        render.console().print(f"Done; the next `{then}` continues with it.")
    return 0
