"""The planner: a pure function from what is known of one conversation to the actions that align it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.actions import Action, Carry, Contested, Form, Plan, Put, Record, Settle
from connector.engine.changes import plan_changes
from connector.engine.content import plan_words
from connector.engine.fields import fate_rows, plan_fields
from connector.engine.matching import Matching, match_news
from connector.engine.snapshot import settled
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Collection

    from connector.engine.policy import Policy
    from connector.engine.snapshot import Snapshot


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
    wrote = frozenset(action.target for action in actions if isinstance(action, Carry))
    if snapshot.pair.linked or wrote:
        merged = plan_fields(snapshot, policy, wrote=wrote)
        actions += merged.actions
        rows = tuple(row for side in Side for row in fate_rows(words[side].silent_parts, merged.fate))
        if rows:
            actions.append(Record(rows))
    attention = tuple(line for side in Side for line in (*words[side].attention, *changes[side][1]))
    return Plan(tuple(actions), attention)


def _already_copied(snapshot: Snapshot, policy: Policy, found: Matching) -> Plan:
    """Remember copies that the state file does not know, as after a restored backup, and plan the rest."""
    rows = {key: row for key, row in found.rows.items() if key[1] not in settled(snapshot.ledger[key[0]])}
    ledger = {side: dict(snapshot.ledger[side]) for side in Side}
    for (side, part), row in rows.items():
        ledger[side][part] = row
    rest = plan(replace(snapshot, ledger=ledger), policy)
    line = f"{len(rows)} parts had copies that the state file did not know; they were not copied again"
    return Plan((Record(tuple(rows.values())), *rest.actions), (line, *rest.attention))


def needs_a_closer_look(planned: Plan, snapshot: Snapshot) -> bool:
    """Tell whether a plan rests on too little to be carried out: both sides must be read anew first."""
    unread = {side for side in Side if side in snapshot.pair.ids and side not in snapshot.views}
    return any(_acts_blindly(action, unread, snapshot.from_list) for action in planned.actions)


def _acts_blindly(action: Action, unread: set[Side], from_list: Collection[Side]) -> bool:
    match action:
        case Settle() | Contested():  # a register was compared with a side that was not read
            return bool(unread)
        case Put(target=target):
            return bool(unread) or target in from_list
        case Carry(target=Side.DASHLY, form=Form.MESSAGE, agent=str(), silent=True):
            return Side.DASHLY in unread  # somebody may have given the shadow user an address
        case _:
            return False
