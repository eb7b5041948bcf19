"""The ledger: one row for every part ever seen on either side, with its disposition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import Side
from state.records import Disposition, LedgerRow, dump_losses, load_losses

if TYPE_CHECKING:
    import sqlite3

    from mappings.model import Seconds
    from state.db import StateFile


class PartLedger:
    """Reads and writes the ledger."""

    def __init__(self, file: StateFile) -> None:
        self._file = file

    def of(self, conversation: int) -> dict[Side, dict[str, LedgerRow]]:
        """Return all rows of a conversation pair, by side and part id."""
        found: dict[Side, dict[str, LedgerRow]] = {side: {} for side in Side}
        for row in self._file.read("SELECT * FROM parts WHERE conversation = ?", [conversation]):
            entry = _row(row)
            found[entry.side][entry.id] = entry
        return found

    def count(self, conversation: int, side: Side) -> int:
        """Return how many parts of one side of a pair are known."""
        sql = "SELECT count(*) AS n FROM parts WHERE conversation = ? AND side = ?"
        return int(self._file.read(sql, [conversation, side])[0]["n"])

    def written_since(self, conversation: int, since: Seconds) -> int:
        """Return how many parts were carried live since a time; the pieces of one count once."""
        rows = self._file.read(
            "SELECT count(DISTINCT coalesce(counterpart, parts.id)) AS n "
            "FROM parts JOIN runs ON runs.id = parts.run "
            "WHERE conversation = ? AND ours = 1 AND created > ? AND runs.command = 'sync' "
            "AND parts.type IN ('start', 'message', 'note')",
            [conversation, since],
        )
        return int(rows[0]["n"])

    def is_ours(self, side: Side, part: str) -> bool:
        """Tell whether a part was written by the connector."""
        sql = "SELECT 1 FROM parts WHERE side = ? AND id = ? AND ours = 1"
        return self._file.first(sql, [side, part]) is not None

    def knows(self, side: Side, part: str) -> bool:
        """Tell whether a part is in the ledger."""
        return self._file.first("SELECT 1 FROM parts WHERE side = ? AND id = ?", [side, part]) is not None

    def put(self, conversation: int, rows: list[LedgerRow], run: str | None) -> None:
        """Write rows; a part that is known already gets the new disposition, a removed one stays removed."""
        with self._file.write() as db:
            for row in rows:
                db.execute(
                    "INSERT INTO parts(side, id, conversation, type, created, disposition, reason, losses, "
                    "ours, counterpart, text_hash, removed, run) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) "
                    "ON CONFLICT(side, id) DO UPDATE SET disposition = excluded.disposition, "
                    "type = coalesce(nullif(excluded.type, ''), type), "
                    "reason = excluded.reason, losses = excluded.losses, ours = max(ours, excluded.ours), "
                    "counterpart = coalesce(excluded.counterpart, counterpart), "
                    "text_hash = iif(removed OR excluded.removed, NULL, excluded.text_hash), "
                    "removed = max(removed, excluded.removed)",
                    [
                        row.side,
                        row.id,
                        conversation,
                        row.type,
                        row.created,
                        row.disposition,
                        row.reason,
                        dump_losses(row.losses),
                        int(row.ours),
                        row.counterpart,
                        row.text_hash,
                        int(row.removed),
                        run,
                    ],
                )

    def counts(self) -> dict[str, int]:
        """Return how many parts that people made have each disposition."""
        sql = "SELECT disposition, count(*) AS n FROM parts WHERE ours = 0 GROUP BY 1 ORDER BY 1"
        return {row["disposition"]: row["n"] for row in self._file.read(sql)}


def _row(row: sqlite3.Row) -> LedgerRow:
    return LedgerRow(
        side=Side(row["side"]),
        id=row["id"],
        type=row["type"],
        created=row["created"],
        disposition=Disposition(row["disposition"]),
        reason=row["reason"],
        losses=load_losses(row["losses"]),
        ours=bool(row["ours"]),
        counterpart=row["counterpart"],
        text_hash=row["text_hash"],
        removed=bool(row["removed"]),
    )
