"""Writing the winner's value of a register over the other side's, in that side's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Agreed, SetBase, SetRegister
from connector.engine.plan.registers.register_plan import RegisterPlan
from connector.engine.plan.registers.unsupported import unsupported
from mappings.model import Side, Status
from mappings.registers import Register
from state.records import Disposition

if TYPE_CHECKING:
    from connector.engine.plan.registers.comparison import RegisterComparison
    from mappings.registers import Value


def write_over(
    compared: RegisterComparison, winner: Side, register: Register, wrote: frozenset[Side]
) -> RegisterPlan:
    """Bring the other side to the winner's value; what cannot or may not be written is left as it is."""
    target = winner.other
    if winner not in compared.policy.sources:
        return RegisterPlan((compared.base_as_shown(register),))
    value = compared.value(winner, register)
    wanted, possible = _translate(compared, winner, register, value)
    if not possible:
        return unsupported(compared, winner, register, wrote)
    agreed = (Agreed(winner, register, value), Agreed(target, register, wanted))
    dispositions = {(winner, register): Disposition.STATE}
    # A status is written even where the other side shows it by now: words planned before may reopen it.
    if wanted == compared.value(target, register) and register is not Register.STATUS:
        return RegisterPlan((SetBase(agreed),), dispositions)
    actor = compared.actor(winner, register)
    return RegisterPlan((SetRegister(target, register, wanted, actor, agreed),), dispositions)


def _translate(
    compared: RegisterComparison, source: Side, register: Register, value: Value
) -> tuple[Value, bool]:
    """Return a value in the other side's terms, and whether that side can take it."""
    target, policy = source.other, compared.policy
    if isinstance(value, Status):
        return value, value.state in policy.capabilities[target].states
    shown = str(value) if value else None
    if register is Register.TEAM:  # no call of Dashly's API moves a conversation to a channel
        team = None if target is Side.DASHLY else policy.channels.get(shown or "")
        return team, team is not None
    twin = policy.agents.of(source, shown)
    # "Nobody" is written only when nobody is meant: a person without a counterpart is not an unassignment.
    return twin, twin is not None or value is None
