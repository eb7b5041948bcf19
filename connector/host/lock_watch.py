"""Looking at the lock of a state file from outside, without holding it."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mappings.model import Seconds


@dataclass(frozen=True, slots=True)
class Held:
    """Which process holds a lock, and since when."""

    process: str
    since: Seconds


def held_by(state: Path) -> Held | None:
    """Return who holds the lock, or None when it is free or cannot be looked at."""
    try:
        descriptor = os.open(f"{state}.lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        words = os.pread(descriptor, 64, 0).decode(errors="replace").split()
        return Held(words[0] if words else "unknown", os.fstat(descriptor).st_mtime)
    else:
        return None
    finally:
        os.close(descriptor)
