"""What the two sides and the state say about one conversation, before planning."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from mappings.model import Registers, Side
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mappings.model import Conversation, Part, Seconds
    from state.records import Begun, LedgerRow, Pair, ToTell


class Freshness(Enum):
    """How old what a snapshot knows of a side may be."""

    READ = "read"
    """Asked for when the snapshot was made."""
    LISTED = "listed"
    """From a list of this run, which may be as old as the run."""
    UNREAD = "unread"
    """Not read: the side counts as unchanged since the base."""


def accounted_for(rows: Mapping[str, LedgerRow]) -> frozenset[str]:
    """Return the parts that need no more work: all but those in quarantine."""
    return frozenset(part for part, row in rows.items() if row.disposition is not Disposition.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One conversation pair at the moment of planning.

    ``views`` holds the sides that were read, and ``listed`` names those of them that come from a list of this
    run; ask ``freshness`` for both. ``ledger`` is all that is known of the parts of either side. ``now`` is
    the time of each server, ``skew`` how far they are apart. ``history_until`` is set in a backfill of a
    linked pair: what is younger is live, and left for the sync. ``shadow`` says that the customer on Dashly
    is, or will be, a user whom nothing can reach; ``stand_in`` that the customer where the conversation began
    was made for somebody of the other side. ``to_tell`` is what agents are to be told of the contact.
    ``moved`` are the rows of parts that were dealt with in
    another conversation, from which they moved or were copied into this one. ``begun`` are words of
    which the first pieces were written.
    """

    pair: Pair
    views: Mapping[Side, Conversation]
    ledger: Mapping[Side, Mapping[str, LedgerRow]]
    now: Mapping[Side, Seconds]
    listed: frozenset[Side] = frozenset()
    backfill: bool = False
    history_until: Mapping[Side, Seconds] = field(default_factory=dict)
    shadow: bool = False
    stand_in: bool = False
    to_tell: ToTell | None = None
    moved: Mapping[Side, Mapping[str, LedgerRow]] = field(default_factory=dict)
    begun: Mapping[str, Begun] = field(default_factory=dict)
    skew: Seconds = 0.0

    def freshness(self, side: Side) -> Freshness:
        """Return how old what is known of a side may be."""
        if side not in self.views:
            return Freshness.UNREAD
        return Freshness.LISTED if side in self.listed else Freshness.READ

    @property
    def read(self) -> Mapping[Side, Conversation]:
        """Return the sides that were asked for when the snapshot was made."""
        return {side: view for side, view in self.views.items() if side not in self.listed}

    def new_parts(self, side: Side) -> tuple[Part, ...]:
        """Return the parts of a side that the ledger does not know, in order."""
        view = self.views.get(side)
        if view is None:
            return ()
        # A quarantined part counts as new: it is tried again when a person lets it.
        known = accounted_for(self.ledger[side])
        return tuple(part for part in view.parts if part.id not in known and not self._is_for_the_sync(part))

    def moved_rows(self) -> tuple[LedgerRow, ...]:
        """Return what became, in another conversation, of those parts that are new here."""
        return tuple(
            rows[part.id]
            for side, rows in self.moved.items()
            for part in self.new_parts(side)
            if part.id in rows
        )

    def with_rows(self, rows: Iterable[LedgerRow]) -> Snapshot:
        """Return the snapshot as it is once the ledger holds some rows."""
        ledger = {side: dict(self.ledger[side]) for side in Side}
        for row in rows:
            ledger[row.side][row.id] = row
        return replace(self, ledger=ledger)

    def until(self, side: Side, at: Seconds) -> Snapshot:
        """Return the snapshot as it would be had nothing been said on a side after some time."""
        view = self.views.get(side)
        if view is None:
            return self
        earlier = tuple(part for part in view.parts if part.created <= at)
        return replace(self, views={**self.views, side: replace(view, parts=earlier)})

    def begun_on(self, origin: Side) -> Snapshot:
        """Return the snapshot as it is once the conversation belongs where the customer is reached."""
        return replace(self, pair=replace(self.pair, origin=origin, stand_in=False), stand_in=False)

    def holds_back(self, side: Side) -> bool:
        """Tell whether parts of a side were left for the sync."""
        view = self.views.get(side)
        return view is not None and any(
            part.id not in self.ledger[side] and self._is_for_the_sync(part) for part in view.parts
        )

    def _is_for_the_sync(self, part: Part) -> bool:
        limit = self.history_until.get(part.side)
        return limit is not None and part.created > limit

    def hidden_seconds(self, side: Side) -> frozenset[int]:
        """Return the seconds of those parts, except ours, that a side does not show any more.

        They may still have copies on the other.
        """
        view = self.views.get(side)
        shown = {part.id for part in view.parts} if view is not None else set[str]()
        rows = (row for row in self.ledger[side].values() if not row.ours and row.id not in shown)
        return frozenset(int(row.created) for row in rows)

    def base(self, side: Side) -> Registers:
        """Return what a side showed when both last agreed; a new conversation is open and empty."""
        return self.pair.base.get(side, Registers())

    def registers(self, side: Side) -> Registers:
        """Return what a side shows now; a side that was not read counts as unchanged."""
        view = self.views.get(side)
        return view.registers if view is not None else self.base(side)
