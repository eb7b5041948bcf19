"""Carrying out a plan: a plain loop over its actions, each remote write by the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.actions import Carry, Contested, Erase, Look, Put, Record, Settle
from connector.engine.apply_registers import RegistersApplier
from connector.engine.apply_words import WordsApplier
from connector.engine.undertaking import Undertaking
from mappings.model import Side

if TYPE_CHECKING:
    from connector.engine.actions import Action, Plan
    from connector.engine.context import Context
    from connector.engine.snapshot import Snapshot
    from state.ledger import LedgerRow


def apply(context: Context, snapshot: Snapshot, planned: Plan) -> Undertaking:
    """Carry out every action in order; the first failure ends it. Returns what was found out on the way.

    When the mirror turns out to belong to somebody who can be reached, the rest is left to a new plan.
    """
    applier = _Applier(Undertaking(context, snapshot))
    for action in planned.actions:
        applier.one(action)
        if applier.task.stale:
            applier.task.look.update(Side)
            break
    return applier.task


class _Applier:
    def __init__(self, undertaking: Undertaking) -> None:
        self.task = undertaking
        self._context = undertaking.context
        self._words = WordsApplier(undertaking)
        self._registers = RegistersApplier(undertaking)

    def one(self, action: Action) -> None:
        match action:
            case Carry():
                self._words.carry(action)
            case Put():
                self._registers.put(action)
            case Erase():
                self._registers.erase(action)
            case Settle(agreed=agreed):
                self._registers.agree(agreed)
            case Record(rows=rows):
                self._record(rows)
            case Look(side=side):
                self.task.look.add(side)
            case Contested():
                self._contested(action)

    def _record(self, rows: tuple[LedgerRow, ...]) -> None:
        self._context.store.ledger.put(self.task.row, list(rows), self._context.run)
        if any(row.removed for row in rows):
            self._context.store.file.forget_freed()
        self.task.count(rows)

    def _contested(self, contested: Contested) -> None:
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
                f"conversation dashly:{ids.get(Side.DASHLY)} / intercom:{ids.get(Side.INTERCOM)}: "
                f"both sides changed the {contested.register}; set one of them by hand"
            )
