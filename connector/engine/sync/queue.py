"""Working through the queue: conversations in parallel, each by one thread at a time, until nothing is due.

The next one begins as soon as a thread is free, whatever the others are at.

Conversations that wait for an unclear write are waited for at the end, so that a run finishes what it began.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.run.report import Account
from connector.engine.run.rows import Rows
from connector.engine.sync.failures import Result
from connector.errors import AccessDenied, NeverSent, RemoteError
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.config.model import SyncConfig
    from connector.engine.run.crew import Crew, Team
    from connector.engine.run.report import Reached, Report
    from connector.engine.sync.conversation import ConversationWork
    from connector.host.clock import Clock
    from connector.host.progress import Listener
    from mappings.model import Seconds
    from state.store import Store

LOG = logging.getLogger(__name__)
BATCH = 64  # rows read at once; the queue itself is in the state file
MOST_ROUNDS = 12  # a conversation that is due again and again waits for the next run
MOST_FAILURES = 5  # conversations in a row that cannot be read: the side itself is away
MOST_WAITS = 4  # a write that is unclear this often in one run is left to a later one
MARGIN: Seconds = 5.0  # a write becomes clear a little after `settle`: both clocks count whole seconds
SHORT: Seconds = 60.0  # what is due this soon is waited for, whatever `settle` is
SECOND_LOOK: Seconds = 5.0  # longer than a side may need until it shows what was just written
TICK: Seconds = 0.01  # waking at the very moment may be too early by a rounding


@dataclass(frozen=True, kw_only=True)
class WorkQueue:
    """Works through the queue of one kind of run. ``listener`` is told what is finished.

    One that is not ``patient`` waits for second looks only, and leaves unclear writes to a later run.
    """

    store: Store
    clock: Clock
    config: SyncConfig
    name: Queue
    conversations: ConversationWork
    report: Report
    listener: Listener
    crew: Crew
    meanwhile: Callable[[], None] = lambda: None
    patient: bool = True
    finished: Rows = field(default_factory=Rows, init=False)
    put_aside: Rows = field(default_factory=Rows, init=False)

    def work_off(self) -> bool:
        """Work until nothing is due; tell whether all was worked off."""
        began = self.clock.now()
        self.listener.due(self.store.pairs.count_due(self.name))
        try:
            self._work_off()
        except RemoteError:  # a side is away: that is not held against its conversations
            self.store.quarantine.reset(since=began)
            self._tell_left()
            raise
        self._retry(began)
        return self._tell_left() == 0

    def go_on(self, before: Reached) -> None:
        """Count what an earlier run of the same command reached as reached by this one."""
        for row in before.finished:
            self.finished.add(row)
        for row in before.put_aside:
            self.put_aside.add(row)

    def account_of(self, chosen: Rows) -> Account:
        """Return what became of the conversations that were chosen, whoever worked on them.

        A live pass takes one over to which somebody writes meanwhile, and what failed in an earlier run is
        tried again though nobody chose it.
        """
        due = (row for queue in Queue for row in self.store.pairs.due_rows(queue) if row in chosen)
        left = sum(row not in self.finished and row not in self.put_aside for row in due)
        aside = self.put_aside.common_with(chosen)
        return Account(len(chosen), len(chosen) - aside - left, aside)

    def _tell_left(self) -> int:
        """Return how many conversations are left, and tell it when the run was asked to stop."""
        unfinished = self._unfinished() if self.clock.stopped else 0
        if unfinished:
            self.report.notice(Notice(NoticeKind.STOPPED_EARLY, detail=str(unfinished)))
        return self.store.pairs.count_due(self.name)

    def _unfinished(self) -> int:
        """Return how many are left but for those that are done, and due since a side may not show all yet."""
        return sum(row not in self.finished for row in self.store.pairs.due_rows(self.name))

    def _retry(self, began: Seconds) -> None:
        """Try again what failed in earlier runs, after everything else, so that it delays only itself."""
        quarantine = self.store.quarantine
        quarantine.release_due(self.name, self.clock.now(), failed_before=began)
        try:
            self._work_off()
        except (AccessDenied, NeverSent):  # no request will succeed: the run ends
            raise
        except RemoteError:  # what failed before failed again; all else is done
            LOG.debug("queue.retry.ended")
        finally:
            quarantine.park(self.name)

    def _work_off(self) -> None:
        rounds = _Rounds(self)
        with self.crew.team(self.meanwhile) as team:
            while not self.clock.stopped:
                if rounds.one_pass(team):
                    continue
                wait = self._wait()
                if wait is None:
                    return
                self.clock.sleep(min(wait, self.config.every))
                self.store.file.step()  # many short waits are a long one
                self.meanwhile()

    def _wait(self) -> Seconds | None:
        """Return how long to wait for the next conversation, or None when nothing is worth waiting for."""
        now = self.clock.now()
        at = self.store.pairs.next_due(self.name, after=now)
        longest = max(self.config.settle + MARGIN, SHORT) if self.patient else SECOND_LOOK
        if at is None or at > now + longest:
            return None
        return at - now + TICK


@dataclass
class _Rounds:
    """How often each conversation was worked on in this run, and how it ended."""

    queue: WorkQueue
    _rounds: Rows = field(default_factory=Rows)
    _postponed: set[int] = field(default_factory=set)
    _blocked: Counter[int] = field(default_factory=Counter)
    _failures: int = 0

    def one_pass(self, team: Team[Result]) -> bool:
        """Work once through what is due now, known pairs first; tell whether there was anything."""
        known = self._half(team, linked=True)
        return self._half(team, linked=False) or known

    def _half(self, team: Team[Result], *, linked: bool) -> bool:
        worked = False
        try:
            for row in self._due(linked=linked):
                worked = True
                for done in team.hand(row, self._work):
                    self._record(*done)
            for done in team.rest():
                self._record(*done)
        except Exception:  # what the others bring to an end meanwhile is done
            for done in team.ended():
                self._count(*done)
            raise
        return worked

    def _due(self, *, linked: bool) -> Iterator[int]:
        """Yield the rows of conversations that are due, each once, until the run is asked to stop."""
        queue, after = self.queue, 0
        while not queue.clock.stopped:
            now = queue.clock.now()
            pairs = queue.store.pairs.due(queue.name, now, linked=linked, after=after, limit=BATCH)
            if not pairs:
                return
            after = pairs[-1].row
            yield from (pair.row for pair in pairs if not queue.clock.stopped and self._begin(pair.row))

    def _begin(self, row: int) -> bool:
        """Count a round of a conversation; tell whether it may have it."""
        return self._rounds.add(row) <= MOST_ROUNDS and row not in self._postponed

    def _work(self, row: int) -> Result:
        away = self._failures >= MOST_FAILURES
        return Result.STOPPED if away or self.queue.clock.stopped else self.queue.conversations.work(row)

    def _record(self, row: int, result: Result) -> None:
        """Remember how the work on a conversation ended; RemoteError when the side seems to be away."""
        self.queue.meanwhile()
        self._count(row, result)
        if result is Result.POSTPONED:
            self._stop_when_away()

    def _count(self, row: int, result: Result) -> None:
        """Put a conversation where the end of the work on it belongs."""
        match result:
            case Result.DONE:  # the side answers
                self._failures = 0
                self.queue.finished.add(row)
                self.queue.put_aside.discard(row)
                self.queue.listener.done(row)
            case Result.LEARNT:  # what was learnt counts from the next run on
                self._postponed.add(row)
            case Result.BLOCKED:
                self._blocked[row] += 1
                if not self._is_worth_waiting(row):
                    self.queue.conversations.failures.wait_for_later_run(row)
                    self._put_aside(row)
            case Result.POSTPONED:
                self._postponed.add(row)
                self._failures += 1
                self._put_aside(row)
            case Result.QUARANTINED:  # the side answers, and a person is waited for
                self._failures = 0
                self._put_aside(row)
            case Result.LEFT:  # it says nothing about the side
                self._put_aside(row)
            case Result.STOPPED:  # it was not begun
                pass

    def _put_aside(self, row: int) -> None:
        if row not in self.queue.finished:
            self.queue.put_aside.add(row)
        self.queue.listener.put_aside(row)

    def _stop_when_away(self) -> None:
        if self._failures >= MOST_FAILURES:
            raise RemoteError(
                f"{self._failures} conversations in a row could not be read", hint="run again later"
            )

    def _is_worth_waiting(self, row: int) -> bool:
        """Tell whether an unclear write is waited for: at first, and again only when it takes moments."""
        if self.queue.store.quarantine.attempts(row):
            return False
        due = self.queue.store.pairs.get(row).due.values()
        seconds = max(due, default=0.0) - self.queue.clock.now()
        return self._blocked[row] == 1 or (seconds <= SHORT and self._blocked[row] <= MOST_WAITS)
