"""`connector quarantine`: conversations that stopped at a part which cannot be carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.app import quarantine
from connector.cli import render
from connector.cli.opening import load_config, this_machine
from connector.cli.options import Options, common

if TYPE_CHECKING:
    from state.records import QuarantineItem

COLUMNS = ("id", "side", "dashly", "intercom", "part", "reason", "attempts", "tried again")


@click.group("quarantine")
def command() -> None:
    """List, show, retry or skip what is in quarantine."""


@command.command("list")
@common
def list_items(options: Options, /) -> int:
    """List everything in quarantine, oldest first."""
    items = quarantine.items(load_config(options), this_machine())
    if options.as_json:
        render.print_json({"quarantine": [_row(item) for item in items]})
    else:
        render.console().print(render.table("Quarantine", COLUMNS, (list(_row(i).values()) for i in items)))
    return 0


@command.command("show")
@click.argument("item", type=int)
@common
def show(options: Options, /, *, item: int) -> int:
    """Show one item: what is blocked, why, and what can be done."""
    found = quarantine.item(load_config(options), this_machine(), item)
    if options.as_json:
        render.print_json(_row(found))
        return 0
    out = render.console()
    for name, value in _row(found).items():
        out.print(f"{name:10}{value}", markup=False)
    out.print(
        "Everything after this part waits. Mend the cause, then: connector quarantine retry " + str(item)
    )
    return 0


@command.command("retry")
@click.argument("item", type=int)
@common
def retry(options: Options, /, *, item: int) -> int:
    """Let the next run work on an item's conversation again."""
    return _tell(options, item, quarantine.retry(load_config(options), this_machine(), item))


@command.command("skip")
@click.argument("item", type=int)
@common
def skip(options: Options, /, *, item: int) -> int:
    """Leave an item's part, or a write that cannot be found, out for good, and go on behind it."""
    return _tell(options, item, quarantine.skip(load_config(options), this_machine(), item))


def _tell(options: Options, item: int, queue: str | None) -> int:
    if options.as_json:
        render.print_json({"id": item, "next": f"connector {queue}"})
    else:
        render.console().print(f"Done; the next `connector {queue}` goes on with it.")
    return 0


def _row(item: QuarantineItem) -> dict[str, object]:
    return {
        "id": item.id,
        "side": item.side,
        "dashly": item.dashly_id,
        "intercom": item.intercom_id,
        "part": item.part,
        "reason": item.reason,
        "attempts": item.attempts,
        "retry_at": render.iso(item.retry_at),
    }
