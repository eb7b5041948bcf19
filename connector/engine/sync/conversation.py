"""Working on one conversation: settle, read, triage, plan, apply, and say when to look again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.planner import needs_rereading, plan
from connector.engine.plan.reasons import Reason
from connector.engine.plan.shadow import is_copy, speaks_as_ours
from connector.engine.recover.adopt import adopt_mirror
from connector.engine.run.shared_parts import SharedParts, shared_refs
from connector.engine.sync.doubt import stop_on_unknown_marks
from connector.engine.sync.failures import Result
from connector.engine.sync.planning import read_and_plan
from connector.engine.sync.triage import (
    Deleted,
    LinkedMeanwhile,
    Memory,
    PerhapsMirrored,
    PerhapsOurOwnCopy,
    Plannable,
    UnreadablePart,
    triage,
)
from connector.engine.write.job import Blocked
from connector.errors import AccessDenied, DiskFailed, Gone, NeverSent, PersonNeeded, RailTripped
from connector.host.log import about
from connector.http.turns import priority
from mappings.model import Ref, Side
from state.errors import StateError, TakenOver
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.apply.execution import Execution
    from connector.engine.apply.executor import Executor
    from connector.engine.plan.actions import Plan
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.read.reader import Reader
    from connector.engine.recover.recovery import Recovery
    from connector.engine.run.in_hand import InHand
    from connector.engine.run.report import Report
    from connector.engine.sync.deletion import DeletionCarrier
    from connector.engine.sync.failures import Failures
    from connector.engine.write.protocol import Protocol
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from connector.http.turns import Priority
    from mappings.model import Conversation, Seconds
    from state.records import Pair
    from state.store import Store

SURE_AFTER: Seconds = 1.5  # Intercom's times are whole seconds: a read in the same second may miss a part
STOPS_THE_RUN = (AccessDenied, DiskFailed, NeverSent, PersonNeeded, RailTripped, StateError, TakenOver)


@dataclass(frozen=True, kw_only=True)
class ConversationWork:
    """Brings conversations in step, one at a time in each thread."""

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    clock: Clock
    policy: Policy
    reader: Reader
    protocol: Protocol
    executor: Executor
    recovery: Recovery
    deletion: DeletionCarrier
    failures: Failures
    report: Report
    urgency: Priority
    in_hand: InHand
    shared_parts: SharedParts = field(default_factory=SharedParts)

    def work(self, row: int, *, whole: bool = False) -> Result:
        """Bring one conversation in step; what goes wrong with it stays with it. ``whole`` reads all parts.

        Raises what must stop the run (``STOPS_THE_RUN``).
        """
        with self.in_hand.alone(row), priority(self.urgency):
            return self._work_on(row, whole=whole)

    def _work_on(self, row: int, *, whole: bool) -> Result:
        pair = self.store.pairs.maybe(row)
        if pair is None:  # the mirror that an earlier run began was listed, and was linked meanwhile
            return Result.DONE
        if self.failures.holding.holds(row):
            self.failures.holding.put_off(row)
            return Result.DONE
        with about(pair=row, conversation=f"{pair.origin}:{pair.ids.get(pair.origin, '')}"):
            try:
                self._work_or_delete(pair, whole=whole)
            except STOPS_THE_RUN:
                raise
            except Exception as error:  # noqa: BLE001 - a poison conversation must delay only itself
                return self.failures.after(pair, error)
        return Result.DONE

    def _work_or_delete(self, pair: Pair, *, whole: bool) -> None:
        """Work on a pair; when something does not exist, find out whether it is one of the conversations."""
        try:
            self._work(pair.row, whole=whole)
        except Gone:
            # What is not found may be a person, a tag or a part: both conversations are asked first.
            deleted = self.deletion.deletions.deleted_side(pair)
            if deleted is None:
                raise
            self.deletion.propagate_deletion(self.store.pairs.get(pair.row), deleted)

    def _work(self, row: int, *, whole: bool) -> None:
        # First of all: a plan made beside an unclear write could send it a second time.
        self.protocol.settle(row)
        self.report.unblock(row)
        pair = self.store.pairs.get(row)
        # A state in doubt may have missed copies on the side that is not due, and edits that notes tell of.
        doubtful = pair.linked and pair.checked < self._trusting().trusted_from
        whole = whole or doubtful
        sides = [side for side in Side if doubtful or side in pair.due]
        found = self._read_and_plan(pair, sides, whole=whole)
        if found is None:
            return
        with self.shared_parts.held(shared_refs(found[0])) as waited:
            if waited:  # the other conversation has carried them meanwhile
                found = self._read_and_plan(self.store.pairs.get(row), sides, whole=whole)
            if found is not None:
                self._apply(row, *found)

    def _read_and_plan(self, pair: Pair, sides: list[Side], *, whole: bool) -> tuple[Snapshot, Plan] | None:
        return read_and_plan(self.reader, self._trusting(), pair, sides, whole=whole, unless=self._deal_with)

    def _trusting(self) -> Policy:
        """Return the policy as it is by now: a pass beside a backfill may find that less can be trusted."""
        trusted_from = max(self.policy.trusted_from, self.store.meta.trusted_from())
        return replace(self.policy, trusted_from=trusted_from)

    def _apply(self, row: int, snapshot: Snapshot, planned: Plan) -> None:
        # Before anything is sent: a state that missed copies would make them again.
        stop_on_unknown_marks(self.store, self._trusting(), planned)
        self.report.count(changed=1 if planned.writes else 0)
        self.report.notice(*planned.notices)
        execution = self.executor.apply(snapshot, planned)
        answers = self._take_answers(execution)
        with self.store.transaction():
            # Only a plan that was cut short needs to know which of its writes are done.
            self.store.journal.clear_done(row)
            self._schedule(execution, answers)

    # -- what needs no plan ----------------------------------------------------------------------------

    def _deal_with(self, snapshot: Snapshot) -> bool:
        """Act on what a conversation turns out to be; tell whether that was all there is to do."""
        pair = snapshot.pair
        found = triage(snapshot, self._memory(snapshot))
        match found:
            case Deleted(side):
                self.deletion.propagate_deletion(pair, side)
            case LinkedMeanwhile():  # the row under which it waited is not needed any more
                self.store.pairs.set_due(pair.row, {})
            case PerhapsOurOwnCopy():
                self._adopt_or_wait(found)
            case UnreadablePart(side, part, reason):
                told = Reason.UNREADABLE.tell(side, why=reason)
                self.failures.quarantine(pair, told, side=side, part=part)
            case PerhapsMirrored():
                self._tell_truncated(snapshot)
                return self._linked_again(pair, found)
            case Plannable():
                self._tell_truncated(snapshot)
        return not isinstance(found, Plannable)

    def _memory(self, snapshot: Snapshot) -> Memory:
        """Return what triage must know; a linked pair is known to be neither ours nor mirrored."""
        trusted_from = self._trusting().trusted_from
        if snapshot.pair.linked:
            return Memory(trusted_from)
        openings = [(view.side, view.opening) for view in snapshot.views.values()]
        ours = [
            Ref(side, part.id) for side, part in openings if part and self.store.ledger.is_ours(side, part.id)
        ]
        return Memory(trusted_from, tuple(self.store.journal.open()), frozenset(ours))

    def _adopt_or_wait(self, found: PerhapsOurOwnCopy) -> None:
        """Adopt the conversation for the start that made it; Blocked while that cannot be told."""
        whole = self._whole(found.view)
        if found.same_person and self.protocol.adopt_start(found.intent, whole):
            return
        raise Blocked(
            "it may be a copy of ours that is not settled yet", until=self.protocol.known_at(found.intent)
        )

    def _linked_again(self, pair: Pair, found: PerhapsMirrored) -> bool:
        """Link a conversation with the mirror that it has already; tell whether nothing is left to plan."""
        view = self._whole(found.view)
        # While the state is in doubt what may be ours counts as ours: its original, read later, finds it.
        copy = is_copy(view) or (found.doubtful and speaks_as_ours(view))
        if adopt_mirror(self.recovery, view, lax=found.doubtful or copy):
            self.report.notice(
                Notice(NoticeKind.LINKED_AGAIN, view.side, view.id, detail="instead of copied")
            )
            return True
        if copy:  # mirrored back it would be there twice
            self.failures.quarantine(pair, Reason.COPY_OF_NOTHING.tell(view.side))
        return copy

    def _whole(self, view: Conversation) -> Conversation:
        return view if view.complete else self.helpdesks[view.side].conversation(view.id)

    def _tell_truncated(self, snapshot: Snapshot) -> None:
        view = snapshot.views.get(Side.INTERCOM)
        if view is not None and not view.complete:
            self.report.notice(Notice(NoticeKind.TOO_MANY_PARTS, Side.INTERCOM, view.id))

    # -- when to look again ----------------------------------------------------------------------------

    def _take_answers(self, done: Execution) -> Snapshot | None:
        """Record in the ledger what our writes brought about, as far as the answers to them show it.

        Returns what they showed, where that is as good as reading again; anything else is left to a reading.
        """
        if not done.answered or done.stale:
            return None
        snapshot = self.reader.answered(done.row, done.answered)
        if not isinstance(triage(snapshot, self._memory(snapshot)), Plannable):
            return None
        policy = self._trusting()
        planned = plan(snapshot, policy)
        stop_on_unknown_marks(self.store, policy, planned)
        if planned.writes or planned.notices or needs_rereading(planned, snapshot):
            return None
        done.look |= self.executor.apply(snapshot, planned).look
        return snapshot

    def _schedule(self, done: Execution, answers: Snapshot | None) -> None:
        """Remember what each side showed last, and when it must be read again."""
        pairs, now, row = self.store.pairs, self.clock.now(), done.row
        ids = pairs.get(row).ids
        snapshots = [done.snapshot] if answers is None else [done.snapshot, answers]
        held_back = {side for one in snapshots for side in one.views if one.holds_back(side)}
        shown = {side: (view, one.now[side]) for one in snapshots for side, view in one.views.items()}
        unsure = done.look | (done.wrote - (answers.views.keys() if answers else frozenset()))
        due: dict[Side, Seconds] = dict.fromkeys(done.look, now)
        for side, (view, at) in shown.items():
            if side in held_back:
                continue
            if side not in unsure and _is_sure(view, at):
                pairs.set_seen(row, side, view.revision, now)
            elif side is Side.INTERCOM:
                due[side] = now + SURE_AFTER
        if Side.INTERCOM in unsure:
            due[Side.INTERCOM] = now + SURE_AFTER
        if Side.DASHLY in done.stirred and not self._is_polled(Side.DASHLY):
            due[Side.DASHLY] = now
        pairs.set_due(row, {side: at for side, at in due.items() if side in ids})
        for side in held_back:  # live parts that a backfill met are the sync's
            pairs.listed(side, ids[side], due=now, queue=Queue.SYNC)
        self.store.quarantine.forget_retried(row)

    def _is_polled(self, side: Side) -> bool:
        """Tell whether the next run sees what our words did to a side, in the list that it reads anyway."""
        return side in self.policy.sources and not self.reader.backfill


def _is_sure(view: Conversation, now: Seconds) -> bool:
    """Tell whether the next change will show: Intercom gives whole seconds, and at best counts parts."""
    return view.counted or int(view.updated) < int(now)
