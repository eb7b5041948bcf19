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


@contextmanager
def exclusive(state: Path) -> Generator[None]:
    """Hold the lock of a state file; Locked when another run holds it."""
    descriptor = os.open(f"{state}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 64, 0).decode(errors="replace").strip()
            raise Locked(
                f"another run holds the lock (process {holder or 'unknown'})", hint="wait until it ends"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        remove_leftovers(folder_beside(state))
        yield
    finally:
        os.close(descriptor)
