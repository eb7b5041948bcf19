"""The ledger: one row for every part ever seen on either side, with its disposition, and its copy beside it.

The engine sees a ``LedgerRow`` of either side; ``ledger_rows`` knows how the file keeps them. A part id is
unique within its conversation only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mappings.keyed import keyed
from mappings.model import Side
from state.codes import DISPOSITION_OF, DISPOSITIONS, SIDES
from state.counts.tally import PartTally
from state.ledger_rows import LedgerRows
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from state.access.transactions import Transactions
    from state.records import LedgerRow


@dataclass(frozen=True, slots=True)
class Sighting:
    """A part that is known in another conversation of its side: what became of it there."""

    conversation: int
    row: LedgerRow


class PartLedger:
    """Reads and writes the ledger."""

    def __init__(self, file: Transactions) -> None:
        self._file = file
        self._rows = LedgerRows(file)
        self.tally = PartTally()

    def of(self, conversation: int) -> dict[Side, dict[str, LedgerRow]]:
        """Return all rows of a conversation pair, by side and part id."""
        found: dict[Side, dict[str, LedgerRow]] = {side: {} for side in Side}
        for row in self._rows.of(conversation):
            found[row.side][row.id] = row
        return found

    def get(self, conversation: int, side: Side, part: str) -> LedgerRow | None:
        """Return what became of one part of a conversation, or None."""
        return self._rows.get(conversation, side, part)

    def ids(self, conversation: int, side: Side) -> frozenset[str]:
        """Return the parts of one side of a pair that are known."""
        return frozenset(self._rows.ids(conversation, side))

    def count(self, conversation: int, side: Side) -> int:
        """Return how many parts of one side of a pair are known."""
        row = self._file.read(
            "SELECT (SELECT count(*) FROM parts WHERE conversation = ?1 AND side = ?2) + (SELECT count(*) "
            "FROM parts WHERE conversation = ?1 AND side = ?3 AND copy_type IS NOT NULL) AS n",
            [conversation, SIDES[side], SIDES[side.other]],
        )
        return int(row[0]["n"])

    def is_ours(self, side: Side, part: str) -> bool:
        """Tell whether a part was written by the connector, in whatever conversation."""
        return self._is_there(side, part, "AND ours = 1")

    def knows(self, side: Side, part: str) -> bool:
        """Tell whether a part is in the ledger, in whatever conversation."""
        return self._is_there(side, part)

    def _is_there(self, side: Side, part: str, which: str = "") -> bool:
        """Tell whether a row stands alone for a part, or the row of what it copies holds it."""
        found = self._file.read(
            f"SELECT EXISTS (SELECT 1 FROM parts WHERE side = ?1 AND part = ?3 {which}) OR EXISTS "  # noqa: S608 - ours
            "(SELECT 1 FROM parts WHERE side = ?2 AND counterpart = ?3 AND copy_type IS NOT NULL) AS found",
            [SIDES[side], SIDES[side.other], part],
        )
        return bool(found[0]["found"])

    def elsewhere(self, conversation: int, side: Side, parts: Collection[str]) -> list[Sighting]:
        """Return where parts of this side are known in other conversations, and as what.

        A part that moved, or is shown twice, was copied already where it is known.
        """
        found = self._rows.everywhere(side, parts)
        return [Sighting(where, row) for where, row in found if where != conversation]

    def put(
        self, conversation: int, rows: Iterable[LedgerRow], run: str | None, *, counted: bool = True
    ) -> None:
        """Write rows; a part that is known already gets the new disposition, a removed one stays removed.

        A run counts what people made and it met first, unless an earlier one ``counted`` it: pass False then.
        """
        with self._file.write():
            # What is ours comes last: a copy then finds the row of its part.
            written = sorted(self.keyed(rows), key=lambda row: row.ours)
            for row, news in zip(written, self._rows.put(conversation, written, run), strict=True):
                self.tally.dealt_with(conversation, row.side, row.id)
                if news and counted and run is not None and not row.ours:
                    self.tally.count(row.disposition, row.losses)

    def forget_skipped(self, side: Side, reason: str) -> list[int]:
        """Forget parts of a side that were left out for a reason; return the conversations they are in."""
        where = "side = ? AND disposition = ? AND reason = (SELECT code FROM words WHERE word = ?)"
        which = [SIDES[side], DISPOSITIONS[Disposition.SKIPPED], reason]
        rows = self._file.read(f"SELECT DISTINCT conversation FROM parts WHERE {where}", which)  # noqa: S608 - fixed
        with self._file.write() as db:
            db.execute(f"DELETE FROM parts WHERE {where}", which)  # noqa: S608 - fixed
        return [row["conversation"] for row in rows]

    def take_up_removals(self, side: Side, reason: str) -> list[int]:
        """Take removals of a side that were passed over for a reason for news; return their conversations."""
        where = "side = ? AND removed = 1 AND reason = (SELECT code FROM words WHERE word = ?)"
        which = [SIDES[side], reason]
        rows = self._file.read(f"SELECT DISTINCT conversation FROM parts WHERE {where}", which)  # noqa: S608 - fixed
        with self._file.write() as db:
            db.execute(f"UPDATE parts SET removed = 0, reason = NULL WHERE {where}", which)  # noqa: S608 - fixed
        return [row["conversation"] for row in rows]

    def keyed(self, rows: Iterable[LedgerRow]) -> tuple[LedgerRow, ...]:
        """Return rows as the file may hold them: with keyed hashes of their texts."""
        key = self._file.key
        return tuple(
            row if row.text_hash is None else replace(row, text_hash=keyed(key, row.text_hash))
            for row in rows
        )

    def counts(self) -> dict[Disposition, int]:
        """Return how many parts that people made have each disposition."""
        rows = self._file.read("SELECT name, n FROM counters WHERE kind = 'part' AND n != 0")
        found = {DISPOSITION_OF[int(row["name"])]: int(row["n"]) for row in rows}
        return dict(sorted(found.items()))
