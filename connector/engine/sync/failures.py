"""What happens when the work on one conversation fails: it waits, or goes into quarantine.

Nothing here stops the run; the other conversations go on.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from connector.engine.apply.refusals import BreakerTripped, PartRefused, TextTooLong
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.write.protocol import Blocked, Unrecognised
from connector.errors import Rejected, RemoteError, Unreadable
from connector.host.redaction import REDACTOR
from state.records import Disposition, LedgerRow, load_rows

if TYPE_CHECKING:
    from connector.engine.run.context import Context
    from mappings.model import Seconds, Side
    from state.records import Pair, QuarantineItem
    from state.store import Store

SHORTEST_TEXT = 500
SOON = 5  # so many times in a row the next run tries again at once
PAUSE: Seconds = 60.0
LONGEST_PAUSE: Seconds = 900.0
LOG = logging.getLogger(__name__)


class Result(Enum):
    """How the work on a conversation ended."""

    DONE = "done"
    BLOCKED = "blocked"
    POSTPONED = "postponed"
    LEFT = "left"
    LEARNT = "learnt"
    STOPPED = "stopped"


def after_failure(context: Context, pair: Pair, error: Exception) -> Result:
    """Put a conversation where its failure belongs, and say how the work on it ended."""
    match error:
        case Blocked():
            context.report.block(pair.row)
            _later(context, pair, error.until)
            return Result.BLOCKED
        case TextTooLong():
            return _shorten(context, pair, error)
        case PartRefused():
            quarantine(context, pair, str(error), side=error.source.side, part=error.source.id)
        case Rejected() | BreakerTripped() | Unrecognised():
            quarantine(context, pair, str(error))
        case Unreadable():  # the side answers, so the other conversations may well be readable
            _try_again(context, pair, error)
            return Result.LEFT
        case RemoteError():
            _try_again(context, pair, error)
            return Result.POSTPONED
        case _ if context.store.pairs.maybe(pair.row) is not None:  # else it was linked meanwhile
            LOG.debug("conversation.failed", exc_info=error)
            quarantine(context, pair, f"it could not be worked on ({type(error).__name__})")
    return Result.DONE


def _later(context: Context, pair: Pair, at: Seconds) -> None:
    context.store.pairs.set_due(pair.row, dict.fromkeys(pair.ids, at))


def _try_again(context: Context, pair: Pair, error: RemoteError) -> None:
    _sleep(context, pair, str(error), until=context.clock.now())
    context.report.notice(notice_of(pair, NoticeKind.LEFT_FOR_NEXT_RUN, str(error)))
    context.report.unblock(pair.row)


def wait_for_later_run(context: Context, row: int) -> None:
    """Leave a conversation to a later run whose write stays unclear; it still counts as blocked."""
    pair = context.store.pairs.get(row)
    _sleep(context, pair, "a write of it is not settled yet", until=max(pair.due.values(), default=0.0))


def _sleep(context: Context, pair: Pair, reason: str, *, until: Seconds) -> None:
    """Let a later run try again, at first the very next one: meanwhile the watermark may pass."""
    store, now = context.store, context.clock.now()
    failures = store.quarantine.attempts(pair.row) + 1
    wait = min(PAUSE * 2 ** min(failures - SOON, 10), LONGEST_PAUSE) if failures > SOON else 0.0
    told = REDACTOR.clean(reason)
    store.quarantine.put(pair.row, pair.origin, "", told, at=now, retry_at=max(until, now + wait))
    store.pairs.set_due(pair.row, {})


def quarantine(
    context: Context, pair: Pair, reason: str, *, side: Side | None = None, part: str = ""
) -> None:
    """Stop a conversation at a part ("" for the conversation as such) until a person looks."""
    at, reason = context.clock.now(), REDACTOR.clean(reason)
    context.store.quarantine.put(pair.row, side or pair.origin, part, reason, at=at)
    known = context.store.ledger.of(pair.row)[side or pair.origin].get(part)
    if part and (known is None or known.disposition is Disposition.QUARANTINED):
        row = LedgerRow(side or pair.origin, part, "", at, Disposition.QUARANTINED, reason)
        context.store.ledger.put(pair.row, [row], context.run)
        context.report.disposed([row.disposition])
    context.store.pairs.set_due(pair.row, {})
    context.report.unblock(pair.row)
    context.report.notice(notice_of(pair, NoticeKind.QUARANTINED, reason, side=side, part=part))


def leave_out(store: Store, item: QuarantineItem, *, now: Seconds) -> str | None:
    """Leave a quarantined part out for good, or what a write that cannot be found was to carry.

    Returns the queue that goes on with the conversation; None when there is nothing that could be left out.
    """
    reason = f"left out by hand: {item.reason}"
    rows = (
        [LedgerRow(item.side, item.part, "", item.first_at, Disposition.SKIPPED, reason)] if item.part else []
    )
    intents = store.journal.open(item.conversation)
    for intent in intents:
        rows += [
            replace(row, disposition=Disposition.SKIPPED, reason=reason) for row in load_rows(intent.covers)
        ]
    if not rows and not intents:
        return None
    with store.transaction():
        for intent in intents:
            store.journal.drop(intent.marker)
        store.ledger.put(item.conversation, rows, None)
        return store.quarantine.release(item.id, due=now)


def _shorten(context: Context, pair: Pair, error: TextTooLong) -> Result:
    """Nobody documents how long a text may be: learn it from the refusal, for the next run."""
    length = context.policy.capabilities[error.target].max_text // 2
    if length < SHORTEST_TEXT:
        quarantine(context, pair, str(error))
        return Result.DONE
    context.store.meta.set(f"{error.target}_max_text", str(length))
    context.report.notice(Notice(NoticeKind.TEXT_TOO_LONG, error.target, detail=str(length)))
    _later(context, pair, context.clock.now())
    return Result.LEARNT


def notice_of(
    pair: Pair, kind: NoticeKind, detail: str = "", *, side: Side | None = None, part: str = ""
) -> Notice:
    """Return a notice about a pair, by both of its ids."""
    side = side or pair.origin
    ids = pair.ids
    return Notice(kind, side, ids.get(side, ""), part, detail, ids.get(side.other, ""))
