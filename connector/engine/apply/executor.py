"""Carrying out a plan: a plain loop over its actions, each remote write by the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.apply.execution import Execution
from connector.engine.apply.messages import WordsApplier
from connector.engine.apply.registers import RegistersApplier
from connector.engine.plan.actions import (
    PostWords,
    RecordConflict,
    Redaction,
    Reread,
    SetBase,
    SetRegister,
    WriteLedger,
)
from connector.engine.plan.notices import Notice, NoticeKind
from mappings.model import Side

if TYPE_CHECKING:
    from connector.engine.plan.actions import Action, Plan
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.run.context import Context
    from state.records import LedgerRow


def apply(context: Context, snapshot: Snapshot, planned: Plan) -> Execution:
    """Carry out every action in order; the first failure ends it. Returns what was found out on the way.

    When the mirror turns out to belong to somebody who can be reached, the rest is left to a new plan.
    """
    applier = _Applier(Execution(context, snapshot))
    for action in planned.actions:
        applier.one(action)
        if applier.task.stale:
            applier.task.look.update(Side)
            break
    return applier.task


class _Applier:
    def __init__(self, execution: Execution) -> None:
        self.task = execution
        self._context = execution.context
        self._words = WordsApplier(execution)
        self._registers = RegistersApplier(execution)

    def one(self, action: Action) -> None:
        match action:
            case PostWords():
                self._words.carry(action)
            case SetRegister():
                self._registers.put(action)
            case Redaction():
                self._registers.erase(action)
            case SetBase(agreed=agreed):
                self._registers.agree(agreed)
            case WriteLedger(rows=rows):
                self._record(rows)
            case Reread(side=side):
                self.task.look.add(side)
            case RecordConflict():
                self._contested(action)

    def _record(self, rows: tuple[LedgerRow, ...]) -> None:
        self._context.store.ledger.put(self.task.row, list(rows), self._context.run)
        if any(row.removed for row in rows):
            self._context.store.empty_log()
        self.task.count(rows)

    def _contested(self, contested: RecordConflict) -> None:
        news = self._context.store.conflicts.put(
            self.task.row,
            contested.register,
            dict(contested.values),
            winner=contested.winner,
            rule=contested.rule,
            at=self._context.clock.now(),
        )
        if news and contested.rule == "manual":
            ids = self.task.ids()
            self._context.report.notice(
                Notice(
                    NoticeKind.BOTH_CHANGED,
                    Side.DASHLY,
                    ids.get(Side.DASHLY, ""),
                    detail=contested.register,
                    mirror=ids.get(Side.INTERCOM, ""),
                )
            )
