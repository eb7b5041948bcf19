"""Carrying out a plan: a plain loop over its actions, each remote write by the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.apply.execution import Execution
from connector.engine.plan.actions import (
    ChangeTag,
    MoveOrigin,
    PostWords,
    RecordConflict,
    Redaction,
    RememberTold,
    Reread,
    SetBase,
    SetRegister,
    WriteLedger,
)
from mappings.model import Side

if TYPE_CHECKING:
    from connector.engine.apply.messages import Messages
    from connector.engine.apply.records import Records
    from connector.engine.apply.registers import RegisterChanges
    from connector.engine.plan.actions import Action, Plan
    from connector.engine.plan.snapshot import Snapshot
    from state.records import LedgerRow


@dataclass(frozen=True)
class Executor:
    """Carries out plans."""

    messages: Messages
    registers: RegisterChanges
    records: Records

    def apply(self, snapshot: Snapshot, planned: Plan) -> Execution:
        """Carry out every action in order; the first failure ends it. Returns what was found out on the way.

        When the mirror turns out to belong to somebody who can be reached, the rest is left to a new plan.
        """
        execution = Execution(snapshot, _carried_by_pieces(planned))
        for action in planned.actions:
            self._carry_out(execution, action)
            if execution.stale:
                # Who can be reached decides between message and note, so both sides are read again.
                execution.look.update(Side)
                break
        return execution

    def _carry_out(self, execution: Execution, action: Action) -> None:
        match action:
            case PostWords():
                self.messages.post(execution, action)
            case SetRegister():
                self.registers.set(execution, action)
            case ChangeTag():
                self.registers.tag(execution, action)
            case Redaction():
                self.registers.redact(execution, action)
            case SetBase(agreed=agreed):
                self.records.agree(execution, agreed)
            case WriteLedger(rows=rows, found=found):
                self.records.write(execution, rows, found=found)
            case Reread(side=side):
                execution.look.add(side)
            case MoveOrigin() | RememberTold() | RecordConflict():
                self.records.keep(execution, action)


def _carried_by_pieces(planned: Plan) -> dict[str, tuple[LedgerRow, ...]]:
    """Return by marker what a piece of words is a part of: only the last piece covers it."""
    found: dict[str, tuple[LedgerRow, ...]] = {}
    later: dict[str, tuple[LedgerRow, ...]] = {}
    # From the end: the piece that covers a part comes after all others of it.
    for action in reversed(planned.actions):
        if not isinstance(action, PostWords):
            continue
        if action.covers:
            later[action.source] = action.covers
        else:
            found[action.marker] = later.get(action.source, ())
    return found
