"""One run at a time: a kernel lock beside the state file, freed by the kernel when the process dies.

Where the state is in a database, a lock there keeps other hosts out as well; the file beside then remembers
what this machine did last. The next holder of the lock removes the files that a dead run left.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from connector.errors import Locked, cannot_use
from connector.host.clock import SystemClock
from connector.host.holder import Holder
from connector.host.rights import open_ours, open_private, read_ours
from connector.host.spool import folder_beside, remove_leftovers
from state.access.peek import peek
from state.access.place import Schema, local
from state.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from state.access.place import Place
    from state.store import Store

# A run id and a process: whatever is longer was written by somebody else.
_LONGEST = 200


class Lock:
    """The lock being held. Its file remembers the last run, by which a state file of before is noticed."""

    def __init__(self, descriptor: int, last_run: str | None) -> None:
        self._descriptor = descriptor
        self._last_run = last_run

    def take_over(self, store: Store, run: str, *, doubt: bool = False) -> None:
        """Make this run the only one that may write; doubt a state file that is not the last run's.

        The state file learns of the run first: one that died in between had not begun, and leaves no doubt.
        """
        if doubt or not store.file.remembers(self._last_run):
            store.meta.set("doubted", "yes")
        store.file.take_over(run, after=self._last_run)
        _write_holder(self._descriptor, run)


@contextmanager
def exclusive(place: Place) -> Generator[Lock]:
    """Hold the lock of a pair.

    Locked when another run holds it; DiskFailed or NotPermitted when its file cannot be used.
    """
    path = lock_file(place)
    try:
        descriptor = open_private(path, os.O_RDWR)
    except OSError as error:
        # One that is there may be another user's; one that is not there needs its folder.
        wrong = path if os.path.lexists(path) else path.parent
        hint = f"check [state] path, or chown or chmod {wrong} for this user"
        raise cannot_use(path, error, hint=hint) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _locked(_holder(descriptor)) from None
        last_run = _holder(descriptor).run
        with _alone_among_hosts(place):
            _write_holder(descriptor, last_run)
            remove_leftovers(folder_beside(local(place)))
            yield Lock(descriptor, last_run)
    finally:
        os.close(descriptor)


@contextmanager
def _alone_among_hosts(place: Place) -> Generator[None]:
    """Hold the lock of the database as well, where the state is in one; Locked when another host has it."""
    if not isinstance(place, Schema):
        yield
        return
    from state.postgres import advisory  # noqa: PLC0415 - of an extra

    with advisory.locked(place) as got:
        if not got:
            raise _locked(_elsewhere(place) or Holder())
        yield


def _elsewhere(place: Place) -> Holder | None:
    """Return who holds the lock of the database, or None when nobody does or none can be asked."""
    if not isinstance(place, Schema):
        return None
    from state.postgres import advisory  # noqa: PLC0415 - of an extra

    with suppress(StateError):
        found = advisory.holder(place)
        if found is not None:
            return Holder(found.process, peek(place, "run_id"), found.since, found.host)
    return None


def _locked(holder: Holder) -> Locked:
    return Locked(
        f"another run holds the lock ({holder})",
        hint="wait until it ends; how long it has worked: connector status",
    )


def holder_of(place: Place) -> Holder:
    """Return who holds the lock of a pair, or held it last on this machine."""
    found = _elsewhere(place)
    if found is not None:
        return found
    with suppress(OSError):
        return Holder.read(read_ours(lock_file(place), _LONGEST).decode(errors="replace"))
    return Holder()


def held_by(place: Place) -> Holder | None:
    """Return who holds the lock of a pair now, or None when it is free or cannot be looked at."""
    return _elsewhere(place) if isinstance(place, Schema) else _held_here(place)


def _held_here(state: Path) -> Holder | None:
    try:
        descriptor = open_ours(lock_file(state), os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def lock_file(place: Place) -> Path:
    """Return the file of a pair's lock on this machine."""
    beside = local(place)
    return beside.with_name(f"{beside.name}.lock")


def _write_holder(descriptor: int, run: str | None) -> None:
    """Write who holds the lock, the last run, and since when it is held."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, Holder(str(os.getpid()), run, SystemClock().now()).text().encode(), 0)


def _holder(descriptor: int) -> Holder:
    return Holder.read(os.pread(descriptor, _LONGEST, 0).decode(errors="replace"))
