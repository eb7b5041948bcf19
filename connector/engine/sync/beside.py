"""Live passes beside a backfill: what people write meanwhile never waits for history.

They are made between two conversations of the backfill by the thread that hands them out, while the other
threads go on; all share one budget, in which what is live goes first.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connector.engine.run.limits import Limits
from connector.errors import AccessDenied, RemoteError
from connector.host.log import event
from connector.host.progress import Unheard, Work
from connector.http.turns import Priority, priority

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.engine.run.report import Report
    from connector.engine.sync.run import Run
    from mappings.model import Seconds

LOG = logging.getLogger(__name__)


@dataclass
class LivePasses:
    """Makes a pass of ``sync`` whenever one is due while ``backfill`` goes on."""

    backfill: Run
    sync: Callable[[Run], None]
    _next: Seconds = field(init=False)

    def __post_init__(self) -> None:
        """Hand them to the backfill; the first one is due after a pause."""
        self.backfill = replace(self.backfill, meanwhile=self.make_when_due)
        self._next = self._later()

    def make_when_due(self) -> None:
        """Make a pass when it is due; a side that is away is asked again by the next one."""
        clock = self.backfill.parties.clock
        if not clock.stopped and clock.now() >= self._next:
            self._make(self._run(), self.sync)

    def settle(self) -> None:
        """Finish what the passes took over and left unclear: now there is time to wait for it."""
        if not self.backfill.parties.clock.stopped and any(self.backfill.store.journal.open()):
            self._make(self._run(), lambda live: replace(live.queue, patient=True).work_off())

    def _make(self, live: Run, work: Callable[[Run], object]) -> None:
        try:
            with priority(Priority.LIVE):
                work(live)
        except AccessDenied:  # no request will succeed: the backfill ends too
            raise
        except RemoteError as error:
            event(LOG, logging.WARNING, "live.failed", kind=type(error).__name__)
        finally:
            self._next = self._later()
            self._add(live.report)

    def _run(self) -> Run:
        """Return a run that decides by the same policy, and counts by itself."""
        run, limits = self.backfill, self.backfill.parties.config.limits
        return replace(
            run,
            command=Work.SYNC,
            main=run,
            meanwhile=lambda: None,
            parties=replace(run.parties, listener=Unheard()),
            reader=replace(run.reader, backfill=False),
            limits=Limits(limits.max_writes, limits.max_creates, limits.max_removals, holds=True),
            report=run.report.beside(Work.SYNC, run.parties.clock.now()),
        )

    def _add(self, report: Report) -> None:
        told = self.backfill.report
        told.count(seen=report.seen, changed=report.changed, created=report.created)
        told.notice(*report.notices)
        told.limited = told.limited or report.limited

    def _later(self) -> Seconds:
        parties = self.backfill.parties
        return parties.clock.now() + parties.config.sync.every
