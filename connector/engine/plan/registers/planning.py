"""Planning registers: tags, assignee, team, and the status last, merged three ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.plan.actions import ChangeTag, RecordConflict, SetRegister
from connector.engine.plan.registers.assignee import plan_assignee, plan_team, same_assignee, same_team
from connector.engine.plan.registers.comparison import compare, registers_of
from connector.engine.plan.registers.register_plan import RegisterPlan
from connector.engine.plan.registers.status import plan_status, same_status
from connector.engine.plan.registers.tags import plan_tags, same_tags
from mappings.model import Loss, LossKind
from mappings.registers import Register
from state.records import Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.engine.plan.policy import Policy
    from connector.engine.plan.registers.comparison import RegisterComparison
    from connector.engine.plan.registers.register_plan import Dispositions
    from connector.engine.plan.snapshot import Snapshot
    from mappings.model import Part, Side


LOSSES = {
    Register.ASSIGNEE: Loss(LossKind.AUTHOR, "the assignee has no counterpart"),
    Register.TEAM: Loss(LossKind.TEAM, "the team or channel has no counterpart"),
    Register.TAGS: Loss(LossKind.NO_API, "the other side's API cannot tag conversations"),
    Register.STATUS: Loss(LossKind.NO_API, "the other side's API cannot set this status"),
}

SAME: Mapping[Register, Callable[[RegisterComparison], bool]] = {
    Register.TAGS: same_tags,
    Register.ASSIGNEE: same_assignee,
    Register.TEAM: same_team,
    Register.STATUS: same_status,
}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A register in which both sides differ, with what each shows as text.

    A ``known`` one stays: a side cannot show the other's value, or is not copied to.
    """

    register: Register
    shown: dict[Side, str]
    known: bool


def plan_registers(snapshot: Snapshot, policy: Policy, *, wrote: frozenset[Side]) -> RegisterPlan:
    """Plan the registers of one conversation; ``wrote`` are the sides to which words were planned before."""
    return _plan(compare(snapshot, policy), wrote)


def _plan(compared: RegisterComparison, wrote: frozenset[Side]) -> RegisterPlan:
    planned = RegisterPlan()
    for plan_register in (plan_tags, plan_assignee, plan_team):
        planned += plan_register(compared, wrote)
    # An assignment or a tag may reopen a conversation just as words do, so the status comes last.
    return planned + plan_status(compared, wrote | planned.written_to)


def disagreements(snapshot: Snapshot, policy: Policy) -> list[Disagreement]:
    """Return the registers in which the two sides differ now."""
    compared = compare(snapshot, policy)
    changing = _still_changing(_plan(compared, frozenset()))
    return [
        Disagreement(register, compared.texts(register), known=register not in changing)
        for register, same in SAME.items()
        if not same(compared)
    ]


def _still_changing(planned: RegisterPlan) -> set[Register]:
    """Return the registers that the next run would write, put before a person, or leave with a note."""
    changing = {
        action.register for action in planned.actions if isinstance(action, SetRegister | RecordConflict)
    }
    if any(isinstance(action, ChangeTag) for action in planned.actions):
        changing.add(Register.TAGS)
    left = planned.dispositions.items()
    return changing | {register for (_, register), what in left if what is Disposition.UNSUPPORTED}


def rows_of_silent_parts(parts: tuple[Part, ...], dispositions: Dispositions) -> tuple[LedgerRow, ...]:
    """Return the ledger rows of parts that changed registers only.

    Of several that touched one register the newest has its disposition; the older ones are absorbed.
    """
    rows: list[LedgerRow] = []
    done: set[tuple[Side, Register]] = set()
    for part in reversed(parts):  # the newest first: its value is the one that was carried over
        touched = [(part.side, register) for register in registers_of(part)]
        found = [dispositions[key] for key in touched if key in dispositions and key not in done]
        done.update(touched)
        row = row_of(part, found[0] if found else Disposition.ABSORBED)
        if row.disposition is Disposition.UNSUPPORTED:
            row = replace(row, losses=(*row.losses, *(LOSSES[register] for _, register in touched)))
        rows.append(row)
    return tuple(reversed(rows))
