"""Finding out that a conversation of a pair was deleted, and carrying out what is planned for its copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.apply.executor import apply
from connector.engine.plan.deletion import plan_deletion
from connector.engine.read.observe import snapshot_of
from connector.errors import Gone
from state.records import PairState, tombstone

if TYPE_CHECKING:
    from connector.engine.run.context import Context
    from mappings.model import Side
    from state.records import Pair


def deleted_side(context: Context, pair: Pair) -> Side | None:
    """Ask both sides for their conversation and return the side that has none any more."""
    for side, conversation in context.store.pairs.get(pair.row).ids.items():
        known = frozenset(context.store.ledger.of(pair.row)[side])
        try:
            view = context.helpdesks[side].conversation(conversation, known=known)
        except Gone:
            return side
        if view.deleted:
            return side
    return None


def propagate_deletion(context: Context, pair: Pair, deleted: Side) -> None:
    """Treat the copies of a deleted conversation by `removals`, then mark its pair as gone."""
    store = context.store
    ledger = store.ledger.of(pair.row)
    snapshot = snapshot_of(context, pair, {}, ledger)
    planned = plan_deletion(pair, ledger, context.policy, deleted, now=snapshot.now)
    try:
        apply(context, snapshot, planned)
    except Gone:  # the copy was deleted as well
        store.ledger.put(
            pair.row, [tombstone(row) for rows in ledger.values() for row in rows.values()], context.run
        )
    store.journal.forget(pair.row)
    store.pairs.set_state(pair.row, PairState.GONE)
    store.pairs.set_due(pair.row, {})
    context.report.notice(*planned.notices)
