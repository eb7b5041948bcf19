"""A pace that learns the limit from the answers, as Intercom wants: its figures differ by app and plan.

``X-RateLimit-Remaining`` counts what is left until ``X-RateLimit-Reset``. Requests in flight may not be in
that figure yet, so they are taken off it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from connector.http.waiting import LONGEST_ADVICE, number, wait

if TYPE_CHECKING:
    import httpx

    from connector.host.clock import Clock
    from connector.http.server_time import ServerTime
    from mappings.model import Seconds


class HeaderPace:
    """Lets requests through while the last answers say that there is room, else waits for the reset."""

    def __init__(self, *, clock: Clock, server_time: ServerTime) -> None:
        self._clock = clock
        self._server_time = server_time
        self._lock = threading.Lock()
        self._in_flight = 0
        self._remaining: float | None = None
        self._reset: Seconds = 0.0

    def admit(self) -> int:
        """Wait until there is room."""
        while True:
            with self._lock:
                seconds = self._needed_wait()
                if not seconds:
                    self._in_flight += 1
                    return 0
            wait(self._clock, seconds)

    def done(self, ticket: int, response: httpx.Response | None) -> None:  # noqa: ARG002 - part of Pace
        """Learn from the answer's headers."""
        with self._lock:
            self._in_flight -= 1
            if response is not None:
                self._learn(response)

    def _needed_wait(self) -> Seconds:
        if self._remaining is None or self._remaining > self._in_flight:
            return 0.0
        left = self._reset - self._server_time.now()
        if left <= 0:
            self._remaining = None
            return 0.0
        return min(left, LONGEST_ADVICE)

    def _learn(self, response: httpx.Response) -> None:
        remaining = number(response.headers.get("X-RateLimit-Remaining", ""))
        reset = number(response.headers.get("X-RateLimit-Reset", ""))
        if remaining is None or reset is None or reset < self._reset:
            return
        same_window = reset == self._reset and self._remaining is not None
        self._remaining = min(remaining, self._remaining or 0.0) if same_window else remaining
        self._reset = reset
