"""The planner: a pure function from what is known of one conversation to the actions that align it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.acquaintance import plan_note_of_contact
from connector.engine.plan.actions import (
    Action,
    ChangeTag,
    Form,
    Plan,
    PostWords,
    RecordConflict,
    SetBase,
    SetRegister,
    WriteLedger,
)
from connector.engine.plan.edits import changed_parts, plan_changes, plan_vanished
from connector.engine.plan.messages import plan_messages
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.origin import answer_in_mirror, plan_until
from connector.engine.plan.recognition.matching import match_news
from connector.engine.plan.registers.planning import plan_registers, rows_of_silent_parts
from connector.engine.plan.snapshot import Freshness, accounted_for
from mappings.model import Side

if TYPE_CHECKING:
    from connector.engine.plan.messages import MessagePlan
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.recognition.matches import Matching
    from connector.engine.plan.snapshot import Snapshot


def plan(snapshot: Snapshot, policy: Policy) -> Plan:
    """Return what must be done for one conversation, in order: words first, then registers, status last."""
    policy = policy.going_on(snapshot.begun)
    if moved := snapshot.moved_rows():
        return Plan((WriteLedger(moved),)) + plan(snapshot.with_rows(moved), policy)
    return _plan(snapshot, policy) + plan_vanished(snapshot) + plan_note_of_contact(snapshot, policy)


def _plan(snapshot: Snapshot, policy: Policy) -> Plan:
    changed = {side: tuple(changed_parts(snapshot, policy, side)) for side in Side}
    found = match_news(
        {side: snapshot.new_parts(side) for side in Side},
        {side: view.parts for side, view in snapshot.views.items()},
        changed,
        policy,
    )
    if found.rows:
        return _plan_around_copies(snapshot, policy, found)
    if (answer := answer_in_mirror(snapshot)) is not None:
        earlier, from_then_on = plan_until(snapshot, policy, answer)
        return earlier + _plan(from_then_on, policy)
    messages = {side: plan_messages(snapshot, policy, side) for side in Side}
    edits = {side: plan_changes(snapshot, policy, changed[side]) for side in Side}
    return Plan(
        actions=(
            *(action for side in Side for action in messages[side].actions),
            *(action for side in Side for action in edits[side].actions),
            *_register_actions(snapshot, policy, messages, edits),
        ),
        notices=tuple(notice for side in Side for notice in (*messages[side].notices, *edits[side].notices)),
    )


def _register_actions(
    snapshot: Snapshot, policy: Policy, messages: dict[Side, MessagePlan], edits: dict[Side, Plan]
) -> tuple[Action, ...]:
    """Plan the registers, and record the parts that changed nothing else."""
    posts = [action for side in Side for action in (*messages[side].actions, *edits[side].actions)]
    wrote = frozenset(action.target for action in posts if isinstance(action, PostWords))
    if not snapshot.pair.linked and not wrote:  # a change of registers alone makes no mirror
        return ()
    registers = plan_registers(snapshot, policy, wrote=wrote)
    rows = tuple(
        row
        for side in Side
        for row in rows_of_silent_parts(messages[side].silent_parts, registers.dispositions)
    )
    return (*registers.actions, WriteLedger(rows)) if rows else registers.actions


def _plan_around_copies(snapshot: Snapshot, policy: Policy, found: Matching) -> Plan:
    """Record copies that the state does not know, as after a restored backup, and plan the rest."""
    known = {side: accounted_for(snapshot.ledger[side]) for side in Side}
    rows = [row for row in found.rows.values() if row.id not in known[row.side]]
    rows += found.told_changes
    origin = snapshot.pair.origin
    notice = Notice(NoticeKind.COPIES_FOUND, origin, snapshot.pair.ids.get(origin, ""), detail=str(len(rows)))
    return Plan((WriteLedger(tuple(rows), found=True),), (notice,)) + _plan(snapshot.with_rows(rows), policy)


def needs_rereading(planned: Plan, snapshot: Snapshot) -> bool:
    """Tell whether a plan rests on too little to be carried out: both sides must be read again first."""
    return any(_rests_on_too_little(action, snapshot) for action in planned.actions)


def _rests_on_too_little(action: Action, snapshot: Snapshot) -> bool:
    freshness = {side: snapshot.freshness(side) for side in snapshot.pair.ids}
    unread = Freshness.UNREAD in freshness.values()
    match action:
        case SetBase() | RecordConflict():  # a register was compared with a side that was not read
            return unread
        case SetRegister(target=target) | ChangeTag(target=target):  # somebody may have acted since the list
            return unread or freshness.get(target) is Freshness.LISTED
        case PostWords(target=Side.DASHLY, form=Form.MESSAGE, agent=str(), silent=True):
            # Somebody may have given the shadow user an address, and the message would be sent there.
            return freshness.get(Side.DASHLY) is Freshness.UNREAD
        case _:
            return False
