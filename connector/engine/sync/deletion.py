"""What becomes of a pair when one of its conversations was deleted: it is never made anew.

An origin takes its copies along, as far as `removals` says. A deleted mirror takes nothing along: what agents
typed there belongs to the origin since it was delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connector.config.choices import Removals
from connector.engine.apply.executor import apply
from connector.engine.plan.actions import Action, Form, Plan, PostWords, Redaction, WriteLedger
from connector.engine.plan.notices import TITLES, NoticeKind
from connector.engine.read.observe import snapshot_of
from connector.engine.sync.failures import notice_of
from connector.errors import Gone
from mappings.model import Side
from state.records import LedgerRow, PairState, tombstone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.plan.policy import Policy
    from connector.engine.run.context import Context
    from mappings.model import Seconds
    from state.records import Pair

Ledger = Mapping[Side, Mapping[str, LedgerRow]]


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


def plan_deletion(
    pair: Pair, ledger: Ledger, policy: Policy, deleted: Side, *, now: Mapping[Side, Seconds]
) -> Plan:
    """Return what is done for a pair whose conversation on ``deleted`` does not exist any more."""
    if not pair.linked:
        return Plan((_forget(ledger[deleted]),))
    target = deleted.other
    told = notice_of(pair, NoticeKind.CONVERSATION_DELETED, side=deleted)
    copies = _copies(ledger[target]) if takes_copies_along(pair, policy, deleted) else []
    if not copies:
        return Plan((_forget(ledger[deleted]),), (told,))
    if policy.capabilities[target].redaction and policy.removals is Removals.REDACT:
        return Plan(
            (*_erasures(target, copies), _forget(ledger[deleted])),
            (notice_of(pair, NoticeKind.COPIES_REDACTED, side=deleted),),
        )
    by_hand = notice_of(pair, NoticeKind.REMOVE_BY_HAND, side=deleted)
    return Plan((_note(pair, policy, deleted, now[target]), _forget(ledger[deleted])), (by_hand,))


def takes_copies_along(pair: Pair, policy: Policy, deleted: Side) -> bool:
    """Tell whether the copies on the other side are to go as well."""
    origin = pair.linked and pair.origin is deleted
    return origin and policy.removals is not Removals.IGNORE and deleted in policy.sources


def _copies(ledger: Mapping[str, LedgerRow]) -> list[LedgerRow]:
    """Return what we wrote for parts of the other side; a stub or a change of a register says nothing."""
    forms = set(Form)
    return [
        row
        for row in ledger.values()
        if row.ours and row.counterpart and row.type in forms and not row.removed
    ]


def _erasures(target: Side, copies: list[LedgerRow]) -> Iterator[Action]:
    """Yield the erasure of every copy, each remembered at once; the conversation counts as one removal."""
    for number, copy in enumerate(copies):
        yield Redaction(target, copy.id, counted=number == 0)
        yield WriteLedger((tombstone(copy),))


def _forget(rows: Mapping[str, LedgerRow]) -> Action:
    return WriteLedger(tuple(tombstone(row) for row in rows.values()))


def _note(pair: Pair, policy: Policy, deleted: Side, now: Seconds) -> PostWords:
    target, conversation = deleted.other, pair.ids[deleted]
    return PostWords(
        target=target,
        form=Form.NOTE,
        marker=policy.marker(deleted, conversation, ":deleted"),
        source=conversation,
        text=f"This conversation was deleted in {TITLES[deleted]}: its copy here should be removed too.",
        agent=policy.default_agent[target],
        created=now,
    )
