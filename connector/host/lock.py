"""One run at a time: a kernel lock beside the state file, freed by the kernel when the process dies.

Whoever gets it removes the files that a run left which died.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import Locked, cannot_use
from connector.host.clock import SystemClock
from connector.host.holder import Holder
from connector.host.rights import open_ours, open_private, read_ours
from connector.host.spool import folder_beside, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Generator

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
        if doubt or self._last_run not in {store.meta.get("run_id"), store.meta.get("run_before")}:
            store.meta.set("doubted", "yes")
        store.file.take_over(run)
        _write_holder(self._descriptor, run)


@contextmanager
def exclusive(state: Path) -> Generator[Lock]:
    """Hold the lock of a state file.

    Locked when another run holds it; DiskFailed or NotPermitted when its file cannot be used.
    """
    path = Path(f"{state}.lock")
    try:
        descriptor = open_private(path, os.O_RDWR)
    except OSError as error:
        raise cannot_use(
            path, error, hint=f"check [state] path, or chown or chmod {path.parent} for this user"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(descriptor)
            raise Locked(
                f"another run holds the lock (process {holder.process})", hint="wait until it ends"
            ) from None
        last_run = _holder(descriptor).run
        _write_holder(descriptor, last_run)
        remove_leftovers(folder_beside(state))
        yield Lock(descriptor, last_run)
    finally:
        os.close(descriptor)


def holder_of(state: Path) -> Holder:
    """Return who holds the lock of a state file, or held it last."""
    with suppress(OSError):
        return Holder.read(read_ours(Path(f"{state}.lock"), _LONGEST).decode(errors="replace"))
    return Holder()


def held_by(state: Path) -> Holder | None:
    """Return who holds the lock of a state file now, or None when it is free or cannot be looked at."""
    try:
        descriptor = open_ours(Path(f"{state}.lock"), os.O_RDONLY)
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


def _write_holder(descriptor: int, run: str | None) -> None:
    """Write who holds the lock, the last run, and since when it is held."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, Holder(str(os.getpid()), run, SystemClock().now()).text().encode(), 0)


def _holder(descriptor: int) -> Holder:
    return Holder.read(os.pread(descriptor, _LONGEST, 0).decode(errors="replace"))
