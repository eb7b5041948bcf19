"""`connector quarantine`: conversations that stopped at a part which cannot be carried."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from connector.app.session import open_state
from connector.cli import render
from connector.cli.options import Options, common
from connector.engine.sync.failures import leave_out
from connector.errors import ConfigError
from connector.host.clock import SystemClock
from connector.host.lock import exclusive

if TYPE_CHECKING:
    from collections.abc import Callable

    from state.records import QuarantineItem
    from state.store import Store


@click.group("quarantine")
@common
def command(_options: Options, /) -> None:
    """List, show, retry or skip what is in quarantine."""


@command.command("list")
@common
def list_items(options: Options, /) -> int:
    """List everything in quarantine, oldest first."""
    _, store = open_state(options)
    with closing(store):
        items = store.quarantine.items()
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
    _, store = open_state(options)
    with closing(store):
        found = _find(store, item)
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
    return _change(options, item, lambda store: store.quarantine.release(item, due=SystemClock().now()))


@command.command("skip")
@click.argument("item", type=int)
@common
def skip(options: Options, /, *, item: int) -> int:
    """Leave an item's part, or a write that cannot be found, out for good, and go on behind it."""

    def skip_it(store: Store) -> str | None:
        queue = leave_out(store, _find(store, item), now=SystemClock().now())
        if queue is None:
            raise ConfigError(
                "this item is a whole conversation, not one part", hint=f"connector quarantine retry {item}"
            )
        return queue

    return _change(options, item, skip_it)


def _change(options: Options, item: int, change: Callable[[Store], str | None]) -> int:
    config, store = open_state(options)
    with closing(store), exclusive(config.state.path):
        _find(store, item)
        queue = change(store)
    if options.as_json:
        render.print_json({"id": item, "next": f"connector {queue}"})
    else:
        render.console().print(f"Done; the next `connector {queue}` goes on with it.")
    return 0


def _find(store: Store, item: int) -> QuarantineItem:
    for found in store.quarantine.items():
        if found.id == item:
            return found
    raise ConfigError(f"there is no quarantine item {item}", hint="connector quarantine list")
