"""What happens when the work on one conversation fails: it waits, or goes into quarantine.

Nothing here stops the run; the other conversations go on.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from connector.engine.apply.refusals import BreakerTripped, PartRefused, TextTooLong
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.reasons import Reason
from connector.engine.run.events import Done
from connector.engine.run.limits import LimitKey, OverLimit
from connector.engine.write.job import Blocked, Unrecognised, WrittenAlready
from connector.errors import Rejected, RemoteError, Unreadable
from connector.host.redaction import REDACTOR
from state.records import Disposition, LedgerRow, load_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.run.events import Events
    from connector.engine.run.report import Report
    from connector.engine.sync.holding import Holding
    from connector.helpdesk.capabilities import Capabilities
    from connector.host.clock import Clock
    from mappings.model import Seconds, Side
    from state.records import Pair, QuarantineItem, Queue
    from state.store import Store

SHORTEST_TEXT = 500  # a side that refuses so little refuses it for another reason than its length
SOON = 5  # so many times in a row the next run tries again at once: most failures pass within minutes
PAUSE: Seconds = 60.0  # the default of [sync] every: the first pause passes over one run
LONGEST_PAUSE: Seconds = 900.0  # what fails for hours costs four requests an hour
DOUBLINGS = 10  # far beyond the longest pause; a power of an endless count would overflow
LOG = logging.getLogger(__name__)


class Result(Enum):
    """How the work on a conversation ended."""

    DONE = "done"
    BLOCKED = "blocked"
    POSTPONED = "postponed"
    LEFT = "left"
    QUARANTINED = "quarantined"
    LEARNT = "learnt"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Failures:
    """Puts conversations whose work failed where their failure belongs."""

    store: Store
    clock: Clock
    capabilities: Mapping[Side, Capabilities]
    report: Report
    holding: Holding
    events: Events
    run: str

    def after(self, pair: Pair, error: Exception) -> Result:
        """Put a conversation where its failure belongs, and say how the work on it ended."""
        match error:
            case Blocked():  # nothing failed: an answer is not known yet
                self.report.block(pair.row)
                self._later(pair, error.until)
                return Result.BLOCKED
            case OverLimit():
                return self._over_limit(pair, error)
            case TextTooLong():
                return self._shorten(pair, error)
            case PartRefused() | WrittenAlready():  # the parts before it went through: this one is wrong
                self.quarantine(pair, str(error), side=error.source.side, part=error.source.id)
            case BreakerTripped():
                self._hold(pair, error)
            case Rejected() | Unrecognised():  # neither heals by waiting
                self.quarantine(pair, str(error))
            case Unreadable():  # the side answers, so the other conversations may well be readable
                self._try_again(pair, error)
                return Result.LEFT
            case RemoteError():  # the side may be away: a few of these in a row end the run
                self._try_again(pair, error)
                return Result.POSTPONED
            case _ if self.store.pairs.maybe(pair.row) is not None:  # else it was linked meanwhile
                LOG.debug("conversation.failed", exc_info=error)
                self.quarantine(pair, Reason.OUR_FAULT.tell(pair.origin, why=type(error).__name__))
            case _:
                return Result.DONE
        return Result.QUARANTINED

    def _over_limit(self, pair: Pair, error: OverLimit) -> Result:
        """Leave the rest to the next run, or hold the conversation until a person lets it go on."""
        if error.key is LimitKey.WRITES:
            self.report.limited = True
            self.report.notice(Notice(NoticeKind.LIMIT_REACHED, part=error.key.value))
            return Result.LEARNT
        self.holding.hold([pair.row], error.key)
        return Result.DONE

    def wait_for_later_run(self, row: int) -> None:
        """Leave a conversation to a later run whose write stays unclear; it still counts as blocked."""
        pair = self.store.pairs.get(row)
        self._park(pair, Reason.UNSETTLED.tell(pair.origin), until=max(pair.due.values(), default=0.0))

    def quarantine(self, pair: Pair, reason: str, *, side: Side | None = None, part: str = "") -> None:
        """Stop a conversation at a part ("" for the conversation as such) until a person looks."""
        # A side's answer may quote a secret that was sent to it.
        at, side_of_part, reason = self.clock.now(), side or pair.origin, REDACTOR.clean(reason)
        self.store.quarantine.put(pair.row, side_of_part, part, reason, at=at)
        known = self.store.ledger.of(pair.row)[side_of_part].get(part)
        # What became of a part stays true, even where its conversation stops at it later.
        if part and (known is None or known.disposition is Disposition.QUARANTINED):
            row = LedgerRow(side_of_part, part, "", at, Disposition.QUARANTINED, reason)
            self.store.ledger.put(pair.row, [row], self.run)
        self.store.pairs.set_due(pair.row, {})
        self.report.unblock(pair.row)
        self.report.notice(notice_of(pair, NoticeKind.QUARANTINED, reason, side=side, part=part))
        self.events.log(Done.CONVERSATION_QUARANTINED, pair.ids, side=side_of_part, part=part)

    def _later(self, pair: Pair, at: Seconds) -> None:
        self.store.pairs.set_due(pair.row, dict.fromkeys(pair.ids, at))

    def _try_again(self, pair: Pair, error: RemoteError) -> None:
        self._park(pair, str(error), until=self.clock.now())
        self.report.notice(notice_of(pair, NoticeKind.LEFT_FOR_NEXT_RUN, str(error)))
        self.report.unblock(pair.row)

    def _hold(self, pair: Pair, error: BreakerTripped) -> None:
        """Hold a conversation until the breaker lets go."""
        reason = str(error)
        self.store.quarantine.put(
            pair.row, pair.origin, "", reason, at=self.clock.now(), retry_at=error.until
        )
        self.store.pairs.set_due(pair.row, {})
        self.report.unblock(pair.row)
        self.report.notice(notice_of(pair, NoticeKind.QUARANTINED, reason))
        self.events.log(Done.CONVERSATION_QUARANTINED, pair.ids, side=pair.origin)

    def _park(self, pair: Pair, reason: str, *, until: Seconds) -> None:
        """Let a later run try again, at first the very next one: meanwhile the watermark may pass."""
        now = self.clock.now()
        failures = self.store.quarantine.attempts(pair.row) + 1
        pause = min(PAUSE * 2 ** min(failures - SOON, DOUBLINGS), LONGEST_PAUSE) if failures > SOON else 0.0
        retry_at = max(until, now + pause)
        told = REDACTOR.clean(reason)
        self.store.quarantine.put(pair.row, pair.origin, "", told, at=now, retry_at=retry_at)
        self.store.pairs.set_due(pair.row, {})

    def _shorten(self, pair: Pair, error: TextTooLong) -> Result:
        """Nobody documents how long a text may be: learn it from the refusal, for the next run."""
        length = self.capabilities[error.target].max_text // 2
        if length < SHORTEST_TEXT:
            self.quarantine(pair, str(error))
            return Result.QUARANTINED
        self.store.meta.set_max_text(error.target, length)
        self.report.notice(Notice(NoticeKind.TEXT_TOO_LONG, error.target, detail=str(length)))
        self._later(pair, self.clock.now())
        return Result.LEARNT


def rows_to_leave_out(store: Store, item: QuarantineItem) -> list[LedgerRow]:
    """Return the ledger rows of the parts that leaving an item out would leave out."""
    reason = f"left out by hand: {item.reason}"
    part = LedgerRow(item.side, item.part, "", item.first_at, Disposition.SKIPPED, reason)
    covered = [row for intent in store.journal.open(item.conversation) for row in load_rows(intent.covers)]
    rows = [replace(row, disposition=Disposition.SKIPPED, reason=reason) for row in covered]
    return [part, *rows] if item.part else rows


def leave_out(store: Store, item: QuarantineItem, *, now: Seconds) -> Queue | None:
    """Leave a quarantined part out for good, or what a write that cannot be found was to carry.

    Returns the queue that goes on with the conversation; None when there is nothing that could be left out.
    """
    rows, intents = rows_to_leave_out(store, item), store.journal.open(item.conversation)
    if not rows and not intents:
        return None
    with store.transaction():
        for intent in intents:
            store.journal.drop(intent.marker)
        store.ledger.put(item.conversation, rows, None)
        return store.quarantine.release(item.id, due=now)


def notice_of(
    pair: Pair, kind: NoticeKind, detail: str = "", *, side: Side | None = None, part: str = ""
) -> Notice:
    """Return a notice about a pair, by both of its ids."""
    side = side or pair.origin
    ids = pair.ids
    return Notice(kind, side, ids.get(side, ""), part, detail, ids.get(side.other, ""))
