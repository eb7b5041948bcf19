"""Finding out that a conversation of a pair was deleted, and carrying out what is planned for its copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.plan.deletion import plan_deletion
from connector.engine.run.events import Done
from connector.errors import Gone
from state.records import PairState, tombstone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.apply.executor import Executor
    from connector.engine.plan.actions import Plan
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.read.reader import Reader
    from connector.engine.run.events import Events
    from connector.engine.run.report import Report
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Side
    from state.records import Pair
    from state.store import Store


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
        # Last: a run that stops earlier finds the pair in step, and goes on with what is not redacted yet.
        store.pairs.set_state(pair.row, PairState.GONE)
        store.pairs.set_due(pair.row, {})
        self.report.notice(*planned.notices)
        self.events.log(Done.CONVERSATION_DELETED, pair.ids, side=deleted)
