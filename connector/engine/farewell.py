"""What becomes of a pair when one of its conversations was deleted: it is never made anew.

An origin takes its copies along, as far as `removals` says. A deleted mirror takes nothing along: what agents
typed there belongs to the origin since it was delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connector.engine.actions import Action, Carry, Erase, Form, Plan, Record
from connector.engine.apply import apply
from connector.engine.observe import snapshot_of
from connector.engine.telling import TITLES
from connector.engine.trouble import name
from connector.errors import Gone
from mappings.model import Side
from state.ledger import LedgerRow, buried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.context import Context
    from connector.engine.policy import Policy
    from mappings.model import Seconds
    from state.pairs import Pair

Ledger = Mapping[Side, Mapping[str, LedgerRow]]


def deleted_side(context: Context, pair: Pair) -> Side | None:
    """Ask both sides for their conversation and return the side that has none any more."""
    for side, conversation in context.store.pairs.get(pair.row).ids.items():
        known = frozenset(context.store.ledger.of(pair.row)[side])
        try:
            view = context.desks[side].conversation(conversation, known=known)
        except Gone:
            return side
        if view.deleted:
            return side
    return None


def part_with(context: Context, pair: Pair, deleted: Side) -> None:
    """Treat the copies of a deleted conversation by `removals`, then mark its pair as gone."""
    store = context.store
    ledger = store.ledger.of(pair.row)
    snapshot = snapshot_of(context, pair, {}, ledger)
    planned = plan_farewell(pair, ledger, context.policy, deleted, now=snapshot.now)
    try:
        apply(context, snapshot, planned)
    except Gone:  # the copy was deleted as well
        store.ledger.put(
            pair.row, [buried(row) for rows in ledger.values() for row in rows.values()], context.run
        )
    store.journal.forget(pair.row)
    store.pairs.set_state(pair.row, "gone")
    store.pairs.set_due(pair.row, {})
    context.report.notice(*planned.attention)


def plan_farewell(
    pair: Pair, ledger: Ledger, policy: Policy, deleted: Side, *, now: Mapping[Side, Seconds]
) -> Plan:
    """Return what is done for a pair whose conversation on ``deleted`` does not exist any more."""
    if not pair.linked:
        return Plan((_forget(ledger[deleted]),))
    target = deleted.other
    told = f"conversation {name(pair)} was deleted in {TITLES[deleted]}"
    copies = _copies(ledger[target]) if takes_copies_along(pair, policy, deleted) else []
    if not copies:
        return Plan((_forget(ledger[deleted]),), (told,))
    if policy.abilities[target].redaction and policy.removals == "redact":
        return Plan(
            (*_erasures(target, copies), _forget(ledger[deleted])), (f"{told}; its copies were erased",)
        )
    by_hand = f"{told}; remove its copy {target}:{pair.ids[target]} by hand"
    return Plan((_note(pair, policy, deleted, now[target]), _forget(ledger[deleted])), (by_hand,))


def takes_copies_along(pair: Pair, policy: Policy, deleted: Side) -> bool:
    """Tell whether the copies on the other side are to go as well."""
    origin = pair.linked and pair.origin is deleted
    return origin and policy.removals != "ignore" and deleted in policy.sources


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
        yield Erase(target, copy.id, counted=number == 0)
        yield Record((buried(copy),))


def _forget(rows: Mapping[str, LedgerRow]) -> Action:
    return Record(tuple(buried(row) for row in rows.values()))


def _note(pair: Pair, policy: Policy, deleted: Side, now: Seconds) -> Carry:
    target, conversation = deleted.other, pair.ids[deleted]
    return Carry(
        target=target,
        form=Form.NOTE,
        marker=policy.marker(deleted, conversation, ":deleted"),
        source=conversation,
        text=f"This conversation was deleted in {TITLES[deleted]}: its copy here should be removed too.",
        agent=policy.default_agent[target],
        created=now,
    )
