"""The sandbox's time: real time plus an offset that tests and demos push forward."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from email.utils import formatdate


class Clock:
    """Real time plus an offset."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the virtual Unix time in seconds."""
        with self._lock:
            return time.time() + self._offset  # noqa: TID251 - the one place where the sandbox reads real time

    def advance(self, seconds: float) -> float:
        """Move the virtual time forward and return it."""
        if seconds < 0:
            raise ValueError("the virtual clock only goes forward")
        with self._lock:
            self._offset += seconds
        return self.now()


@dataclass(slots=True)
class SideClock:
    """One helpdesk's view of the shared clock, wrong by `skew` seconds, its `Date` by `date_skew` more."""

    clock: Clock
    skew: float = 0.0
    date_skew: float = 0.0

    def now(self) -> float:
        """Return this side's Unix time with microseconds."""
        return round(self.clock.now() + self.skew, 6)

    def steady(self) -> float:
        """Return the time that no jump of this side's clock moves, for what counts seconds."""
        return self.clock.now()

    def http_date(self) -> str:
        """Return this side's time as a `Date` header."""
        return formatdate(self.now() + self.date_skew, usegmt=True)
