"""`connector quarantine`: conversations that stopped at a part which cannot be carried."""

from __future__ import annotations

import click

from connector.app import quarantine
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render


@click.group("quarantine")
@common
def command(_options: Options, /) -> None:
    """List, show, retry or skip what is in quarantine."""


@command.command("list")
@common
def list_items(options: Options, /) -> int:
    """List everything in quarantine, oldest first."""
    items = quarantine.items(load_config(options), this_machine(options))
    if options.as_json:
        render.print_json({"quarantine": render.quarantine_rows(items)})
    else:
        render.console().print(render.quarantine_table(render.quarantine_rows(items)))
    return 0


@command.command("show")
@click.argument("item", type=int)
@common
def show(options: Options, /, *, item: int) -> int:
    """Show one item: what is blocked, why, and what can be done."""
    found = quarantine.item(load_config(options), this_machine(options), item)
    if options.as_json:
        render.print_json(render.quarantine_rows([found])[0])
        return 0
    out = render.console()
    for name, value in render.quarantine_rows([found])[0].items():
        out.print(f"{name.replace('_', ' '):12}{'' if value is None else value}")
    out.print(
        "Everything after this part waits. Mend the cause, then: connector quarantine retry " + str(item)
    )
    return 0


@command.command("retry")
@click.argument("item", type=int)
@common
def retry(options: Options, /, *, item: int) -> int:
    """Let the next run work on an item's conversation again."""
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
