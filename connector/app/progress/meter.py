"""Counting how far long work is, from what became of conversations, and estimating when it ends."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from connector.engine.run.rows import Rows
from connector.host.progress import Progress, Work
from connector.http.pace import WINDOW
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from connector.app.machine.environment import Environment
    from connector.app.progress.backfill import Keeper
    from connector.config.model import Config
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from connector.host.progress import Wait, Watch
    from mappings.model import Seconds


def meter_of(config: Config, environment: Environment, work: Work) -> Meter:
    """Return the meter of a piece of work."""
    return Meter(work, environment.clock, environment.watch, limit=config.dashly.requests_per_minute)


@dataclass
class Meter:
    """Counts one piece of work and shows it to a watch; any thread may report to it.

    The time left is the longer of what the pace so far and Dashly's limit of requests a minute say.
    """

    work: Work
    clock: Clock
    watch: Watch
    limit: int
    _keeper: Keeper | None = None
    _helpdesks: Mapping[Side, Helpdesk] = field(default_factory=dict)
    _done: Rows = field(default_factory=Rows)
    _aside: Rows = field(default_factory=Rows)
    _listed: int = 0
    _due: int | None = None
    _wait: Wait | None = None
    _began: Seconds | None = None
    _spent_before: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def counting(self, helpdesks: Mapping[Side, Helpdesk]) -> Generator[None]:
        """Count the requests of both sides too, until the work is over."""
        self._helpdesks = helpdesks
        self._begin()
        try:
            yield
        finally:
            self.watch.ended()

    @contextmanager
    def kept(self, keeper: Keeper) -> Generator[None]:
        """Have a keeper record how far it is meanwhile, and at the end."""
        self._keeper = keeper
        try:
            yield
        finally:
            self._keeper = None
            keeper.keep(self.now(), last=True)

    def listed(self) -> None:
        """Count one more conversation in a list."""
        with self._lock:
            self._listed += 1
            if not self._done:
                self._begin()  # reading the list is not the pace of the work
        self._tell()

    def due(self, count: int) -> None:
        """Record how many are to be worked on; later counts include done ones, to be looked at again."""
        with self._lock:
            self._due = max(self._due or 0, count)
        self._tell()

    def done(self, row: int) -> None:
        """Count a conversation that is finished."""
        with self._lock:
            self._done.add(row)
            self._aside.discard(row)
        self._tell()

    def put_aside(self, row: int) -> None:
        """Count a conversation that failed and waits for a later run."""
        with self._lock:
            self._aside.add(row)
        self._tell()

    def waiting(self, wait: Wait) -> None:
        """Record a wait."""
        with self._lock:
            self._wait = wait
        self._tell()

    def now(self) -> Progress:
        """Return how far it is."""
        with self._lock:
            done, left, requests = len(self._done), self._left(), self._requests()
            spent = requests.get(Side.DASHLY, 0) - self._spent_before
            ahead = ceil(left * spent / done) if left is not None and done else None
            rate = self._rate(done)
            return Progress(
                work=self.work,
                done=done,
                left=left,
                aside=len(self._aside),
                listed=self._listed,
                requests=requests,
                ahead=ahead,
                rate=rate,
                seconds_left=None if rate is None or left is None else self._rest(left / rate, ahead or 0),
                wait=self._wait,
            )

    def _begin(self) -> None:
        self._began = self.clock.monotonic()
        self._spent_before = self._requests().get(Side.DASHLY, 0)

    def _tell(self) -> None:
        found = self.now()
        if self._keeper is not None:
            self._keeper.keep(found)
        self.watch.heard(found)

    def _left(self) -> int | None:
        return None if self._due is None else max(0, self._due - len(self._done) - len(self._aside))

    def _requests(self) -> dict[Side, int]:
        return {side: helpdesk.usage.requests for side, helpdesk in self._helpdesks.items()}

    def _rate(self, done: int) -> float | None:
        seconds = self.clock.monotonic() - (self._began or 0.0)
        return done / seconds if done and seconds > 0 else None

    def _rest(self, by_pace: Seconds, ahead: int) -> Seconds:
        return max(by_pace, ahead * WINDOW / self.limit)
