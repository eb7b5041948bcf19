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
from state.access.peek import peek
from state.access.place import Schema, local
from state.access.transactions import ARRIVING, MOVED
from state.care.backups import refuse_without_room
from state.care.moving import copy_rows, counted, mark_arriving, mark_moved

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.host.clock import Clock
    from connector.host.lock import Lock
    from state.access.place import Place
    from state.store import Store


_ELSEWHERE = (
    "name a place that does not exist yet",
    "choose another name in [state] path, or another database",
)
"""Where to move to instead of a file, or of a schema."""


@dataclass(frozen=True, slots=True)
class Moved:
    """From where the state went to where, and how many rows each table has there."""

    source: Place
    target: Place
    rows: Mapping[str, int]


def move(config: Config, environment: Environment, target: Place) -> Moved:
    """Copy a state to a new place, compare both, and leave the source; Locked while a run is at work.

    A move that was cut off is begun again, or ended where only its end was missing. At no time can both
    places be opened.
    """
    source, clock = place_of(config), environment.clock
    folder = local(target).absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}", hint="make it, or name another file with --to")
    if states.exists(target) and not _began_before(source, target):
        raise _occupied(target)
    with alone(source, clock) as lock, _lock_of(target, source, lock, clock) as own:
        rows = None
        if peek(source, MOVED) != str(target) or not _began_before(source, target):
            with closing(environment.open_state(source)) as store:
                rows = _carry_over(store, target, own, environment)
        states.arrived(target)
        if rows is None:
            with closing(environment.open_state(target)) as there:
                rows = counted(there.file)
    return Moved(source, target, rows)


def _occupied(target: Place) -> ConfigError:
    elsewhere = _ELSEWHERE[isinstance(target, Schema)]
    left = peek(target, MOVED) is not None
    hint = f"an earlier move left it there: delete it, or {elsewhere}" if left else elsewhere
    return ConfigError(f"{target} holds something already", hint=hint)


def _began_before(source: Place, target: Place) -> bool:
    """Tell whether a place holds what a move from this source began, and nobody could use."""
    return peek(target, ARRIVING) is not None and peek(target, MOVED) == str(source)


def _carry_over(store: Store, target: Place, own: Lock, environment: Environment) -> Mapping[str, int]:
    """Put all of a state into a new place and leave the old one; what failed leaves nothing behind."""
    source = store.file.place
    if not isinstance(source, Schema) and not isinstance(target, Schema):
        refuse_without_room(source, 1, "moving the state", folder=target.absolute().parent)
    with store.transaction():
        if states.exists(target):
            states.remove(target)
        with _made(target, store.key) as made:
            mark_arriving(made.file, str(source))
            rows = copy_rows(store.file, made.file)
            _open_for_runs(store, made, own, environment)
        # Last of all: until here the source goes on as if nothing had been.
        mark_moved(store.file, str(target))
    return rows


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
