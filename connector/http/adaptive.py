"""A pace that learns the limit from the answers, as Intercom wants: its numbers differ by app and plan.

``X-RateLimit-Remaining`` counts what is left until ``X-RateLimit-Reset``. Requests in flight may not be in
that figure yet, so they are taken off it; what is left then is spread over the rest of the window. Every
number is only a remote's claim: no wait exceeds the longest advice, and where the numbers make no sense, a
window of ten seconds is assumed, in which at least one request asks again.
"""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.http.turns import Turns
from connector.http.waiting import moment, number

if TYPE_CHECKING:
    import httpx

    from connector.host.clock import Clock
    from connector.http.server_time import ServerTime
    from mappings.model import Seconds

PERIOD: Seconds = 10.0
# What Intercom's manual allows in that time, until an answer tells.
ALLOWED = 1666.0
# The last requests of a nearly full window are not spread over the rest of it.
_FARTHEST_APART: Seconds = 0.1
# An answer on its way may announce room at any moment.
_POLL: Seconds = 0.02


@dataclass(slots=True)
class _Window:
    """What is known of the window of the server's that runs: monotonic times, and the reset that names it."""

    began: Seconds
    ends: Seconds
    remaining: float
    most: float
    reset: Seconds = 0.0
    assumed: bool = False


class HeaderPace:
    """Lets requests through evenly while the last answers tell of room, else waits for the reset."""

    def __init__(self, *, clock: Clock, server_time: ServerTime) -> None:
        self._clock = clock
        self._server_time = server_time
        self._turns = Turns(clock)
        self._lock = threading.Lock()
        self._tickets = itertools.count(1)
        self._in_flight: dict[int, Seconds] = {}
        self._answered = False
        self._window: _Window | None = None
        self._due: Seconds = 0.0
        self._limit = ALLOWED

    def admit(self) -> int:
        """Wait until there is room and return the ticket."""
        return self._turns.take(self.offer)

    def rate(self) -> float:
        """Return how many requests a second may leave, by the limit that the last answer told."""
        return self._limit / PERIOD

    def offer(self) -> tuple[int | None, Seconds]:
        """Return a ticket and 0 when a request may leave now, else None and how long to wait."""
        with self._lock:
            now = self._clock.monotonic()
            seconds = self._needed_wait(now)
            if seconds > 0:
                return None, seconds
            ticket = next(self._tickets)
            self._in_flight[ticket] = now
            return ticket, 0.0

    def done(self, ticket: int, response: httpx.Response | None) -> None:
        """Learn from the answer's headers."""
        with self._lock:
            sent = self._in_flight.pop(ticket)
            self._answered = True
            if response is not None:
                self._learn(response, sent)

    def _needed_wait(self, now: Seconds) -> Seconds:
        if not self._answered:  # one request asks, the others wait for its answer
            return _POLL if self._in_flight else 0.0
        if self._window is None:
            return 0.0
        if now >= self._window.ends:
            self._window = _next_window(self._window, now)
        return self._wait_in(self._window, now)

    def _wait_in(self, window: _Window, now: Seconds) -> Seconds:
        if now < self._due:
            return self._due - now
        room = window.remaining - self._counted_later(window)
        if room >= 1:
            self._due = now + min((window.ends - now) / room, _FARTHEST_APART)
            return 0.0
        # An answer may tell that a request in flight was counted already: that is room.
        wait_for_answers = window.remaining >= 1 and self._in_flight
        return min(_POLL, window.ends - now) if wait_for_answers else window.ends - now

    def _counted_later(self, window: _Window) -> int:
        """Return how many requests may not be in the figure yet; those lost in an older window are not."""
        return sum(sent > window.began - PERIOD for sent in self._in_flight.values())

    def _learn(self, response: httpx.Response, sent: Seconds) -> None:
        self._limit = number(response.headers.get("X-RateLimit-Limit", "")) or self._limit
        remaining = number(response.headers.get("X-RateLimit-Remaining", ""))
        stated = number(response.headers.get("X-RateLimit-Reset", ""))
        if remaining is None or stated is None:
            return
        now, there = self._clock.monotonic(), self._server_time.now()
        reset = moment(response.headers["X-RateLimit-Reset"], there)
        ends = now + (PERIOD if reset is None else max(reset - there, _POLL))
        told = _Window(now, ends, remaining, remaining, reset or 0.0)
        self._window = told if self._window is None else _newer(self._window, told, sent)


def _next_window(last: _Window, now: Seconds) -> _Window:
    """Return the window that must have begun: its figure is a guess until its first answer."""
    allowance = last.most + 1
    return _Window(now, now + PERIOD, allowance, 0.0, last.reset, assumed=True)


def _newer(known: _Window, told: _Window, sent: Seconds) -> _Window:
    """Return what is known after an answer; answers may overtake each other."""
    if told.reset > known.reset or told.began >= known.ends:
        return told
    if told.reset < known.reset or (known.assumed and sent < known.began):
        return known  # the word of a window that is over
    if known.assumed:
        return told  # the server's window is not over yet
    remaining, ends = min(known.remaining, told.remaining), min(known.ends, told.ends)
    most = max(known.most, told.most)
    return _Window(known.began, ends, remaining, most, known.reset)
