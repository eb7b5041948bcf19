"""Planning registers: tags, assignee, team, and the status last, merged three ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.actions import Put
from connector.engine.carry_over import plan_assignee, plan_team
from connector.engine.ground import Ground, registers_of
from connector.engine.status import plan_status
from connector.engine.tagging import plan_tags
from mappings.model import Loss, LossKind
from state.ledger import Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from connector.engine.actions import Action
    from connector.engine.policy import Policy
    from connector.engine.snapshot import Snapshot
    from mappings.model import Part, Side


LOSSES = {
    "assignee": Loss(LossKind.AUTHOR, "the assignee has no counterpart"),
    "team": Loss(LossKind.TEAM, "the team or channel has no counterpart"),
    "tags": Loss(LossKind.NO_API, "the other side's API cannot tag conversations"),
    "status": Loss(LossKind.NO_API, "the other side's API cannot set this status"),
}


@dataclass(frozen=True, slots=True)
class Merged:
    """Register actions in order, and what became of each side's changes: register → disposition."""

    actions: tuple[Action, ...]
    fate: dict[tuple[Side, str], Disposition]


def plan_fields(snapshot: Snapshot, policy: Policy, *, wrote: frozenset[Side]) -> Merged:
    """Plan the registers of one conversation; ``wrote`` are the sides to which words were planned before."""
    ground = Ground(snapshot, policy, wrote)
    plan_tags(ground)
    plan_assignee(ground)
    plan_team(ground)
    ground.wrote |= {action.target for action in ground.actions if isinstance(action, Put)}  # may reopen
    plan_status(ground)
    return Merged(tuple(ground.actions), ground.fate)


def fate_rows(parts: tuple[Part, ...], fate: dict[tuple[Side, str], Disposition]) -> tuple[LedgerRow, ...]:
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
