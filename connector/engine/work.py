"""Working off one conversation: settle, observe, plan, apply, and say when to look again."""

from __future__ import annotations

import logging
from enum import Enum
from typing import TYPE_CHECKING

from connector.engine.apply import Applier
from connector.engine.customers import is_shadow
from connector.engine.observe import observe
from connector.engine.plan import needs_fresh, plan
from connector.engine.protocol import Blocked, Unrecognised
from connector.engine.recover import readopt
from connector.engine.refusals import Loop, Poison, TooLong
from connector.engine.snapshot import settled
from connector.errors import AccessDenied, Gone, NeverSent, RailTripped, Rejected, RemoteError
from mappings.model import Side
from state.errors import TakenOver
from state.ledger import Disposition, LedgerRow

if TYPE_CHECKING:
    from connector.engine.context import Context
    from connector.engine.snapshot import Snapshot
    from mappings.model import Conversation, Seconds
    from state.pairs import Pair

SURE_AFTER: Seconds = 1.5  # Intercom's times are whole seconds: a read in the same second may miss a part
SHORTEST_TEXT = 500
LOG = logging.getLogger(__name__)


class Result(Enum):
    """How the work on a conversation ended."""

    DONE = "done"
    BLOCKED = "blocked"
    POSTPONED = "postponed"
    STOPPED = "stopped"


def work(context: Context, row: int, *, whole: bool = False) -> Result:
    """Bring one conversation in step; what goes wrong with it stays with it. ``whole`` reads all parts.

    Raises what must stop the run: AccessDenied, NeverSent, RailTripped, TakenOver.
    """
    pair = context.store.pairs.get(row)
    try:
        _work(context, pair, whole=whole)
    except (AccessDenied, NeverSent, RailTripped, TakenOver):
        raise
    except Blocked as error:
        context.report.block(row)
        context.store.pairs.set_due(row, dict.fromkeys(pair.ids, error.until))
        return Result.BLOCKED
    except Gone as error:
        _missing(context, pair, error)
    except TooLong as error:
        _shorten(context, error)
        context.store.pairs.set_due(row, dict.fromkeys(pair.ids, context.clock.now()))
        return Result.POSTPONED
    except Poison as error:
        _quarantine(context, pair, str(error), side=error.source.side, part=error.source.id)
    except (Rejected, Loop, Unrecognised) as error:
        _quarantine(context, pair, str(error))
    except RemoteError as error:
        context.report.notice(f"conversation {_name(pair)} was left for the next run: {error}")
        context.report.block(row)
        context.store.pairs.set_due(row, dict.fromkeys(pair.ids, context.clock.now()))
        return Result.POSTPONED
    except Exception as error:
        LOG.debug("conversation.failed", exc_info=error)
        _quarantine(context, pair, f"it could not be worked on ({type(error).__name__})")
    return Result.DONE


def _work(context: Context, pair: Pair, *, whole: bool) -> None:
    context.protocol.settle(pair.row)
    context.report.unblock(pair.row)
    pair = context.store.pairs.get(pair.row)
    due = [side for side in Side if side in pair.due]
    fresh = pair.row not in context.listed
    context.listed.discard(pair.row)
    snapshot = observe(context, pair, due, whole=whole, fresh=fresh)
    if any(view.deleted for view in snapshot.views.values()):
        _gone(context, pair)
        return
    if _is_ours(context, snapshot) or _has_bad_parts(context, snapshot):
        return
    _truncated(context, snapshot)
    if _found_again(context, snapshot):
        return
    planned = plan(snapshot, context.policy)
    missing = needs_fresh(planned, snapshot)
    if missing is not None:
        snapshot = observe(context, pair, Side)
        planned = plan(snapshot, context.policy)
    if planned.writes:
        context.report.count(changed=1)
    context.report.notice(*planned.attention)
    applier = Applier(context, snapshot)
    applier.apply(planned)
    context.store.journal.clear_done(pair.row)
    _finish(context, snapshot, applier)


