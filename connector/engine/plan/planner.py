"""The planner: a pure function from what is known of one conversation to the actions that align it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.actions import (
    Action,
    Form,
    Plan,
    PostWords,
    RecordConflict,
    SetBase,
    SetRegister,
    WriteLedger,
)
from connector.engine.plan.edits import plan_changes
from connector.engine.plan.messages import plan_words
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.recognition.matching import Matching, match_news
from connector.engine.plan.registers.planning import fate_rows, plan_fields
from connector.engine.plan.snapshot import accounted_for
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Collection

    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot


def plan(snapshot: Snapshot, policy: Policy) -> Plan:
    """Return what must be done for one conversation, in order: words first, then registers, status last."""
    found = match_news(
        {side: snapshot.new_parts(side) for side in Side},
        {side: view.parts for side, view in snapshot.views.items()},
        policy,
    )
    if found.rows:
        return _already_copied(snapshot, policy, found)
    words = {side: plan_words(snapshot, policy, side) for side in Side}
    changes = {side: plan_changes(snapshot, policy, side) for side in Side}
    actions: list[Action] = [action for side in Side for action in words[side].actions]
    actions += [action for side in Side for action in changes[side][0]]
    wrote = frozenset(action.target for action in actions if isinstance(action, PostWords))
    if snapshot.pair.linked or wrote:
        merged = plan_fields(snapshot, policy, wrote=wrote)
        actions += merged.actions
        rows = tuple(row for side in Side for row in fate_rows(words[side].silent_parts, merged.fate))
        if rows:
            actions.append(WriteLedger(rows))
    notices = tuple(one for side in Side for one in (*words[side].notices, *changes[side][1]))
    return Plan(tuple(actions), notices)


def _already_copied(snapshot: Snapshot, policy: Policy, found: Matching) -> Plan:
    """Remember copies that the state file does not know, as after a restored backup, and plan the rest."""
    rows = {
        key: row for key, row in found.rows.items() if key[1] not in accounted_for(snapshot.ledger[key[0]])
    }
    ledger = {side: dict(snapshot.ledger[side]) for side in Side}
    for (side, part), row in rows.items():
        ledger[side][part] = row
    rest = plan(replace(snapshot, ledger=ledger), policy)
    found_copies = Notice(NoticeKind.COPIES_FOUND, *_whose(snapshot), detail=str(len(rows)))
    return Plan((WriteLedger(tuple(rows.values())), *rest.actions), (found_copies, *rest.notices))


def _whose(snapshot: Snapshot) -> tuple[Side, str]:
    origin = snapshot.pair.origin
    return origin, snapshot.pair.ids.get(origin, "")


def needs_a_closer_look(planned: Plan, snapshot: Snapshot) -> bool:
    """Tell whether a plan rests on too little to be carried out: both sides must be read anew first."""
    unread = {side for side in Side if side in snapshot.pair.ids and side not in snapshot.views}
    return any(_acts_blindly(action, unread, snapshot.from_list) for action in planned.actions)


def _acts_blindly(action: Action, unread: set[Side], from_list: Collection[Side]) -> bool:
    match action:
        case SetBase() | RecordConflict():  # a register was compared with a side that was not read
            return bool(unread)
        case SetRegister(target=target):
            return bool(unread) or target in from_list
        case PostWords(target=Side.DASHLY, form=Form.MESSAGE, agent=str(), silent=True):
            return Side.DASHLY in unread  # somebody may have given the shadow user an address
        case _:
            return False
