"""The status, which is planned last."""

from __future__ import annotations

from typing import Any

import pytest

from connector.config.choices import Prefer
from connector.engine.plan.actions import Form, RecordConflict, Reread, SetRegister, WriteLedger
from connector.engine.plan.planner import plan
from mappings.model import CLOSED, OPEN, Message, Note, Side, State, Status, StatusChanged
from mappings.registers import Register
from tests.engine.plan.plans import dispositions, posts, register_writes, statuses

D, IC = Side.DASHLY, Side.INTERCOM
SNOOZED = Status(State.SNOOZED, 1_900_000_000.0)


def test_a_closing_is_carried_over(make: Any) -> None:
    """Closed on Dashly, closed on Intercom; the part is done."""
    part = make.part(D, 1, StatusChanged(CLOSED), by=make.agent)

    planned = plan(statuses(make, CLOSED, OPEN, parts={D: (part,), IC: ()}), make.policy())

    assert register_writes(planned) == [SetRegister(IC, Register.STATUS, CLOSED, "11")]
    assert dispositions(planned) == {"1": "state"}


def test_several_changes_are_carried_out_once(make: Any) -> None:
    """Closed, opened, closed: one closing, the others are absorbed."""
    parts = tuple(
        make.part(D, number, StatusChanged(status), by=make.agent, ago=60 - number)
        for number, status in [(1, CLOSED), (2, OPEN), (3, CLOSED)]
    )

    planned = plan(statuses(make, CLOSED, OPEN, parts={D: parts, IC: ()}), make.policy())

    assert len(register_writes(planned)) == 1
    assert dispositions(planned) == {"1": "absorbed", "2": "absorbed", "3": "state"}


def test_the_same_change_on_both_sides_writes_nothing(make: Any) -> None:
    """Two agents who both closed are in agreement."""
    planned = plan(statuses(make, CLOSED, CLOSED), make.policy())

    assert planned.writes == ()
    assert not [action for action in planned.actions if isinstance(action, RecordConflict)]


def test_a_snooze_that_ran_out_is_no_change(make: Any) -> None:
    """When the timer ends nobody acted."""
    over = Status(State.SNOOZED, make.now - 1)

    planned = plan(statuses(make, OPEN, OPEN, base=over), make.policy())

    assert planned.writes == ()


@pytest.mark.parametrize(("status", "notes"), [(OPEN, [Form.NOTE]), (CLOSED, [])])
def test_an_agent_who_ends_a_snooze_is_told_of(make: Any, status: Status, notes: list[Form]) -> None:
    """Dashly had only a note of the snooze, and was open throughout; a closing shows there by itself."""
    ended = make.part(IC, 1, StatusChanged(status), by=make.agent)

    planned = plan(statuses(make, status, status, base=SNOOZED, parts={D: (), IC: (ended,)}), make.policy())

    assert [(post.target, post.form) for post in posts(planned)] == [(D, form) for form in notes]


def test_a_conflict_keeps_the_loser(make: Any) -> None:
    """Both sides changed the status at no telling time: open wins, and both values are shown."""
    planned = plan(statuses(make, CLOSED, OPEN, base=SNOOZED), make.policy())

    (contested,) = [action for action in planned.actions if isinstance(action, RecordConflict)]
    assert (contested.register, contested.winner, contested.rule) == ("status", "intercom", "tie")
    assert dict(contested.values) == {D: "closed", IC: "open"}


def test_a_manual_preference_writes_nothing(make: Any) -> None:
    """With prefer = manual a person decides; the difference stays and is shown."""
    planned = plan(statuses(make, CLOSED, OPEN, base=SNOOZED), make.policy(prefer=Prefer.MANUAL))

    assert register_writes(planned) == []
    assert [a.rule for a in planned.actions if isinstance(a, RecordConflict)] == ["manual"]


def test_a_customer_who_writes_after_the_closing_wins(make: Any) -> None:
    """The mirror is not closed over a message that nobody answered."""
    closed = make.part(IC, 1, StatusChanged(CLOSED), by=make.agent, ago=60)
    wrote = make.part(D, 2, Message("One more thing"), ago=30)

    planned = plan(statuses(make, OPEN, CLOSED, parts={D: (wrote,), IC: (closed,)}), make.policy())

    assert SetRegister(D, Register.STATUS, CLOSED, "99") not in register_writes(planned)
    assert register_writes(planned) == [SetRegister(IC, Register.STATUS, OPEN, "990")]


def test_words_written_into_a_closed_conversation_close_it_again(make: Any) -> None:
    """A note copied into a conversation that both sides hold closed does not leave it open."""
    note = make.part(D, 1, Note("for the record"), by=make.agent)

    planned = plan(statuses(make, CLOSED, CLOSED, base=CLOSED, parts={D: (note,), IC: ()}), make.policy())

    assert register_writes(planned) == [SetRegister(IC, Register.STATUS, CLOSED, "990")]
    assert isinstance(planned.actions[-1], SetRegister | WriteLedger)


def test_a_customer_s_answer_leaves_the_conversation_open(make: Any) -> None:
    """A copied message of the customer may reopen the other side: nobody closes it over them."""
    wrote = make.part(D, 1, Message("Hello?"))

    planned = plan(statuses(make, CLOSED, CLOSED, base=CLOSED, parts={D: (wrote,), IC: ()}), make.policy())

    assert register_writes(planned) == []


def test_an_opening_that_dashly_does_by_itself_is_looked_at(make: Any) -> None:
    """A customer's message reopens Dashly: the planner waits and looks instead of making a note."""
    wrote = make.part(IC, 1, Message("Hello?"))

    planned = plan(statuses(make, CLOSED, OPEN, base=CLOSED, parts={D: (), IC: (wrote,)}), make.policy())

    assert Reread(D) in planned.actions
    assert [post.form for post in posts(planned)] == [Form.MESSAGE]
