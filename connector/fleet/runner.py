"""The fleet at work: it looks at its folder, begins the passes that are due, and writes down how they end.

A pass has a thread of its own. So many begin at once as there are workers; one that has been at work for
longer than an interval, waiting for a slow or a strict helpdesk, gives its place to the others.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from connector.errors import ExitCode
from connector.fleet import metrics, passing, published
from connector.fleet.agenda import Agenda
from connector.fleet.breaker import Ended
from connector.fleet.hearing import Hearing
from connector.fleet.pairs import Pairs
from connector.host.log import event

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from connector.fleet.folder import PairFile
    from connector.fleet.pairs import Pair
    from connector.fleet.settings import FleetConfig
    from connector.host.clock import Clock
    from mappings.model import Seconds

_LOG = logging.getLogger(__name__)
TICK: Seconds = 0.25
# Often enough for whoever looks, seldom enough for a disk and hundreds of pairs.
_PUBLISHED_EVERY: Seconds = 2.0
_MOST_THREADS = 10
"""So many times the workers may be at work when many pairs have much to do."""
# A write under way has ten seconds, and its run has to be recorded.
_LEAVE_AFTER: Seconds = 15.0
_ORDER = (ExitCode.PERSON, ExitCode.USAGE, ExitCode.RAIL, ExitCode.FAILED, ExitCode.ATTENTION)


class Fleet:
    """All pairs of a folder."""

    def __init__(self, config: FleetConfig, clock: Clock, alive: Callable[[], None] = lambda: None) -> None:
        self._config = config
        self._clock = clock
        self._alive = alive
        self._pairs = Pairs(config.fleet.pairs, shared=config.fleet.shared)
        self._hearing = Hearing(clock)
        self.agenda = Agenda(config.fleet.every)
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._reading_again = False
        self._published: Seconds = 0.0
        self._changed = True

    def read_again(self) -> None:
        """Read all files again and have every pair that rests try again; may be called by a signal."""
        self._reading_again = True

    def once(self, paused: Collection[str] = ()) -> Mapping[str, Ended]:
        """Pass every pair once, but those ``paused`` elsewhere, and return how each pass ended."""
        self._look_around(at_once=True)
        left = [name for name in self.agenda.due(self._clock.monotonic()) if name not in paused]
        while not self._clock.stopped and (left or self.agenda.running()):
            with self._lock:
                while left and self._has_room():
                    self._begin(left.pop(0))
            self._clock.sleep(TICK / 10)
        self._leave()
        return {name: last for name in self.agenda if (last := self.agenda[name].last) is not None}

    def run(self) -> None:
        """Pass every pair an interval after its last pass, until the clock is stopped."""
        with self._hearing.open():
            while not self._clock.stopped:
                self._look_around()
                self._take_hints()
                self._begin_due()
                self._publish()
                self._alive()
                self._clock.sleep(self._pause())
            self._leave()

    def _look_around(self, *, at_once: bool = False) -> None:
        files = self._looked()
        if files is None:
            return
        now = self._clock.monotonic()
        active = [name for name, file in files.items() if not file.paused]
        with self._lock:
            self.agenda.seat(active, now, at_once=at_once)
            for name in self.agenda:
                if (
                    name in files
                    and self.agenda[name].rest
                    and self.agenda[name].trace != self._pairs.trace(name)
                ):
                    self.agenda.lift(name, now)

    def _looked(self) -> Mapping[str, PairFile] | None:
        again = self._reading_again  # a signal may ask for it at any moment
        if again:
            self._pairs.read_again()
        files = self._pairs.looked()
        if files is None or not again:
            return files
        self._reading_again = False  # not before: a folder that is away is read again when it is back
        with self._lock:
            for name in self.agenda:
                self.agenda.lift(name, self._clock.monotonic())
        event(_LOG, logging.INFO, "fleet.read_again", pairs=len(files))
        return files

    def _take_hints(self) -> None:
        with self._lock:
            now = self._clock.monotonic()
            # A pair under way keeps its seat although its file is gone.
            seated = [self._pairs.pair(name) for name in self.agenda if name in self._pairs]
            for name in self._hearing.due(seated):
                self.agenda.wake(name, now)

    def _begin_due(self) -> None:
        with self._lock:
            due = self.agenda.due(self._clock.monotonic())
            for name in (name for name in due if name in self._pairs):
                if not self._has_room():
                    return
                self._begin(name)

    def _has_room(self) -> bool:
        workers = self._config.fleet.workers
        young = self.agenda.young(self._clock.monotonic())
        return young < workers and self.agenda.running() < workers * _MOST_THREADS

    def _begin(self, name: str) -> None:
        self.agenda.begin(name, self._clock.monotonic())
        # A daemon: a pass that does not heed a stop is left behind, as by kill -9.
        thread = threading.Thread(
            target=self._pass, args=(self._pairs.pair(name),), name=f"pass of {name}", daemon=True
        )
        self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError as error:  # the machine has no thread left
            self._threads.discard(thread)
            ended = Ended(ExitCode.FAILED, self._clock.now(), error=str(error))
            self.agenda.end(name, ended, self._clock.monotonic(), None)

    def _pass(self, pair: Pair) -> None:
        self._hearing.began(pair)
        ended = passing.carry_out(pair, self._clock)
        self._hearing.ended(pair, ended)
        with self._lock:
            trace = self._trace(pair.file.name)
            self.agenda.end(pair.file.name, ended, self._clock.monotonic(), trace)
            self._threads.discard(threading.current_thread())
            self._changed = True

    def _trace(self, name: str) -> object:
        with suppress(LookupError):  # its file is gone by now
            return self._pairs.trace(name)
        return None

    def _publish(self) -> None:
        now = self._clock.monotonic()
        if not self._changed or now - self._published < _PUBLISHED_EVERY:
            return
        self._published, self._changed = now, False
        with self._lock:
            try:
                published.publish(self._config.fleet.place, self.agenda, now=self._clock.now(), monotonic=now)
            except OSError as error:
                event(_LOG, logging.WARNING, "fleet.not_published", reason=error.strerror)
            seats = {name: self.agenda[name] for name in self.agenda}
            metrics.write(self._config.metrics.textfile, seats, self._clock.now())

    def _pause(self) -> Seconds:
        with self._lock:
            due = self.agenda.next_due()
        left = TICK if due is None else due - self._clock.monotonic()
        return min(TICK, max(left, TICK / 10))

    def _leave(self) -> None:
        """Wait for the passes under way; a write among them has ten seconds to be answered."""
        ends = self._clock.monotonic() + _LEAVE_AFTER
        for thread in list(self._threads):
            thread.join(max(0.0, ends - self._clock.monotonic()))
        self._changed, self._published = True, -_PUBLISHED_EVERY
        self._publish()


def worst(codes: list[int]) -> int:
    """Return the most urgent exit code."""
    return next((int(code) for code in _ORDER if code in codes), ExitCode.CLEAN)
