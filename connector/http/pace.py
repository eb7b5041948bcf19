"""Pacing: a transport that asks for a turn before each attempt, and the sliding window that Dashly needs.

The server counts a request when it arrives, somewhere between sending and answer. A request therefore
holds its place from when it is sent until a window after its answer: then no window of the server's
exceeds the limit.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

import httpx

from connector.http.waiting import wait

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from mappings.model import Seconds

WINDOW: Seconds = 60.0
# Two clocks never agree to the millisecond on when a window ends.
_MARGIN: Seconds = 0.5
_POLL: Seconds = 1.0


class Pace(Protocol):
    """Decides when a request may leave."""

    def admit(self) -> int:
        """Wait for a turn and return its ticket."""

    def done(self, ticket: int, response: httpx.Response | None) -> None:
        """Give the ticket back with the answer, or None when there was none."""


class Paced(httpx.BaseTransport):
    """Sends each attempt when its pace admits it."""

    def __init__(self, inner: httpx.BaseTransport, pace: Pace) -> None:
        self._inner = inner
        self._pace = pace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Wait for a turn, then pass the request on."""
        ticket = self._pace.admit()
        response: httpx.Response | None = None
        try:
            response = self._inner.handle_request(request)
        finally:
            self._pace.done(ticket, response)
        return response

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()


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
        self._finished: dict[int, Seconds | None] = {}
        self._next = 0

    def take(self, *, now: Seconds, limit: int, window: Seconds) -> tuple[int | None, Seconds]:
        """Reserve a place: its ticket and 0, or None and the seconds to wait."""
        with self._lock:
            self._finished = {
                ticket: at if at is None else min(at, now)
                for ticket, at in self._finished.items()
                if at is None or at > now - window
            }
            if len(self._finished) >= limit:
                answered = [at for at in self._finished.values() if at is not None]
                return None, min(answered) + window - now if answered else _POLL
            self._next += 1
            self._finished[self._next] = None
            return self._next, 0.0

    def finish(self, ticket: int, now: Seconds) -> None:
        """Say that the answer came now."""
        with self._lock:
            self._finished[ticket] = now

    def times(self) -> list[Seconds]:
        """Return when the requests that still count were answered."""
        with self._lock:
            return [at for at in self._finished.values() if at is not None]


class WindowPace:
    """At most ``limit`` requests in any minute, counted in a request log."""

    def __init__(self, log: RequestLog, *, limit: int, clock: Clock) -> None:
        self._log = log
        self._limit = limit
        self._clock = clock

    def admit(self) -> int:
        """Wait until the window has room and return the ticket."""
        while True:
            ticket, seconds = self._log.take(
                now=self._clock.now(), limit=self._limit, window=WINDOW + _MARGIN
            )
            if ticket is not None:
                return ticket
            wait(self._clock, max(seconds, 0.001))

    def done(self, ticket: int, response: httpx.Response | None) -> None:  # noqa: ARG002 - part of Pace
        """Let the window of this request begin."""
        self._log.finish(ticket, self._clock.now())
