"""What becomes of a pair when one of its conversations was deleted: it is never made anew.

An origin takes its copies along, as far as `removals` says. A deleted mirror takes nothing along: what agents
typed there belongs to the origin since it was delivered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.config.choices import Removals
from connector.engine.plan.actions import Action, Form, Plan, PostWords, Redaction, WriteLedger
from connector.engine.plan.notices import TITLES, NoticeKind
from connector.engine.run.events import Done
from connector.engine.sync.failures import notice_of
from connector.errors import Gone
from mappings.model import Side
from state.records import LedgerRow, PairState, tombstone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.apply.executor import Executor
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.read.reader import Reader
    from connector.engine.run.events import Events
    from connector.engine.run.report import Report
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Seconds
    from state.records import Pair
    from state.store import Store

Ledger = Mapping[Side, Mapping[str, LedgerRow]]


@dataclass(frozen=True, kw_only=True)
class Deletions:
    """Finds out which conversation of a pair was deleted, and treats what is left of the pair."""

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    reader: Reader
    policy: Policy

    def deleted_side(self, pair: Pair) -> Side | None:
        """Ask both sides for their conversation and return the side that has none any more."""
        for side, conversation in self.store.pairs.get(pair.row).ids.items():
            known = frozenset(self.store.ledger.of(pair.row)[side])
            try:
                view = self.helpdesks[side].conversation(conversation, known=known)
            except Gone:
                return side
            if view.deleted:
                return side
        return None

    def plan(self, pair: Pair, deleted: Side) -> tuple[Snapshot, Plan]:
        """Return what is known of a pair, and what is done since one of its conversations was deleted."""
        ledger = self.store.ledger.of(pair.row)
        snapshot = self.reader.snapshot(pair, {}, ledger)
        return snapshot, plan_deletion(pair, ledger, self.policy, deleted, now=snapshot.now)


@dataclass(frozen=True)
class DeletionCarrier:
    """Carries a deletion over to the other side, as far as `removals` says."""

    deletions: Deletions
    executor: Executor
    report: Report
    events: Events
    run: str

    def propagate_deletion(self, pair: Pair, deleted: Side) -> None:
        """Treat the copies of a deleted conversation by `removals`, then mark its pair as gone."""
        store = self.deletions.store
        snapshot, planned = self.deletions.plan(pair, deleted)
        try:
            self.executor.apply(snapshot, planned)
        except Gone:  # the copy was deleted as well
            rows = [row for rows in snapshot.ledger.values() for row in rows.values()]
            store.ledger.put(pair.row, [tombstone(row) for row in rows], self.run)
        store.journal.forget(pair.row)
        store.pairs.set_state(pair.row, PairState.GONE)
        store.pairs.set_due(pair.row, {})
        self.report.notice(*planned.notices)
        self.events.log(Done.CONVERSATION_DELETED, pair.ids, side=deleted)


def plan_deletion(
    pair: Pair, ledger: Ledger, policy: Policy, deleted: Side, *, now: Mapping[Side, Seconds]
) -> Plan:
    """Return what is done for a pair whose conversation on ``deleted`` does not exist any more."""
    if not pair.linked:
        return Plan((_tombstones(ledger[deleted]),))
    target = deleted.other
    told = notice_of(pair, NoticeKind.CONVERSATION_DELETED, side=deleted)
    copies = _copies(ledger[target]) if takes_copies_along(pair, policy, deleted) else []
    if not copies:
        return Plan((_tombstones(ledger[deleted]),), (told,))
    if policy.capabilities[target].redaction and policy.removals is Removals.REDACT:
        return Plan(
            (*_redactions(target, copies), _tombstones(ledger[deleted])),
            (notice_of(pair, NoticeKind.COPIES_REDACTED, side=deleted),),
        )
    by_hand = notice_of(pair, NoticeKind.REMOVE_BY_HAND, side=deleted)
    return Plan(
        (_note_to_agents(pair, policy, deleted, now[target]), _tombstones(ledger[deleted])), (by_hand,)
    )


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


def _redactions(target: Side, copies: list[LedgerRow]) -> Iterator[Action]:
    """Yield the redaction of every copy, each remembered at once; the conversation counts as one removal."""
    for number, copy in enumerate(copies):
        yield Redaction(target, copy.id, counted=number == 0)
        yield WriteLedger((tombstone(copy),))


def _tombstones(rows: Mapping[str, LedgerRow]) -> Action:
    return WriteLedger(tuple(tombstone(row) for row in rows.values()))


def _note_to_agents(pair: Pair, policy: Policy, deleted: Side, now: Seconds) -> PostWords:
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
