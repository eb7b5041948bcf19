"""What carrying out a plan costs in calls of each side."""

from __future__ import annotations

from typing import Any

import pytest

from connector.engine.inspect.cost import Acquaintance, Meeting, calls_before_first, calls_of
from connector.engine.plan.actions import ChangeTag, Form, Plan, PostWords, Redaction, SetRegister
from mappings.model import CLOSED, Side
from mappings.registers import Register

D, IC = Side.DASHLY, Side.INTERCOM
KNOWN = Meeting(Acquaintance.KNOWN)


def start(side: Side) -> PostWords:
    """Return the beginning of a conversation."""
    return PostWords(side, Form.START, "m", "1", "Hi")


def message(side: Side) -> PostWords:
    """Return a message."""
    return PostWords(side, Form.MESSAGE, "m", "1", "Hi")


def note(side: Side) -> PostWords:
    """Return a note."""
    return PostWords(side, Form.NOTE, "m", "1", "Hi")


def close(side: Side) -> SetRegister:
    """Return the closing of a conversation."""
    return SetRegister(side, Register.STATUS, CLOSED, "1")


def tag(side: Side) -> ChangeTag:
    """Return a tag put on."""
    return ChangeTag(side, "vip", put_on=True, actor="1")


@pytest.mark.parametrize(
    ("actions", "dashly", "intercom"),
    [
        ((message(D),), 1, 0),
        ((message(IC),), 0, 1),
        ((close(IC),), 0, 1),
        ((close(IC), close(IC)), 0, 2),
        ((close(D),), 1, 0),
        ((close(D), close(D)), 3, 0),
        ((close(D), tag(D), tag(D)), 4, 0),
        ((note(D), close(D)), 2, 0),
        ((message(D), close(D)), 3, 0),
        ((message(D), tag(D)), 3, 0),
        ((message(IC), close(IC)), 0, 2),
        ((tag(IC),), 0, 2),
        ((tag(IC), message(IC)), 0, 2),
        ((start(IC),), 0, 3),
        ((start(IC), message(IC)), 0, 3),
        ((start(IC), close(IC)), 0, 4),
        ((start(IC), close(IC), close(IC)), 0, 5),
        ((start(IC), tag(IC)), 0, 5),
        ((start(D),), 2, 0),
        ((Redaction(IC, "p"),), 0, 1),
    ],
)
def test_every_call_that_an_action_needs_is_counted(actions: Any, dashly: int, intercom: int) -> None:
    """Registers are read again where the last answer did not show them, and Intercom's at the end."""
    calls = calls_of(Plan(actions), KNOWN)

    assert (calls[D], calls[IC]) == (dashly, intercom)


@pytest.mark.parametrize(
    ("meeting", "dashly", "intercom"),
    [
        (Meeting(Acquaintance.NEW), 0, 4),
        (Meeting(Acquaintance.MET), 0, 2),
        (Meeting(Acquaintance.KNOWN, searched=False), 0, 4),
        (Meeting(Acquaintance.KNOWN, asked=2), 0, 5),
        (Meeting(Acquaintance.KNOWN, withheld=True), 1, 6),
    ],
)
def test_a_start_costs_what_is_not_known_of_its_customer(
    meeting: Meeting, dashly: int, intercom: int
) -> None:
    """Whoever was met needs no search; 1.x has none, and what was withheld is told in a note."""
    calls = calls_of(Plan((start(IC),)), meeting)

    assert (calls[D], calls[IC]) == (dashly, intercom)


@pytest.mark.parametrize(("side", "known", "calls"), [(D, True, 3), (D, False, 2), (IC, True, 2)])
def test_the_first_write_costs_what_the_run_is_noted_by(side: Side, calls: int, *, known: bool) -> None:
    """Dashly is asked in two steps for a person who is there already."""
    assert calls_before_first(side, known=known) == calls
