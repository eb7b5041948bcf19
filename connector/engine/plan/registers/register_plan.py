"""What planning a register returns: actions in order, and what becomes of the parts that touched it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.engine.plan.actions import ChangeTag, RecordConflict, SetRegister

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.plan.actions import Action
    from connector.engine.plan.registers.comparison import RegisterComparison
    from connector.engine.plan.registers.three_way import Outcome
    from mappings.model import Side
    from mappings.registers import Register
    from state.records import Disposition

    Dispositions = Mapping[tuple[Side, Register], Disposition]


@dataclass(frozen=True, slots=True)
class RegisterPlan:
    """Actions in order; ``dispositions`` are those of the newest part of a side that touched a register."""

    actions: tuple[Action, ...] = ()
    dispositions: Dispositions = field(default_factory=dict)

    def __add__(self, other: RegisterPlan) -> RegisterPlan:
        return RegisterPlan(self.actions + other.actions, {**self.dispositions, **other.dispositions})

    @property
    def written_to(self) -> frozenset[Side]:
        """Return the sides of which a register is written."""
        writes = (action for action in self.actions if isinstance(action, SetRegister | ChangeTag))
        return frozenset(action.target for action in writes)


def conflict(compared: RegisterComparison, register: Register, outcome: Outcome) -> RegisterPlan:
    """Return the plan that records a conflict; an empty one when there is none."""
    if outcome.rule is None:
        return RegisterPlan()
    values = tuple(compared.texts(register).items())
    return RegisterPlan((RecordConflict(register, values, outcome.winner, outcome.rule),))
