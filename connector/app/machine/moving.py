"""Moving the state of a pair to another place: from a file into a database, or back."""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.app.machine.alone import alone
from connector.config.place import place_of
from connector.errors import ConfigError
from connector.host.lock import lock_file
from connector.http.pace import WINDOW
from mappings.model import Side
from state import store as states
from state.access.place import Schema
from state.care.backups import refuse_without_room
from state.care.moving import copy_rows, mark_moved

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.host.clock import Clock
    from connector.host.lock import Lock
    from state.access.place import Place
    from state.store import Store


@dataclass(frozen=True, slots=True)
class Moved:
    """From where the state went to where, and how many rows each table has there."""

    source: Place
    target: Place
    rows: Mapping[str, int]


def move(config: Config, environment: Environment, target: Place) -> Moved:
    """Copy a state to a new place, compare both, and mark the source; Locked while a run is at work."""
    source, clock = place_of(config), environment.clock
    if states.exists(target):
        raise ConfigError(f"{target} holds something already", hint="name a place that does not exist yet")
    with alone(source, clock) as lock, closing(environment.open_state(source)) as store:
        if not isinstance(source, Schema) and not isinstance(target, Schema):
            refuse_without_room(source, 1, "moving the state", folder=target.absolute().parent)
        with _lock_of(target, source, lock, clock) as own, store.transaction():
            with _made(target, store.key) as made:
                rows = copy_rows(store.file, made.file)
                _open_for_runs(store, made, own, environment)
            # Last of all: until here the source goes on as if nothing had been.
            mark_moved(store.file, str(target))
    return Moved(source, target, rows)


@contextmanager
def _lock_of(target: Place, source: Place, lock: Lock, clock: Clock) -> Generator[Lock]:
    """Hold the lock of the target, which is that of the source where both have one file for it."""
    if lock_file(target) == lock_file(source):
        yield lock
        return
    with alone(target, clock) as own:
        yield own


@contextmanager
def _made(target: Place, key: bytes) -> Generator[Store]:
    """Make a state for as long as it is filled; what failed leaves nothing behind."""
    made = states.create(target, key=key)
    try:
        with closing(made):
            yield made
    except BaseException:
        with suppress(Exception):
            states.remove(target)
        raise


def _open_for_runs(source: Store, target: Store, lock: Lock, environment: Environment) -> None:
    """Let this machine remember the new place, and count the requests of the last minute there."""
    run, now = environment.new_run_id(), environment.clock.now()
    at = environment.clock.monotonic()
    lock.take_over(target, run)
    target.runs.begin(run, "move", now)
    target.runs.finish(run, now, 0, {})
    for side in Side:
        used = source.budgets[side].used(now=at, window=WINDOW)
        target.budgets[side].record([at] * used, now=at)
