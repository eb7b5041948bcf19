"""When each pair is due: passes of one pair begin an interval apart, and those of all are spread over it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from connector.fleet.breaker import Ended, judge

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping

    from connector.fleet.breaker import Rest
    from mappings.model import Seconds

FIRST_WITHIN: Seconds = 60.0
"""All pairs are passed once within this time, however long the interval is."""


@dataclass(slots=True)
class Seat:
    """One pair's place: when it is due, its beat, what it rests for, and how its last pass ended."""

    due: Seconds
    beat: Seconds
    started: Seconds | None = None
    failures: int = 0
    rest: Rest | None = None
    trace: Hashable = None
    last: Ended | None = None
    woken: bool = False

    @property
    def running(self) -> bool:
        """Tell whether a pass is under way."""
        return self.started is not None


class Agenda:
    """The seats of all pairs; times are those of a clock that nobody sets."""

    def __init__(self, every: Seconds, seats: Mapping[str, Seat] | None = None) -> None:
        self._every = every
        self._seats: dict[str, Seat] = dict(seats or {})

    def seat(self, names: Collection[str], now: Seconds, *, at_once: bool = False) -> None:
        """Give each pair a place and take it from those that are gone; the first ones are spread evenly."""
        for name in [name for name in self._seats if name not in names]:
            # A pass under way keeps its place, so that a pair that comes back does not begin a second one.
            if not self._seats[name].running:
                del self._seats[name]
        new = [name for name in names if name not in self._seats]
        spread = 0.0 if at_once or self._seats else 1.0 / max(1, len(new))
        for number, name in enumerate(new):
            # With a long interval the first passes come sooner: only passes show who is well, and listen.
            first = now + number * spread * min(self._every, FIRST_WITHIN)
            self._seats[name] = Seat(due=first, beat=now + number * spread * self._every)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the seats."""
        return iter(self._seats)

    def __getitem__(self, name: str) -> Seat:
        """Return a pair's seat."""
        return self._seats[name]

    def due(self, now: Seconds) -> list[str]:
        """Return who is due, the longest waiting first."""
        found = [(seat.due, name) for name, seat in self._seats.items() if _is_due(seat, now)]
        return [name for _, name in sorted(found)]

    def young(self, now: Seconds) -> int:
        """Return how many passes are under way that began less than an interval ago."""
        return sum(
            now - seat.started < self._every for seat in self._seats.values() if seat.started is not None
        )

    def running(self) -> int:
        """Return how many passes are under way."""
        return sum(seat.running for seat in self._seats.values())

    def next_due(self) -> Seconds | None:
        """Return when the next pass is due; None when nobody waits."""
        waiting = [seat.due for seat in self._seats.values() if seat.rest is None and not seat.running]
        return min(waiting, default=None)

    def begin(self, name: str, now: Seconds) -> None:
        """Hear that a pass begins."""
        seat = self._seats[name]
        seat.started, seat.woken = now, False

    def end(self, name: str, ended: Ended, now: Seconds, trace: Hashable) -> None:
        """Hear how a pass ended; ``trace`` is what must change before a pair that rests is passed again."""
        seat = self._seats[name]
        found = judge(ended, seat.failures, self._every)
        seat.failures, seat.rest, seat.trace = found.failures, found.rest, trace
        seat.last = ended.after(seat.last)
        seat.due = self._next_beat(seat, seat.due + found.pause if found.failures else now, now)
        if seat.woken and found.rest is None and not found.failures:
            seat.due = now
        seat.started = None

    def _next_beat(self, seat: Seat, earliest: Seconds, now: Seconds) -> Seconds:
        """Return the pair's next beat from a moment on; beats that a long pass ran over are left out."""
        beats = max(0, ceil((max(earliest, now) - seat.beat) / self._every))
        due = seat.beat + beats * self._every
        return due if due > now else due + self._every

    def wake(self, name: str, now: Seconds) -> None:
        """Have a pair passed early, unless it rests or failed: a hint proves nothing."""
        seat = self._seats.get(name)
        if seat is not None and seat.rest is None and not seat.failures:
            seat.due, seat.woken = min(seat.due, now), seat.running

    def lift(self, name: str, now: Seconds) -> None:
        """Have a pair that rests or failed passed at once, as if it had never failed."""
        seat = self._seats[name]
        if seat.rest is not None or seat.failures:
            seat.due, seat.rest, seat.failures = now, None, 0


def _is_due(seat: Seat, now: Seconds) -> bool:
    return seat.rest is None and not seat.running and seat.due <= now
