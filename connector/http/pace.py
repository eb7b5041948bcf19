"""A pace by a sliding window, as Dashly needs: its limit is known, and no answer tells what is left of it.

The server counts a request when it arrives, somewhere between sending and answer. A request therefore
holds its place from when it is sent until a window after its answer: then no window of the server's
exceeds the limit. Within the limit requests leave evenly, a window's length divided by the limit apart; after
a quiet time a sixth of the limit may leave at once, so that a small run does not wait.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Protocol

from connector.http.turns import Turns

if TYPE_CHECKING:
    import httpx

    from connector.host.clock import Clock
    from mappings.model import Seconds

WINDOW: Seconds = 60.0
# Two clocks never agree to the millisecond on the end of a window.
_MARGIN: Seconds = 0.5
# Other processes do not announce when a place becomes free.
_POLL: Seconds = 1.0
# After a pause a sixth of the minute's requests may leave at once, and the rest is spread evenly.
_BURST = 6
# A wait computed to the microsecond would wake just before its time and be offered none.
_PRECISION: Seconds = 0.001


class RequestLog(Protocol):
    """Where the requests of one API key are remembered, perhaps by several processes."""

    def take(self, *, now: Seconds, limit: int, window: Seconds) -> tuple[int | None, Seconds]:
        """Reserve a place: its ticket and 0, or None and the seconds to wait."""

    def finish(self, ticket: int, now: Seconds) -> None:
        """Say that the answer came now."""


class MemoryRequestLog:
    """A request log that dies with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: set[int] = set()
        self._answered: deque[Seconds] = deque()
        self._next = 0

    def take(self, *, now: Seconds, limit: int, window: Seconds) -> tuple[int | None, Seconds]:
        """Reserve a place: its ticket and 0, or None and the seconds to wait."""
        with self._lock:
            self._forget(now, window)
            too_many = len(self._under_way) + len(self._answered) - limit
            if too_many >= 0:
                return None, self._until(too_many, window - now) if self._answered else _POLL
            self._next += 1
            self._under_way.add(self._next)
            return self._next, 0.0

    def finish(self, ticket: int, now: Seconds) -> None:
        """Say that the answer came now."""
        with self._lock:
            self._under_way.discard(ticket)
            self._answered.append(max(now, self._answered[-1]) if self._answered else now)

    def times(self) -> list[Seconds]:
        """Return when the requests that still count were answered."""
        with self._lock:
            return list(self._answered)

    def _forget(self, now: Seconds, window: Seconds) -> None:
        if self._answered and self._answered[-1] > now:  # the clock was set back
            self._answered = deque(min(at, now) for at in self._answered)
        while self._answered and self._answered[0] <= now - window:
            self._answered.popleft()

    def _until(self, number: int, ahead: Seconds) -> Seconds:
        return self._answered[min(number, len(self._answered) - 1)] + ahead


class WindowPace:
    """At most ``limit`` requests in any minute, counted in a request log, and evenly spread.

    The log goes by the clock that runs since the machine was started: its processes share that one, too, and
    nobody sets it, so that a jump of the time of day neither holds anybody up nor opens the window.
    """

    def __init__(self, log: RequestLog, *, limit: int, clock: Clock) -> None:
        self._log = log
        self._limit = limit
        self._clock = clock
        self._turns = Turns(clock)
        self._apart = (WINDOW + _MARGIN) / limit
        self._slack = self._apart * (max(1, limit // _BURST) - 1)
        self._due: Seconds = clock.monotonic()

    def admit(self) -> int:
        """Wait until the window has room and return the ticket."""
        return self._turns.take(self.offer)

    def rate(self) -> float:
        """Return how many requests a second may leave."""
        return self._limit / WINDOW

    def offer(self) -> tuple[int | None, Seconds]:
        """Return a ticket and 0 when a request may leave now, else None and how long to wait."""
        now = self._clock.monotonic()
        early = self._due - self._slack - now
        if early > _PRECISION:
            return None, early
        ticket, seconds = self._log.take(now=now, limit=self._limit, window=WINDOW + _MARGIN)
        if ticket is None:
            # After a full window the even pace goes on, without making up for the wait.
            self._due = max(self._due, now + seconds + self._slack)
        else:
            self._due = max(self._due, now) + self._apart
        return ticket, seconds

    def done(self, ticket: int, response: httpx.Response | None) -> None:  # noqa: ARG002 - part of Pace
        """Let the window of this request begin."""
        self._log.finish(ticket, self._clock.monotonic())
