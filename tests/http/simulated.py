"""Many workers and one server in virtual time: who may send when, and what the server counts."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import httpx

    from connector.http.server_time import ServerTime


class Jumping:
    """Time that only this simulation moves; its time of day may be set."""

    stopped = False

    def __init__(self) -> None:
        self.passed = 1_000.0
        self.day = 1_800_000_003.7

    def now(self) -> float:
        """Return the time of day."""
        return self.passed + self.day

    def monotonic(self) -> float:
        """Return what nobody sets."""
        return self.passed

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.passed += seconds


@dataclass
class Workers:
    """Workers that send without a pause, each through a pace; ``arrivals`` is what the server saw."""

    clock: Jumping
    paces: Sequence[Any]
    latency: float
    answer: Callable[[float], httpx.Response | None] = lambda _at: None
    server_time: ServerTime | None = None
    arrivals: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._random = random.Random(7)  # noqa: S311 - a simulation
        for pace in self.paces:
            self._at(0.0, self._sending(pace))

    def run(self, seconds: float) -> None:
        """Let the time pass."""
        until = self.clock.passed + seconds
        while self._events and self._events[0][0] <= until:
            at, _, event = heapq.heappop(self._events)
            self.clock.passed = max(self.clock.passed, at)
            event()
        self.clock.passed = until

    def _at(self, seconds: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.clock.passed + seconds, next(self._numbers), event))

    def _sending(self, pace: Any) -> Callable[[], None]:
        def send() -> None:
            ticket, seconds = pace.offer()
            if ticket is None:
                self._at(max(seconds, 0.001), send)
                return
            duration = self.latency * self._random.uniform(0.7, 1.3)
            there = duration * self._random.uniform(0.3, 0.7)
            sent = self.clock.passed
            self._at(there, lambda: self._arrive(pace, ticket, sent, duration - there))

        return send

    def _arrive(self, pace: Any, ticket: int, sent: float, back: float) -> None:
        self.arrivals.append(self.clock.passed)
        response = self.answer(self.clock.passed)

        def finish() -> None:
            if self.server_time is not None and response is not None:
                self.server_time.observe(response, sent=sent)
            pace.done(ticket, response)
            self._sending(pace)()

        self._at(back, finish)


def most_within(arrivals: Sequence[float], seconds: float) -> int:
    """Return the largest number of arrivals within any such time, both ends included."""
    ordered, first, most = sorted(arrivals), 0, 0
    for last, at in enumerate(ordered):
        while at - ordered[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
