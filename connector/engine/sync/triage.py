"""What a conversation may be, seen before it is planned: deleted, a copy of ours, unreadable, mirrored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.plan.shadow import is_shadow
from connector.engine.plan.snapshot import accounted_for
from connector.engine.recover.adopt import adopt_mirror
from connector.engine.sync.deletion import propagate_deletion
from connector.engine.sync.failures import quarantine
from connector.engine.write.protocol import Blocked
from mappings.model import Side
from state.records import Operation

if TYPE_CHECKING:
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.run.context import Context
    from mappings.model import Conversation


def is_settled_by_a_look(context: Context, snapshot: Snapshot) -> bool:
    """Tell whether nothing has to be planned: what was seen decided everything."""
    deleted = next((side for side, view in snapshot.views.items() if view.deleted), None)
    if deleted is not None:
        propagate_deletion(context, snapshot.pair, deleted)
        return True
    if _is_ours(context, snapshot) or _has_bad_parts(context, snapshot):
        return True
    _truncated(context, snapshot)
    return _found_again(context, snapshot)


def _is_ours(context: Context, snapshot: Snapshot) -> bool:
    """Adopt a listed conversation that an unclear start of ours made: it must never be mirrored back."""
    pair = snapshot.pair
    if pair.linked:
        return False
    if any(_begins_with_ours(context, view) for view in snapshot.views.values()):
        context.store.pairs.set_due(pair.row, {})
        return True
    return any(_is_started_by_us(context, view, pair.row) for view in snapshot.views.values())


def _is_started_by_us(context: Context, view: Conversation, row: int) -> bool:
    """Adopt a conversation for the unclear start that made it; Blocked while that cannot be told.

    Only a conversation of the very person whom the start was made as can be it.
    """
    for intent in context.store.journal.open():
        if intent.op is not Operation.START or intent.side is not view.side or intent.conversation == row:
            continue
        same_person = Expected.load(intent.fingerprint).is_for(view.customer)
        if same_person is False:
            continue
        whole = view if view.complete else context.helpdesks[view.side].conversation(view.id)
        if same_person and context.protocol.adopts(intent, whole):
            return True
        raise Blocked(
            "it may be a copy of ours that is not settled yet", until=context.protocol.known_at(intent)
        )
    return False


def _begins_with_ours(context: Context, view: Conversation) -> bool:
    """Tell whether a conversation was begun by us and linked while it waited here under its own row."""
    return view.opening is not None and context.store.ledger.is_ours(view.side, view.opening.id)


def _truncated(context: Context, snapshot: Snapshot) -> None:
    view = snapshot.views.get(Side.INTERCOM)
    if view is not None and not view.complete:
        context.report.notice(Notice(NoticeKind.TOO_MANY_PARTS, Side.INTERCOM, view.id))


def _found_again(context: Context, snapshot: Snapshot) -> bool:
    """Before a mirror is made: a conversation may have one that the state file does not know.

    That of a shadow user is a copy for sure. Intercom's are asked for only when they are older than a moment
    from which on the state file may have missed something.
    """
    if snapshot.pair.linked:
        return False
    for side, view in snapshot.views.items():
        doubtful = view.created < context.policy.trusted_from
        if side is Side.INTERCOM and not doubtful:
            continue
        whole = view if view.complete else context.helpdesks[side].conversation(view.id)
        ours = is_shadow(view.customer)
        if adopt_mirror(context, whole, lax=doubtful or ours):
            context.report.notice(Notice(NoticeKind.LINKED_AGAIN, side, view.id, detail="instead of copied"))
            return True
        if ours:
            quarantine(context, snapshot.pair, "it is a copy of ours, but its original is not known")
            return True
    return False


def _has_bad_parts(context: Context, snapshot: Snapshot) -> bool:
    for side, view in snapshot.views.items():
        for bad in view.bad:
            if bad.id is None or bad.id not in accounted_for(snapshot.ledger[side]):
                quarantine(context, snapshot.pair, bad.reason, side=side, part=bad.id or "")
                return True
    return False