def _finish(context: Context, snapshot: Snapshot, applier: Applier) -> None:
    """Remember what each side showed, and when it must be read again."""
    row, now = snapshot.pair.row, context.clock.now()
    due: dict[Side, Seconds] = dict.fromkeys(applier.look, now)
    for side, view in snapshot.views.items():
        if side not in applier.wrote and _sure(view, snapshot):
            context.store.pairs.set_seen(row, side, view.revision, now)
        elif side is Side.INTERCOM:
            due[side] = now + SURE_AFTER
    if Side.INTERCOM in applier.wrote:
        due[Side.INTERCOM] = now + SURE_AFTER
    known = context.store.pairs.get(row).ids
    context.store.pairs.set_due(row, {side: at for side, at in due.items() if side in known})


def _sure(view: Conversation, snapshot: Snapshot) -> bool:
    return view.side is Side.DASHLY or int(view.updated) < int(snapshot.now[Side.INTERCOM])


def _is_ours(context: Context, snapshot: Snapshot) -> bool:
    """Adopt a listed conversation that an unclear start of ours made: it must never be mirrored back."""
    pair = snapshot.pair
    if pair.linked:
        return False
    started = [
        intent for intent in context.store.journal.open() if intent.op == "start" and intent.fingerprint
    ]
    for view in snapshot.views.values():
        ours = [i for i in started if i.side is view.side and i.conversation != pair.row]
        whole = context.desks[view.side].conversation(view.id) if ours and not view.complete else view
        if any(context.protocol.adopts(intent, whole) for intent in ours):
            return True
    return False


def _truncated(context: Context, snapshot: Snapshot) -> None:
    view = snapshot.views.get(Side.INTERCOM)
    if view is not None and not view.complete:
        context.report.notice(
            f"intercom conversation {view.id} has more parts than the API shows; the oldest cannot be copied"
        )


def _found_again(context: Context, snapshot: Snapshot) -> bool:
    """Before a mirror is made: a Dashly conversation may have one that the state file does not know."""
    view = snapshot.views.get(Side.DASHLY)
    if snapshot.pair.linked or view is None:
        return False
    whole = view if view.complete else context.desks[Side.DASHLY].conversation(view.id)
    if readopt(context, whole):
        context.report.notice(
            f"conversation dashly:{view.id} had a mirror already; it was linked, not copied"
        )
        return True
    if is_shadow(view.customer):
        _quarantine(context, snapshot.pair, "it is a copy of ours, but its original is not known")
        return True
    return False


def _has_bad_parts(context: Context, snapshot: Snapshot) -> bool:
    for side, view in snapshot.views.items():
        for bad in view.bad:
            if bad.id is None or bad.id not in settled(snapshot.ledger[side]):
                _quarantine(context, snapshot.pair, bad.reason, side=side, part=bad.id or "")
                return True
    return False


def _quarantine(
    context: Context, pair: Pair, reason: str, *, side: Side | None = None, part: str = ""
) -> None:
    at = context.clock.now()
    context.store.quarantine.put(pair.row, side or pair.origin, part, reason, at=at)
    if part:
        row = LedgerRow(side or pair.origin, part, "", at, Disposition.QUARANTINED, reason)
        context.store.ledger.put(pair.row, [row], context.run)
        context.report.disposed([row.disposition])
    context.store.pairs.set_due(pair.row, {})
    context.report.unblock(pair.row)
    context.report.notice(f"conversation {_name(pair)} is in quarantine: {reason}")


def _shorten(context: Context, error: TooLong) -> None:
    """Nobody documents how long a text may be: learn it from the refusal, for the next run."""
    length = max(SHORTEST_TEXT, context.policy.abilities[error.target].max_text // 2)
    context.store.meta.set(f"{error.target}_max_text", str(length))
    context.report.notice(f"{error.target} refuses long texts; from the next run they are cut at {length}")


def _missing(context: Context, pair: Pair, error: Gone) -> None:
    """Something that was asked for does not exist: the conversation itself, or only what a write named."""
    try:
        for side, conversation in context.store.pairs.get(pair.row).ids.items():
            known = frozenset(context.store.ledger.of(pair.row)[side])
            context.desks[side].conversation(conversation, known=known)
    except Gone:
        _gone(context, pair)
    else:
        _quarantine(context, pair, str(error))


def _gone(context: Context, pair: Pair) -> None:
    context.store.pairs.set_state(pair.row, "gone")
    context.store.pairs.set_due(pair.row, {})
    if pair.linked:
        context.report.notice(f"conversation {_name(pair)} was deleted on one side")


def _name(pair: Pair) -> str:
    return " = ".join(f"{side}:{pair.ids[side]}" for side in Side if side in pair.ids)
