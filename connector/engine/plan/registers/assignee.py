"""Planning registers of one value: the winner's value is written to the other side in that side's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Agreed, SetBase, SetRegister
from connector.helpdesk.port import Assign, SetStatus
from mappings.model import Side, Status
from mappings.registers import Register, value_of
from state.records import Disposition

if TYPE_CHECKING:
    from connector.engine.plan.registers.comparison import Ground
    from mappings.registers import Value


def plan_assignee(ground: Ground) -> None:
    """Bring the assignees together."""
    _plan(ground, Register.ASSIGNEE, same=same_assignee(ground))


def plan_team(ground: Ground) -> None:
    """Bring Dashly's channel and Intercom's team together, as far as the configuration maps them."""
    _plan(ground, Register.TEAM, same=same_team(ground))


def same_team(ground: Ground) -> bool:
    """Tell whether Dashly's channel and Intercom's team mean the same."""
    dashly, intercom = (ground.now[side].team for side in (Side.DASHLY, Side.INTERCOM))
    if dashly is None and intercom is None:
        return True
    return ground.policy.channels.get(dashly or "") == intercom


def _plan(ground: Ground, register: Register, *, same: bool) -> None:
    outcome = ground.outcome(register, same=same, tie=ground.snapshot.pair.origin)
    if outcome.agree:
        ground.settle(register)
    elif outcome.winner is not None and ground.is_our_doing(outcome.winner, register):
        ground.settle(register, outcome.winner)
    elif outcome.winner is not None:
        carry_over(ground, outcome.winner, register)


def same_assignee(ground: Ground) -> bool:
    """Tell whether both sides' assignees are the same person."""
    dashly, intercom = (ground.now[side].assignee for side in (Side.DASHLY, Side.INTERCOM))
    if dashly is None or intercom is None:
        return dashly is intercom
    agents = ground.policy.agents
    return agents.of(Side.DASHLY, dashly) == intercom or agents.of(Side.INTERCOM, intercom) == dashly


def carry_over(ground: Ground, winner: Side, register: Register) -> None:
    """Write the winner's value to the other side, or settle what cannot be written there."""
    target = winner.other
    if winner not in ground.policy.sources:
        ground.settle(register)
        return
    value = value_of(ground.now[winner], register)
    wanted, possible = _translate(ground, winner, register, value)
    if not possible:
        ground.unsupported(winner, register)
        return
    ground.fate[winner, register] = Disposition.STATE
    agreed = (Agreed(winner, register, value), Agreed(target, register, wanted))
    if wanted == value_of(ground.now[target], register) and register != Register.STATUS:
        ground.actions.append(SetBase(agreed))
        return
    ground.actions.append(SetRegister(target, register, _write(ground, target, register, wanted), agreed))


def _write(ground: Ground, target: Side, register: Register, value: Value) -> Assign | SetStatus:
    actor, conversation = ground.actor(target.other, register), ground.conversation(target)
    if isinstance(value, Status):
        return SetStatus(conversation, actor, value)
    if register == Register.TEAM:
        return Assign(conversation, actor, team=str(value) if value else None)
    return Assign(conversation, actor, assignee=str(value) if value else None)


def _translate(ground: Ground, source: Side, register: Register, value: Value) -> tuple[Value, bool]:
    """Return a value in the other side's terms, and whether that side can take it."""
    target = source.other
    if isinstance(value, Status):
        return value, value.state in ground.policy.capabilities[target].states
    if register == Register.TEAM:
        team = None if target is Side.DASHLY else ground.policy.channels.get(str(value or ""))
        return team, team is not None
    twin = ground.policy.agents.of(source, str(value) if value else None)
    return twin, twin is not None or value is None
