"""Planning the registers with one value that both sides name differently: the assignee, and the team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.registers.register_plan import RegisterPlan, conflict
from connector.engine.plan.registers.write_over import write_over
from mappings.model import Side
from mappings.registers import Register

if TYPE_CHECKING:
    from connector.engine.plan.registers.comparison import RegisterComparison


def plan_assignee(compared: RegisterComparison, wrote: frozenset[Side]) -> RegisterPlan:
    """Bring the assignees together; ``wrote`` are the sides that get words."""
    return _plan(compared, Register.ASSIGNEE, wrote, same=same_assignee(compared))


def plan_team(compared: RegisterComparison, wrote: frozenset[Side]) -> RegisterPlan:
    """Bring Dashly's channel and Intercom's team together, as far as the configuration maps them."""
    return _plan(compared, Register.TEAM, wrote, same=same_team(compared))


def same_assignee(compared: RegisterComparison) -> bool:
    """Tell whether both sides' assignees are the same person."""
    dashly, intercom = (compared.now[side].assignee for side in (Side.DASHLY, Side.INTERCOM))
    if dashly is None or intercom is None:
        return dashly is intercom
    agents = compared.policy.agents
    return agents.of(Side.DASHLY, dashly) == intercom or agents.of(Side.INTERCOM, intercom) == dashly


def same_team(compared: RegisterComparison) -> bool:
    """Tell whether Dashly's channel and Intercom's team mean the same."""
    dashly, intercom = (compared.now[side].team for side in (Side.DASHLY, Side.INTERCOM))
    if dashly is None and intercom is None:
        return True
    return compared.policy.channels.get(dashly or "") == intercom


def _plan(
    compared: RegisterComparison, register: Register, wrote: frozenset[Side], *, same: bool
) -> RegisterPlan:
    outcome = compared.outcome(register, same=same, tie=compared.snapshot.pair.origin)
    recorded = conflict(compared, register, outcome)
    winner = outcome.winner
    if outcome.agree:
        return recorded + RegisterPlan((compared.base_as_shown(register),))
    if winner is None:
        return recorded
    if compared.came_with_our_words(winner, register):  # written back, it would pass for a human act
        return recorded + RegisterPlan((compared.base_as_shown(register, winner),))
    return recorded + write_over(compared, winner, register, wrote)
