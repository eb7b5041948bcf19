"""What the carrying out of one plan stands on, and what it finds out on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.engine.plan.snapshot import accounted_for
from mappings.model import Registers, Side

if TYPE_CHECKING:
    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.run.context import Context
    from state.records import LedgerRow


@dataclass
class Execution:
    """One plan being carried out.

    ``shown`` are the registers of each side as last seen, None where they may have changed since; ``wrote``
    and ``look`` say which sides to read again; ``stale`` that the rest of the plan must be made anew.
    """

    context: Context
    snapshot: Snapshot
    wrote: set[Side] = field(default_factory=set)
    look: set[Side] = field(default_factory=set)
    stale: bool = False
    shown: dict[Side, Registers | None] = field(init=False)

    def __post_init__(self) -> None:
        views = self.snapshot.views
        self.shown = {side: self.snapshot.registers(side) if side in views else None for side in Side}

    @property
    def row(self) -> int:
        """Return the pair's row."""
        return self.snapshot.pair.row

    def ids(self) -> dict[Side, str]:
        """Return the conversations of the pair as they are known by now."""
        return self.context.store.pairs.get(self.row).ids

    def shown_before(self, side: Side) -> frozenset[str]:
        """Return the parts that a side showed when the plan was made."""
        view = self.snapshot.views.get(side)
        return frozenset(part.id for part in view.parts) if view is not None else frozenset()

    def count(self, rows: tuple[LedgerRow, ...]) -> None:
        """Count what merged of parts, each once: an edit or a removal is no new part."""
        ledger = self.snapshot.ledger
        self.context.report.disposed(
            row.disposition for row in rows if row.id not in accounted_for(ledger[row.side])
        )
