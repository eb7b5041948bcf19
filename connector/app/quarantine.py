"""Conversations that cannot go on by themselves: listing, retrying, leaving a part out."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.app.links import links_of
from connector.app.machine.alone import alone
from connector.config.place import place_of
from connector.engine.sync.failures import leave_out, rows_to_leave_out
from connector.errors import ConfigError
from connector.host.decisions import Decisions, LeftOut
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.app.links import Links
    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from state.records import QuarantineItem
    from state.store import Store


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is in quarantine, oldest first, and how a person gets there."""

    items: tuple[QuarantineItem, ...]
    links: Links


def look(config: Config, environment: Environment, number: int | None = None) -> Waiting:
    """Return all items, or the one of a number; ConfigError when there is none of that number."""
    with closing(environment.open_state(place_of(config))) as store:
        found = store.quarantine.items() if number is None else [_find(store, number)]
        return Waiting(tuple(found), links_of(config, store))


def retry(config: Config, environment: Environment, number: int) -> str:
    """Let the next run work on an item's conversation again; return the command that does."""
    now = environment.clock.now()

    def release(store: Store, found: QuarantineItem) -> str:
        return _continuing(store, found, store.quarantine.release(found.id, due=now))

    return _change(config, environment, number, release)


def retry_all(config: Config, environment: Environment) -> dict[int, str]:
    """Let the next runs work on everything again; return the commands that do, by number of the item."""
    now = environment.clock.now()
    with (
        closing(environment.open_state(place_of(config))) as store,
        alone(place_of(config), environment.clock),
        store.transaction(),  # one for all: thousands of them would take a minute
    ):
        return {
            item.id: _continuing(store, item, store.quarantine.release(item.id, due=now))
            for item in store.quarantine.items()
        }


def _continuing(store: Store, item: QuarantineItem, queue: Queue | None) -> str:
    """Return the command that works on an item's conversation, as it is typed."""
    if queue is not Queue.BACKFILL:
        return "connector sync"
    return f"connector backfill --from {store.pairs.get(item.conversation).origin}"


def skip(config: Config, environment: Environment, number: int) -> str:
    """Leave an item's part, or a write that cannot be found, out for good; return what continues."""

    def leave(store: Store, found: QuarantineItem) -> str:
        ids = store.pairs.get(found.conversation).ids
        rows = rows_to_leave_out(store, found)
        parts = [LeftOut(row.side, ids[row.side], row.id) for row in rows if row.side in ids]
        Decisions.beside(config.state.path).add(parts)  # first: a decision without its row does no harm
        queue = leave_out(store, found, now=environment.clock.now())
        if queue is None:
            raise ConfigError(
                "this item is a whole conversation, not one part",
                hint=f"connector quarantine retry {number}",
            )
        return _continuing(store, found, queue)

    return _change(config, environment, number, leave)


def _change(
    config: Config,
    environment: Environment,
    number: int,
    change: Callable[[Store, QuarantineItem], str],
) -> str:
    with (
        closing(environment.open_state(place_of(config))) as store,
        alone(place_of(config), environment.clock),
    ):
        return change(store, _find(store, number))


def _find(store: Store, number: int) -> QuarantineItem:
    for found in store.quarantine.items():
        if found.id == number:
            return found
    raise ConfigError(f"there is no quarantine item {number}", hint="connector quarantine list")
