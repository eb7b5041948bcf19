"""What the two sides and the memory say about one conversation, before planning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mappings.model import Registers, Side
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Conversation, Part, Seconds
    from state.records import LedgerRow, Pair


def accounted_for(rows: Mapping[str, LedgerRow]) -> frozenset[str]:
    """Return the parts that need no more work: all but those in quarantine."""
    return frozenset(part for part, row in rows.items() if row.disposition is not Disposition.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One conversation pair: ``views`` holds only the sides that were read, the others count as unchanged.

    ``from_list`` names sides of which only a list of this run was read, which may be as old as the run;
    ``fresh_until`` is set during a backfill of a linked pair: younger parts are left for the sync.
    ``shadow`` says that the customer on Dashly is, or will be, a user whom nothing can reach.
    """

    pair: Pair
    views: Mapping[Side, Conversation]
    ledger: Mapping[Side, Mapping[str, LedgerRow]]
    now: Mapping[Side, Seconds]
    from_list: frozenset[Side] = frozenset()
    backfill: bool = False
    fresh_until: Mapping[Side, Seconds] = field(default_factory=dict)
    shadow: bool = False
    skew: Seconds = 0.0

    def new_parts(self, side: Side) -> tuple[Part, ...]:
        """Return the parts of a side that the ledger does not know, in order."""
        view = self.views.get(side)
        if view is None:
            return ()
        known = accounted_for(self.ledger[side])
        limit = self.fresh_until.get(side)
        return tuple(
            part for part in view.parts if part.id not in known and (limit is None or part.created <= limit)
        )

    def seconds(self, side: Side) -> frozenset[int]:
        """Return in which seconds the parts were made that are known of a side."""
        view = self.views.get(side)
        times = [part.created for part in view.parts] if view is not None else []
        times += [row.created for row in self.ledger[side].values() if not row.ours]
        return frozenset(map(int, times))

    def holds_back(self, side: Side) -> bool:
        """Tell whether parts of a side were left for the sync."""
        view, limit = self.views.get(side), self.fresh_until.get(side)
        if view is None or limit is None:
            return False
        return any(part.created > limit and part.id not in self.ledger[side] for part in view.parts)

    def base(self, side: Side) -> Registers:
        """Return what a side showed when both last agreed; a new conversation is open and empty."""
        return self.pair.base.get(side, Registers())

    def registers(self, side: Side) -> Registers:
        """Return what a side shows now; a side that was not read counts as unchanged."""
        view = self.views.get(side)
        return view.registers if view is not None else self.base(side)
