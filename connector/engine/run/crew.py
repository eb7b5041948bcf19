"""The threads of a run: as many as the latency of the sides and their limits can use, and no more.

Work is handed out one by one, so that a long conversation keeps one thread busy and never the others waiting.
"""

from __future__ import annotations

import math
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping

    from connector.helpdesk.port import Helpdesk
    from mappings.model import Seconds, Side

T = TypeVar("T")
R = TypeVar("R")

FEWEST = 4  # also before any answer came
MOST = 64
SPARE = 1.3  # between two requests of a conversation there is work of our own, and the other side
NOW_AND_THEN: Seconds = 1.0
AHEAD = 4  # results for each thread that wait for an earlier one, which takes longer


@dataclass(frozen=True)
class Crew:
    """How many threads work; ``workers`` is the configured number, or "auto"."""

    workers: int | Literal["auto"]
    helpdesks: Mapping[Side, Helpdesk]

    @property
    def size(self) -> int:
        """Return how many conversations are in work at once, by what the answers took lately."""
        if self.workers != "auto":
            return min(self.workers, MOST)
        widest = max(helpdesk.width for helpdesk in self.helpdesks.values())
        return max(FEWEST, min(MOST, math.ceil(widest * SPARE)))

    @contextmanager
    def team(self, meanwhile: Callable[[], None] = lambda: None) -> Generator[Team[Any]]:
        """Open a team of threads; at the end it finishes what it began.

        Whoever waits for it does something ``meanwhile``, now and then.
        """
        with ThreadPoolExecutor(max_workers=MOST) as pool:
            yield Team(self, pool, meanwhile)

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield what the work on each item returns, in the order of the items."""
        if self.workers == 1:
            yield from map(work, items)
            return
        with ThreadPoolExecutor(max_workers=MOST) as pool:
            waiting: deque[Future[R]] = deque()
            try:
                for item in items:
                    while under_way := self._too_many(waiting):
                        if waiting[0].done() or len(waiting) >= self.size * AHEAD:
                            yield waiting.popleft().result()
                        else:
                            wait(under_way, return_when=FIRST_COMPLETED)
                    waiting.append(pool.submit(copy_context().run, work, item))
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _too_many(self, waiting: Collection[Future[R]]) -> list[Future[R]]:
        """Return what is under way, when nothing may be added to it or to what waits; else nothing."""
        under_way = [one for one in waiting if not one.done()]
        full = len(under_way) >= self.size or len(waiting) >= self.size * AHEAD
        return (under_way or list(waiting)) if full else []


@dataclass
class Team(Generic[R]):
    """Threads at work on conversations, each of which one thread has at a time."""

    crew: Crew
    pool: ThreadPoolExecutor
    meanwhile: Callable[[], None]
    _at: dict[Future[R], int] = field(default_factory=dict)

    def hand(self, row: int, work: Callable[[int], R]) -> Iterator[tuple[int, R]]:
        """Begin the work on a conversation, and yield what was finished until there is room for another."""
        self._at[self.pool.submit(copy_context().run, work, row)] = row
        while len(self._at) >= self.crew.size:
            yield from self._finished()

    def rest(self) -> Iterator[tuple[int, R]]:
        """Wait for what is under way, and yield it."""
        while self._at:
            yield from self._finished()

    def ended(self) -> Iterator[tuple[int, R]]:
        """Wait for what is under way when something failed, and yield what ended well all the same."""
        wait(self._at)
        for future, row in self._at.items():
            if future.exception() is None:
                yield row, future.result()
        self._at.clear()

    def _finished(self) -> Iterator[tuple[int, R]]:
        done, _ = wait(self._at, NOW_AND_THEN, FIRST_COMPLETED)
        if not done:
            self.meanwhile()
        for future in done:
            yield self._at.pop(future), future.result()
