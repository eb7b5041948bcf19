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


def retry(config: Config, environment: Environment, number: int) -> str | None:
    """Let the next run work on an item's conversation again; return which command that is."""
    now = environment.clock.now()
    return _change(config, environment, number, lambda store, _: store.quarantine.release(number, due=now))


def retry_all(config: Config, environment: Environment) -> dict[int, str]:
    """Let the next runs work on everything again; return which command that is, by the number of the item."""
    now = environment.clock.now()
    with (
        closing(environment.open_state(place_of(config))) as store,
        alone(place_of(config), environment.clock),
    ):
        released = {item.id: store.quarantine.release(item.id, due=now) for item in store.quarantine.items()}
    return {number: queue.value for number, queue in released.items() if queue is not None}


def skip(config: Config, environment: Environment, number: int) -> str | None:
    """Leave an item's part, or a write that cannot be found, out for good; return which command goes on."""

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
        return queue

    return _change(config, environment, number, leave)


def _change(
    config: Config,
    environment: Environment,
    number: int,
    change: Callable[[Store, QuarantineItem], str | None],
) -> str | None:
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
