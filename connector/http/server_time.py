"""The server's clock, from the Date headers of its answers and the time passed since.

The header has whole seconds and is written between sending and answer, so one answer says that the server's
time lies in a span of a second and a round trip. The estimate is the beginning of that span: it lags, and
never runs ahead, as a watermark needs. Answers that agree with each other make it sharper; one that
contradicts them is taken as it is, since nothing here decides which clock is right (see ``trusted_time``).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.http.waiting import parse_http_date

if TYPE_CHECKING:
    import httpx

    from connector.host.clock import Clock
    from mappings.model import Seconds

# A Date header tells whole seconds.
_RESOLUTION: Seconds = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server's clock shows now, and how long ago its newest Date came."""

    time: Seconds
    age: Seconds


class ServerTime:
    """Knows how far the server's clock is from this machine's; goes on evenly when the latter is set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ahead: Seconds | None = None
        self._seen: Seconds = 0.0

    def observe(self, response: httpx.Response, *, sent: Seconds) -> None:
        """Learn from an answer that just arrived to a request ``sent`` at a monotonic time."""
        date = parse_http_date(response.headers.get("Date", ""))
        if date is None:
            return
        now = self._clock.monotonic()
        earliest, latest = date - now, date + _RESOLUTION - sent
        with self._lock:
            if self._ahead is None or not earliest <= self._ahead <= latest:
                self._ahead = earliest
            self._seen = now

    def now(self) -> Seconds:
        """Return the server's time; this machine's until a server told its own."""
        reading = self.reading()
        return self._clock.now() if reading is None else reading.time

    def reading(self) -> Reading | None:
        """Return what the server's clock shows; None when no answer had a date."""
        with self._lock:
            if self._ahead is None:
                return None
            now = self._clock.monotonic()
            return Reading(now + self._ahead, now - self._seen)

    @property
    def skew(self) -> Seconds | None:
        """Return server minus machine, to about a second; None when no answer had a date."""
        reading = self.reading()
        return None if reading is None else reading.time - self._clock.now()
