"""Conversations that were opened with a stand-in: they belong to the side where the customer answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import MoveOrigin, Plan, PostWords, WriteLedger
from connector.engine.plan.messages import plan_messages
from mappings.model import AuthorKind, Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.plan.actions import Action
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from mappings.model import Part
    from state.records import LedgerRow


def answer_in_mirror(snapshot: Snapshot) -> Part | None:
    """Return the first new message of a customer who is only reached in the mirror; None for any other."""
    pair = snapshot.pair
    if not (pair.linked and snapshot.stand_in):
        return None
    return next((part for part in snapshot.new_parts(pair.mirror) if _is_answer(part)), None)


def plan_until(snapshot: Snapshot, policy: Policy, answer: Part) -> tuple[Plan, Snapshot]:
    """Return what is done before a customer's answer, and what is known from then on.

    Words that were written before are not delivered: nobody had told the agents that they would be.
    """
    origin, there = snapshot.pair.origin, snapshot.pair.mirror
    earlier = plan_messages(snapshot.until(origin, answer.created), policy, origin)
    planned = Plan((*earlier.actions, MoveOrigin(there)), earlier.notices)
    return planned, snapshot.with_rows(_rows(earlier.actions)).begun_on(there)


def _is_answer(part: Part) -> bool:
    return part.author.kind is AuthorKind.CUSTOMER and isinstance(part.words, Message) and not part.removed


def _rows(actions: tuple[Action, ...]) -> Iterator[LedgerRow]:
    for action in actions:
        match action:
            case PostWords(covers=rows) | WriteLedger(rows=rows):
                yield from rows
            case _:
                pass
