"""Planning registers: tags, assignee, team, and the status last, merged three ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.plan.actions import RecordConflict, SetRegister
from connector.engine.plan.registers.assignee import plan_assignee, plan_team, same_assignee, same_team
from connector.engine.plan.registers.comparison import Ground, registers_of
from connector.engine.plan.registers.status import plan_status, same_status
from connector.engine.plan.registers.tags import plan_tags, same_tags
from mappings.model import Loss, LossKind
from mappings.registers import Register
from state.records import Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.engine.plan.actions import Action
    from connector.engine.plan.policy import Policy
    from connector.engine.plan.snapshot import Snapshot
    from mappings.model import Part, Side


LOSSES = {
    Register.ASSIGNEE: Loss(LossKind.AUTHOR, "the assignee has no counterpart"),
    Register.TEAM: Loss(LossKind.TEAM, "the team or channel has no counterpart"),
    Register.TAGS: Loss(LossKind.NO_API, "the other side's API cannot tag conversations"),
    Register.STATUS: Loss(LossKind.NO_API, "the other side's API cannot set this status"),
}


@dataclass(frozen=True, slots=True)
class Merged:
    """Register actions in order, and what merged of each side's changes: register → disposition."""

    actions: tuple[Action, ...]
    fate: dict[tuple[Side, Register], Disposition]


SAME: Mapping[Register, Callable[[Ground], bool]] = {
    Register.TAGS: same_tags,
    Register.ASSIGNEE: same_assignee,
    Register.TEAM: same_team,
    Register.STATUS: same_status,
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A register in which both sides differ, as each shows it.

    ``settled`` says that it is known and stays: a side cannot show the other's value, or is not copied to.
    """

    register: Register
    shown: dict[Side, str]
    settled: bool


def plan_fields(snapshot: Snapshot, policy: Policy, *, wrote: frozenset[Side]) -> Merged:
    """Plan the registers of one conversation; ``wrote`` are the sides to which words were planned before."""
    ground = _planned(snapshot, policy, wrote)
    return Merged(tuple(ground.actions), ground.fate)


def disagreements(snapshot: Snapshot, policy: Policy) -> list[Disagreement]:
    """Return the registers in which the two sides differ now."""
    ground = _planned(snapshot, policy, frozenset())
    planned = {
        action.register for action in ground.actions if isinstance(action, SetRegister | RecordConflict)
    }
    planned |= {name for (_, name), fate in ground.fate.items() if fate is Disposition.UNSUPPORTED}
    return [
        Disagreement(name, ground.shown(name), settled=name not in planned)
        for name, same in SAME.items()
        if not same(ground)
    ]


def _planned(snapshot: Snapshot, policy: Policy, wrote: frozenset[Side]) -> Ground:
    ground = Ground(snapshot, policy, wrote)
    plan_tags(ground)
    plan_assignee(ground)
    plan_team(ground)
    ground.wrote |= {
        action.target for action in ground.actions if isinstance(action, SetRegister)
    }  # may reopen
    plan_status(ground)
    return ground


def fate_rows(
    parts: tuple[Part, ...], fate: dict[tuple[Side, Register], Disposition]
) -> tuple[LedgerRow, ...]:
    """Return the ledger rows of parts that changed registers only: the newest has its register's fate."""
    rows: list[LedgerRow] = []
    decided: set[tuple[Side, str]] = set()
    for part in reversed(parts):
        keys = [(part.side, name) for name in registers_of(part)]
        fresh = [fate[key] for key in keys if key in fate and key not in decided]
        decided.update(keys)
        row = row_of(part, fresh[0] if fresh else Disposition.ABSORBED)
        if row.disposition is Disposition.UNSUPPORTED:
            row = replace(row, losses=(*row.losses, *(LOSSES[name] for _, name in keys)))
        rows.append(row)
    return tuple(reversed(rows))
