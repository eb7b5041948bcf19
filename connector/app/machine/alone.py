"""Being the only run that changes a state; a run that holds the lock and does nothing is recognised."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import Locked
from connector.host.holder import refuse_if_hanging
from connector.host.lock import exclusive, holder_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from connector.host.clock import Clock
    from connector.host.lock import Lock
    from state.access.place import Place


@contextmanager
def alone(place: Place, clock: Clock) -> Generator[Lock]:
    """Hold the lock of a pair; Locked when another run is at work, Hanging when that one hangs."""
    try:
        with exclusive(place) as lock:
            yield lock
    except Locked:
        refuse_if_hanging(place, holder_of(place), clock.now())
        raise
