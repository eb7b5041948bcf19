"""A conversation that was opened with a stand-in belongs to the side where the customer answers."""

from __future__ import annotations

from typing import Any

import pytest

from connector.engine.plan.actions import MoveOrigin
from connector.engine.plan.planner import plan
from mappings.model import Message, Note, Side
from tests.engine.plan.plans import conversation, dispositions, said

D, IC = Side.DASHLY, Side.INTERCOM


def moves(planned: Any) -> list[Side]:
    """Return where a plan moves the conversation to."""
    return [action.side for action in planned.actions if isinstance(action, MoveOrigin)]


def test_an_answer_of_the_customer_moves_the_conversation(make: Any) -> None:
    """What they wrote is copied as theirs, to the agents who opened it."""
    answer = make.part(D, 1, Message("It's me"))

    planned = plan(conversation(make, answer, source=D, origin=IC, stand_in=True), make.policy())

    assert moves(planned) == [D]
    assert [text for _, text, _ in said(planned)] == ["It's me"]
    assert dispositions(planned) == {"1": "copied"}


@pytest.mark.parametrize(
    ("entry", "more", "stand_in"),
    [
        (Message("It's me"), {}, False),
        (Message("It's me"), {"removed": True}, True),
        (Note("aside"), {}, True),
        (Message("We are here"), {"by": "agent"}, True),
    ],
    ids=["no stand-in", "removed", "no message", "an agent's"],
)
def test_nothing_else_moves_it(make: Any, entry: Any, more: dict[str, Any], *, stand_in: bool) -> None:
    """Only a message that is there, of the customer, proves that they are reached there."""
    author = getattr(make, more.pop("by", "customer"))
    part = make.part(D, 1, entry, by=author, **more)

    planned = plan(conversation(make, part, source=D, origin=IC, stand_in=stand_in), make.policy())

    assert moves(planned) == []
