"""What the breaker of each conversation remembers: recent copies of ours, which were answered, and trips."""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.codes import SIDES

if TYPE_CHECKING:
    from mappings.model import Seconds, Side
    from state.access.transactions import Transactions


class BreakerMemory:
    """Reads and writes copies that may have been answered; what is older than asked for is forgotten."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def arrived(self, conversation: int, side: Side, at: Seconds, *, since: Seconds) -> None:
        """Remember a copy of ours, with the time that its side had; forget those of before ``since``."""
        with self._file.write() as db:
            db.execute(
                "DELETE FROM arrivals WHERE conversation = ? AND at < ? AND coalesce(answered, 0) < ?",
                [conversation, since, since],
            )
            db.execute(
                "INSERT INTO arrivals (conversation, side, at) VALUES (?, ?, ?)",
                [conversation, SIDES[side], at],
            )

    def answered(
        self, conversation: int, side: Side, since: Seconds, until: Seconds, *, now: Seconds
    ) -> None:
        """Count one copy of ours that arrived in a span of time as answered; each counts once."""
        with self._file.write() as db:
            db.execute(
                "UPDATE arrivals SET answered = ?1 WHERE rowid = (SELECT rowid FROM arrivals "
                "WHERE conversation = ?2 AND side = ?3 AND at > ?4 AND at < ?5 AND answered IS NULL LIMIT 1)",
                [now, conversation, SIDES[side], since, until],
            )

    def refused(self, conversation: int, side: Side, *, now: Seconds) -> None:
        """Count a second write for one source."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO arrivals (conversation, side, at, answered) VALUES (?, ?, ?, ?)",
                [conversation, SIDES[side], now, now],
            )

    def count(self, conversation: int, since: Seconds) -> int:
        """Return how many were counted since a time."""
        row = self._file.first(
            "SELECT count(*) AS n FROM arrivals WHERE conversation = ? AND answered > ?",
            [conversation, since],
        )
        return int(row["n"]) if row else 0

    def trip(self, conversation: int, now: Seconds, window: Seconds) -> Seconds:
        """Remember a trip and return until when it holds: twice as long each time, unless a day was quiet."""
        with self._file.write() as db:
            row = self._file.first("SELECT * FROM trips WHERE conversation = ?", [conversation])
            again = row is not None and now < row["until"] + QUIET
            count = min(row["count"] + 1, MOST_DOUBLINGS) if row is not None and again else 0
            until: Seconds = now + window * (1 << count)
            db.execute(
                "INSERT INTO trips (conversation, count, until) VALUES (?, ?, ?) "
                "ON CONFLICT (conversation) DO UPDATE SET count = excluded.count, until = excluded.until",
                [conversation, count, until],
            )
            db.execute("DELETE FROM arrivals WHERE conversation = ?", [conversation])
        return until


QUIET: Seconds = 86_400.0
MOST_DOUBLINGS = 7
"""Ten minutes become a day; what still answers then is looked at by a person."""

TABLES = (
    """
    CREATE TABLE arrivals (
      conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
      side INTEGER NOT NULL, at REAL NOT NULL, answered REAL
    ) STRICT
    """,
    "CREATE INDEX arrivals_conversation ON arrivals (conversation)",
    """
    CREATE TABLE trips (
      conversation INTEGER PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
      count INTEGER NOT NULL, until REAL NOT NULL
    ) STRICT
    """,
)
