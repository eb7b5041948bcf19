"""Working off the list: conversations in parallel, each by one thread at a time, until nothing is due.

Conversations that wait for an unclear write are waited for at the end, so that a run finishes what it began.
"""

from __future__ import annotations

import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.sync.conversation import work
from connector.engine.sync.failures import Result, wait_for_later_run
from connector.errors import AccessDenied, NeverSent, RemoteError

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.engine.run.context import Context
    from mappings.model import Seconds

LOG = logging.getLogger(__name__)
BATCH = 64
MOST_ROUNDS = 12
MOST_FAILURES = 5
MOST_WAITS = 4
MARGIN: Seconds = 5.0
SHORT: Seconds = 60.0


def drain(context: Context, *, stopped: Callable[[], bool], progress: Callable[[int], None]) -> bool:
    """Work until nothing is due; tell whether all was worked off. ``progress`` hears of each conversation."""
    began = context.clock.now()
    try:
        _work_off(context, stopped, progress)
    except RemoteError:  # a side is away: that is not held against its conversations
        context.store.quarantine.reset(since=began)
        raise
    _retry(context, stopped, progress, began)
    left = context.store.pairs.count_due(context.queue)
    if left and stopped():
        context.report.notice(Notice(NoticeKind.STOPPED_EARLY, detail=str(left)))
    return left == 0


def _retry(
    context: Context, stopped: Callable[[], bool], progress: Callable[[int], None], began: Seconds
) -> None:
    """Try again what failed in earlier runs, after everything else, so that it delays only itself."""
    quarantine = context.store.quarantine
    quarantine.release_due(context.queue, context.clock.now(), failed_before=began)
    try:
        _work_off(context, stopped, progress)
    except (AccessDenied, NeverSent):
        raise
    except RemoteError:
        LOG.debug("drain.retry.ended")
    finally:
        quarantine.park(context.queue)


def _work_off(context: Context, stopped: Callable[[], bool], progress: Callable[[int], None]) -> None:
    drainer = _Drainer(context, stopped, progress)
    with ThreadPoolExecutor(max_workers=worker_count(context)) as pool:
        while not stopped():
            if drainer.one_pass(pool):
                continue
            wait = drainer.wait()
            if wait is None:
                return
            context.clock.sleep(wait)


def worker_count(context: Context) -> int:
    """Return how many conversations are worked on at once."""
    configured = context.config.sync.workers
    return configured if isinstance(configured, int) else 4


class _Drainer:
    def __init__(
        self, context: Context, stopped: Callable[[], bool], progress: Callable[[int], None]
    ) -> None:
        self._context = context
        self._stopped = stopped
        self._progress = progress
        self._rounds: Counter[int] = Counter()
        self._postponed: set[int] = set()
        self._blocked: Counter[int] = Counter()
        self._failures = 0

    def one_pass(self, pool: ThreadPoolExecutor) -> bool:
        """Work once through everything that is due now; tell whether there was anything."""
        after, worked = 0, False
        while not self._stopped():
            now = self._context.clock.now()
            pairs = self._context.store.pairs.due(self._context.queue, now, after=after, limit=BATCH)
            if not pairs:
                return worked
            after = pairs[-1].row
            rows = [pair.row for pair in pairs if self._may_go_on(pair.row)]
            worked = worked or bool(rows)
            for row, result in zip(rows, pool.map(self._work, rows), strict=True):
                self._note(row, result)
        return worked

    def wait(self) -> Seconds | None:
        """Return how long to wait for the next conversation, or None when nothing is worth waiting for."""
        now = self._context.clock.now()
        at = self._context.store.pairs.next_due(self._context.queue, after=now)
        if at is None or at > now + max(self._context.config.sync.settle + MARGIN, SHORT):
            return None
        return at - now + 0.01

    def _may_go_on(self, row: int) -> bool:
        self._rounds[row] += 1
        return row not in self._postponed and self._rounds[row] <= MOST_ROUNDS

    def _work(self, row: int) -> Result:
        away = self._failures >= MOST_FAILURES
        return Result.STOPPED if away or self._stopped() else work(self._context, row)

    def _note(self, row: int, result: Result) -> None:
        self._progress(row)
        if result is Result.POSTPONED:
            self._postponed.add(row)
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                raise RemoteError(
                    f"{self._failures} conversations in a row could not be read", hint="run again later"
                )
        elif result is Result.BLOCKED:
            self._blocked[row] += 1
            if not self._is_worth_waiting(row):
                wait_for_later_run(self._context, row)
        elif result is Result.LEARNT:
            self._postponed.add(row)
        elif result is Result.DONE:
            self._failures = 0

    def _is_worth_waiting(self, row: int) -> bool:
        """Tell whether an unclear write is waited for: at first, and again only when it takes moments."""
        if self._context.store.quarantine.attempts(row):
            return False
        due = self._context.store.pairs.get(row).due.values()
        seconds = max(due, default=0.0) - self._context.clock.now()
        return self._blocked[row] == 1 or (seconds <= SHORT and self._blocked[row] <= MOST_WAITS)
