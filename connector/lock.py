"""One run at a time: a kernel lock beside the state file, freed by the kernel when the process dies.

Whoever gets it removes the files that a run left which died.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import Locked
from connector.spool import folder_beside, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from state.store import Store


class Lock:
    """The lock being held. Its file remembers the last run, by which a state file of before is noticed."""

    def __init__(self, descriptor: int, last_run: str | None) -> None:
        self._descriptor = descriptor
        self._last_run = last_run

    def take_over(self, store: Store, run: str, *, doubt: bool = False) -> None:
        """Make this run the only one that may write; doubt a state file that is not the last run's."""
        if doubt or self._last_run != store.meta.get("run_id"):
            store.meta.set("doubted", "yes")
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n{run}\n".encode(), 0)
        store.file.take_over(run)


@contextmanager
def exclusive(state: Path) -> Generator[Lock]:
    """Hold the lock of a state file; Locked when another run holds it."""
    descriptor = os.open(f"{state}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = [*_lines(descriptor), "unknown"][0]
            raise Locked(
                f"another run holds the lock (process {holder})", hint="wait until it ends"
            ) from None
        last_run = dict(enumerate(_lines(descriptor))).get(1)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, "\n".join([str(os.getpid()), *filter(None, [last_run]), ""]).encode(), 0)
        remove_leftovers(folder_beside(state))
        yield Lock(descriptor, last_run)
    finally:
        os.close(descriptor)


def _lines(descriptor: int) -> list[str]:
    return os.pread(descriptor, 200, 0).decode(errors="replace").split()
