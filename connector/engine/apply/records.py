"""What a plan changes in the state file only: ledger rows, agreed values, conflicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.plan.actions import MoveOrigin, RecordConflict, RememberTold
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.registers.three_way import Rule
from mappings.model import Registers, Side
from mappings.registers import with_value
from state.records import NOBODY

if TYPE_CHECKING:
    from connector.engine.apply.execution import Execution
    from connector.engine.plan.actions import Agreed
    from connector.engine.run.report import Report
    from connector.host.clock import Clock
    from mappings.registers import Value
    from state.records import LedgerRow
    from state.store import Store


@dataclass(frozen=True)
class Records:
    """Writes what became true of a pair, and counts it."""

    store: Store
    report: Report
    clock: Clock
    run: str

    def write(self, execution: Execution, rows: tuple[LedgerRow, ...], *, found: bool) -> None:
        """Remember what became of parts that needed no write; an earlier run counted what was found again."""
        self.store.ledger.put(execution.row, list(rows), self.run, counted=not found)
        if any(row.removed for row in rows):
            # Removed words leave the file's bytes at once, those of the write-ahead log included.
            self.store.empty_log()

    def agree(self, execution: Execution, agreed: tuple[Agreed, ...]) -> None:
        """Remember values as those on which both sides agree."""
        pairs = self.store.pairs
        with self.store.transaction():
            # All or none: half an agreement would look like a person's change in the next run.
            for one in agreed:
                base = pairs.get(execution.row).base.get(one.side, Registers())
                value = _as_shown(execution, one.side, one.value)
                pairs.set_base(execution.row, one.side, with_value(base, one.register, value))

    def keep(self, execution: Execution, what: MoveOrigin | RememberTold | RecordConflict) -> None:
        """Remember what became known of a conversation, its customer, or a register."""
        match what:
            case MoveOrigin(side=side):
                self._move_origin(execution, side)
            case RememberTold(contact=contact):
                self.store.people.set_told(Side.INTERCOM, contact)
            case RecordConflict():
                self._contest(execution, what)

    def _move_origin(self, execution: Execution, side: Side) -> None:
        """Remember that a conversation belongs to the side on which its customer answers."""
        with self.store.transaction():
            self.store.pairs.set_origin(execution.row, side)
            self.store.pairs.set_stand_in(execution.row, stand_in=False)

    def _contest(self, execution: Execution, contested: RecordConflict) -> None:
        """Remember that both sides changed a register differently; tell it once when a person must choose."""
        news = self.store.conflicts.put(
            execution.row,
            contested.register,
            dict(contested.values),
            winner=contested.winner or NOBODY,
            rule=contested.rule,
            at=self.clock.now(),
        )
        # Where a rule chose nobody has to act; the loser is in `conflicts`.
        if news and contested.rule is Rule.MANUAL:
            ids = self.store.pairs.get(execution.row).ids
            dashly, intercom = (ids.get(side, "") for side in Side)
            self.report.notice(
                Notice(
                    NoticeKind.BOTH_CHANGED, Side.DASHLY, dashly, detail=contested.register, mirror=intercom
                )
            )


def _as_shown(execution: Execution, side: Side, value: Value) -> Value:
    """Return an agreed value as the side really shows it: without the changes of tags that it refused."""
    if not isinstance(value, frozenset):
        return value
    refused = execution.refused_tags[side]
    kept = {tag for tag, stays in refused.items() if stays}
    return frozenset((value - refused.keys()) | kept)
