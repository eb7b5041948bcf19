"""The fleet on one of several hosts: it takes passes from the queue, and what it knows of pairs is shared."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from connector.app.machine import mailbox
from connector.errors import ConfigError, ConnectorError, ExitCode
from connector.fleet import metrics, passing
from connector.fleet.breaker import Ended
from connector.fleet.hearing import Hearing
from connector.fleet.hosts.database import Database, DatabaseAway
from connector.fleet.hosts.post import Post
from connector.fleet.hosts.queue import LEAVE_AFTER, SILENT, Queue
from connector.fleet.hosts.seats import Seats
from connector.fleet.pairs import Pairs
from connector.host.log import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import SecretStr

    from connector.fleet.pairs import Pair
    from connector.fleet.settings import FleetConfig
    from connector.host.clock import Clock
    from mappings.model import Seconds

_LOG = logging.getLogger(__name__)
_TICK: Seconds = 0.25
_MOMENT: Seconds = 2.0
"""How often the shared table is looked at."""
_MOST_LONG = 9
"""So many times the workers may be at work on passes that last."""


class Outdated(ConfigError):
    """This host's program is older than another's: it leaves all pairs to those that are not."""


class SharedFleet:
    """The pairs of a folder that every host of the fleet has."""

    def __init__(
        self, config: FleetConfig, address: SecretStr, clock: Clock, alive: Callable[[], None]
    ) -> None:
        self._config = config
        self._clock = clock
        self._alive = alive
        self._database = Database(address)
        self._seats = Seats(self._database, config.fleet.database.host_name, config.fleet.every)
        self._queue = Queue(address, self)
        self._pairs = Pairs(config.fleet.pairs, shared=True)
        self._hearing = Hearing(clock, mail=False)
        self._post = Post(clock)
        self._active: list[str] = []
        self._ours: set[str] = set()
        self._asked: set[str] = set()
        self._passing: set[str] = set()
        self._not_here: set[str] = set()
        self._traces: dict[str, str] = {}
        self._threads: set[threading.Thread] = set()
        self._reading_again = False
        self._outdated: Ended | None = None
        self._next_moment = clock.monotonic()

    @property
    def every(self) -> Seconds:
        """Return the interval of a pair."""
        return self._config.fleet.every

    def read_again(self) -> None:
        """Read all files again and have every pair that rests try again; may be called by a signal."""
        self._reading_again = True

    def run(self) -> None:
        """Pass whatever this host is given until the clock is stopped.

        DatabaseAway when that goes away, Outdated when the state of a pair is a later version's.
        """
        try:
            self._database.prepare()
            with self._hearing.open():
                asyncio.run(self._run())
        finally:
            self._leave()

    async def _run(self) -> None:
        working = asyncio.create_task(self._queue.work(self._config.fleet.workers))
        try:
            while not (self._clock.stopped or working.done() or self._outdated):
                self._look_around()
                if self._clock.monotonic() >= self._next_moment:
                    self._next_moment = self._clock.monotonic() + _MOMENT
                    await asyncio.to_thread(self._moment)
                await self._take_hints()
                self._alive()
                await asyncio.sleep(_TICK)
        finally:
            working.cancel()
            (ended,) = await asyncio.gather(working, return_exceptions=True)
        if self._outdated is not None:
            raise Outdated(self._outdated.error, hint=self._outdated.hint)
        if not self._clock.stopped:
            raise DatabaseAway(
                "the connection to the fleet's database was lost",
                hint="look at PostgreSQL; the service manager starts this again",
            ) from (ended if isinstance(ended, Exception) else None)

    def due(self) -> list[str]:
        """Return who is to be passed, by whoever is free."""
        return self._seats.due(self._active)

    def free(self) -> None:
        """Take the pairs from workers that died."""
        for name in self._seats.free(silent=SILENT):
            event(_LOG, logging.WARNING, "pair.rescued", pair_name=name)

    async def carry_out(self, pair: str, worker: int | None) -> None:
        """Pass a pair; one that lasts longer than an interval gives its place in the queue to others."""
        if self._outdated is not None:
            return
        if self._pairs.away or not self._has(pair):
            return
        begun = await asyncio.to_thread(self._seats.begin, pair, worker)
        if begun is None:
            return
        self._asked.discard(pair)
        found = self._pairs.pair(pair)
        self._passing.add(pair)
        _leave(found, begun.hints)
        done = self._begin(found, begun.at)
        many = len(self._threads) > self._config.fleet.workers * _MOST_LONG
        await asyncio.wait([done], timeout=None if many else self.every)

    def _has(self, pair: str) -> bool:
        """Tell whether this host has a pair; that it has not is logged once, not at each of its turns."""
        here = pair in self._pairs
        if not here and pair not in self._not_here:
            event(_LOG, logging.WARNING, "pair.not_here", pair_name=pair)
        (self._not_here.discard if here else self._not_here.add)(pair)
        return here

    def _begin(self, pair: Pair, started: Seconds) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def work() -> None:
            self._pass(pair, started)
            with suppress(RuntimeError):  # this host leaves, and nobody waits any more
                loop.call_soon_threadsafe(done.cancel)

        # A daemon: a pass that does not heed a stop is left behind, as by kill -9.
        thread = threading.Thread(target=work, name=f"pass of {pair.file.name}", daemon=True)
        self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError as error:  # the machine has no thread left
            self._threads.discard(thread)
            self._end(pair, started, Ended(ExitCode.FAILED, self._clock.now(), error=str(error)))
            done.cancel()
        return done

    def _pass(self, pair: Pair, started: Seconds) -> None:
        self._hearing.began(pair)
        ended = passing.carry_out(pair, self._clock)
        self._hearing.ended(pair, ended)
        self._end(pair, started, ended)
        self._threads.discard(threading.current_thread())

    def _end(self, pair: Pair, started: Seconds, ended: Ended) -> None:
        self._passing.discard(pair.file.name)
        try:
            if ended.outdated:
                self._outdated = ended
                self._seats.give_back(pair.file.name, started)
                return
            self._traces[pair.file.name] = trace = self._trace(pair.file.name)
            self._seats.end(pair.file.name, started, ended, trace)
        except ConnectorError as error:  # whoever rescues the pair lets it be passed again
            event(_LOG, logging.WARNING, "seat.not_written", pair_name=pair.file.name, reason=str(error))

    def _look_around(self) -> None:
        if self._reading_again:
            self._pairs.read_again()
        files = self._pairs.looked()
        if files is not None:
            self._active = [name for name, file in files.items() if not file.paused]

    def _moment(self) -> None:
        """Tell the others that this host is there, and see what became of the pairs."""
        self._seats.here(str(os.getpid()))
        if self._reading_again and not self._pairs.away:
            self._reading_again = False
            for name in self._active:
                self._seats.lift(name)
            event(_LOG, logging.INFO, "fleet.read_again", pairs=len(self._active))
        self._wake_mended()
        known = self._seats.known()
        self._ours = {
            name for name, host in known.hosts.items() if host == self._config.fleet.database.host_name
        }
        self._asked &= self._ours
        metrics.write(self._config.metrics.textfile, known.at_work(self._active), self._clock.now())

    def _wake_mended(self) -> None:
        for name, seen in self._seats.resting().items():
            found, before = self._trace(name), self._traces.get(name)
            if not found or seen == found:
                continue
            self._traces[name] = found
            if seen is None:
                self._seats.saw(name, found)
            elif before != found:  # else it was written by another host that has this one's name
                self._seats.lift(name)

    def _trace(self, name: str) -> str:
        with suppress(LookupError):  # its file is gone by now, or was never on this host
            return sha256(repr(self._pairs.trace(name)).encode()).hexdigest()[:16]
        return ""

    async def _take_hints(self) -> None:
        """Have pairs passed early: what a file tells of any, and what is heard of those passed here last."""
        here = [self._pairs.pair(name) for name in self._active if name in self._pairs]
        for name, hints in self._post.due(here, self._passing):
            await asyncio.to_thread(self._seats.hint, name, hints)
            await self._queue.defer(name)
        ours = [self._pairs.pair(name) for name in self._ours if name in self._pairs]
        for name in set(self._hearing.due(ours)) - self._asked:
            self._asked.add(name)
            await asyncio.to_thread(self._seats.wake, name)
            await self._queue.defer(name)

    def _leave(self) -> None:
        """Wait for the passes under way; a write among them has ten seconds to be answered."""
        ends = self._clock.monotonic() + LEAVE_AFTER
        for thread in list(self._threads):
            thread.join(max(0.0, ends - self._clock.monotonic()))
        with suppress(ConnectorError):
            self._seats.gone()
        self._database.close()


def _leave(pair: Pair, hints: Iterable[mailbox.Hint]) -> None:
    """Leave hints where the pass of a pair looks for them; one that is lost costs only time."""
    with suppress(OSError):
        for side, conversation in hints:
            if pair.config is not None:
                mailbox.leave(pair.config.state.path, side, conversation)
