"""Being the only one who changes a state file; one who holds it and does nothing any more is told apart."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import Locked
from connector.host.holder import refuse_if_hanging
from connector.host.lock import exclusive, holder_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from connector.host.clock import Clock
    from connector.host.lock import Lock


@contextmanager
def alone(state: Path, clock: Clock) -> Generator[Lock]:
    """Hold the lock of a state file; Locked when another run is at work, Hanging when that one hangs."""
    try:
        with exclusive(state) as lock:
            yield lock
    except Locked:
        refuse_if_hanging(state, holder_of(state), clock.now())
        raise
