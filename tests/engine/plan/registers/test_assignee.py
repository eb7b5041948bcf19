"""Who a conversation is given to, a person or a team."""

from __future__ import annotations

from typing import Any

from connector.engine.plan.actions import Plan, SetRegister
from connector.engine.plan.planner import plan
from connector.engine.plan.policy import AgentMap
from mappings.model import Assigned, ChannelChanged, Registers, Side
from mappings.registers import Register
from tests.engine.plan.plans import dispositions, register_writes, said

D, IC = Side.DASHLY, Side.INTERCOM


def assigned(make: Any, dashly: str | None, intercom: str | None, base: tuple[Any, Any]) -> Plan:
    """Return the plan for a linked pair with these assignees."""
    agreed = {D: Registers(assignee=base[0]), IC: Registers(assignee=base[1])}
    part = make.part(D, 1, Assigned(dashly), by=make.agent)
    snapshot = make.snapshot(
        make.pair(D, linked=True, base=agreed),
        make.view(D, part, registers=Registers(assignee=dashly)),
        make.view(IC, registers=Registers(assignee=intercom)),
    )
    return plan(snapshot, make.policy())


def test_a_mapped_assignee_is_carried_over(make: Any) -> None:
    """Assigned on Dashly to agent 1, on Intercom to the same person."""
    planned = assigned(make, "1", None, (None, None))

    assert register_writes(planned) == [SetRegister(IC, Register.ASSIGNEE, "11", "11")]
    assert dispositions(planned) == {"1": "state"}


def test_an_unmapped_assignee_changes_nothing(make: Any) -> None:
    """Never a silent unassign, and no note either."""
    planned = assigned(make, "77", "12", ("2", "12"))

    assert (register_writes(planned), said(planned), dispositions(planned)) == ([], [], {"1": "unsupported"})


def test_nobody_is_carried_over_when_nobody_is_meant(make: Any) -> None:
    """An unassignment by a person is one on the other side too."""
    assert register_writes(assigned(make, None, "11", ("1", "11"))) == [
        SetRegister(IC, Register.ASSIGNEE, None, "11")
    ]


def test_the_same_person_on_both_sides_is_no_change(make: Any) -> None:
    """Two ids of one person agree."""
    assert assigned(make, "2", "12", ("1", "11")).writes == ()


def test_two_people_who_are_one_on_the_other_side_agree_with_that_one(make: Any) -> None:
    """That one is carried over as the first of them, but neither of them is taken away for it."""
    agreed = {D: Registers(assignee="2"), IC: Registers(assignee="11")}
    snapshot = make.snapshot(
        make.pair(D, linked=True, base=agreed),
        make.view(D, registers=Registers(assignee="1")),
        make.view(IC, registers=Registers(assignee="11")),
    )
    agents = AgentMap({D: {"1": "12"}, IC: {"11": "1", "12": "1"}})

    assert register_writes(plan(snapshot, make.policy(agents=agents))) == []


def test_a_mapped_channel_assigns_the_team(make: Any) -> None:
    """With a team in the map there is an assignment and no note."""
    part = make.part(D, 1, ChannelChanged("3012"), by=make.agent)
    pair = make.pair(D, linked=True)
    view = make.view(D, part, registers=Registers(team="3012"))

    planned = plan(make.snapshot(pair, view), make.policy(channels={"3012": "9001"}))

    assert register_writes(planned) == [SetRegister(IC, Register.TEAM, "9001", "11")]
    assert dispositions(planned) == {"1": "state"}
