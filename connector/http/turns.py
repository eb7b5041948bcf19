"""Turns: attempts that wait for a pace leave by priority, then in order of arrival.

Only the first in the line asks the pace, so that whoever is more urgent overtakes at the next turn, and a
crowd of threads does not wake up for one place.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from connector.errors import STOPPED, Stopped
from connector.http.waiting import wait

if TYPE_CHECKING:
    from collections.abc import Generator

    import httpx

    from connector.host.clock import Clock
    from mappings.model import Seconds


class Priority(IntEnum):
    """What a request is for; the smaller goes first."""

    RECOVERY = 1
    LIVE = 2
    POLL = 3
    BACKFILL = 4
    VERIFY = 5


_current: ContextVar[Priority] = ContextVar("priority", default=Priority.LIVE)


@contextmanager
def priority(level: Priority) -> Generator[None]:
    """Give the requests of this thread a priority; a new thread begins with LIVE."""
    token = _current.set(level)
    try:
        yield
    finally:
        _current.reset(token)


# What a pace answers: a ticket and 0, or None and how long to wait before it is asked again.
Offer = Callable[[], tuple[int | None, "Seconds"]]


class _Waiting:
    def __init__(self, rank: tuple[int, int], turn: threading.Condition) -> None:
        self.rank = rank
        self.turn = turn

    def __lt__(self, other: _Waiting) -> bool:
        return self.rank < other.rank


class Turns:
    """The line of one pace; safe to share by threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._line: list[_Waiting] = []
        self._numbers = itertools.count()

    def take(self, offer: Offer) -> int:
        """Wait until this request is first and the pace has room; ``Stopped`` when a stop comes first."""
        with self._lock:
            me = _Waiting((_current.get(), next(self._numbers)), threading.Condition(self._lock))
            heapq.heappush(self._line, me)
        try:
            return self._wait(me, offer)
        finally:
            with self._lock:
                self._line.remove(me)
                heapq.heapify(self._line)
                self._call_first()

    def _wait(self, me: _Waiting, offer: Offer) -> int:
        while True:
            with self._lock:
                while self._line[0] is not me:
                    me.turn.wait()
                # Also where there is room: a conversation in hand may have many more writes.
                if self._clock.stopped:
                    raise Stopped(STOPPED)
                ticket, seconds = offer()
            if ticket is not None:
                return ticket
            wait(self._clock, max(seconds, 0.001))

    def _call_first(self) -> None:
        if self._line:
            self._line[0].turn.notify()


class Pace(Protocol):
    """Decides when a request may leave."""

    def admit(self) -> int:
        """Wait for a turn and return its ticket."""

    def rate(self) -> float:
        """Return how many requests a second may leave, as far as that is known."""

    def done(self, ticket: int, response: httpx.Response | None) -> None:
        """Give the ticket back with the answer, or None when there was none."""
