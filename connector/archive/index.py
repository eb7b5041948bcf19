"""Where what is in a large file, kept on the disk: memory does not grow with the number of conversations.

SQLite's own temporary file: private, without a name, and gone with the process.
"""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

from mappings.characters import repair

if TYPE_CHECKING:
    from collections.abc import Iterator


class Index:
    """The places of conversations, people and files by what names them; the last word counts."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._lock = threading.Lock()
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE places (kind TEXT, name TEXT, place TEXT, PRIMARY KEY (kind, name)) WITHOUT ROWID"
        )

    def put(self, kind: str, name: str, place: object = "") -> None:
        """Remember where something is."""
        with self._lock:
            self._db.execute(
                "INSERT OR REPLACE INTO places VALUES (?, ?, ?)", [kind, repair(name), str(place)]
            )

    def find(self, kind: str, name: str) -> str | None:
        """Return where something is, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT place FROM places WHERE kind = ? AND name = ?", [kind, repair(name)]
            ).fetchone()
        return None if row is None else str(row[0])

    def count(self, kind: str) -> int:
        """Return how many of a kind there are."""
        with self._lock:
            row = self._db.execute("SELECT count(*) FROM places WHERE kind = ?", [kind]).fetchone()
        return int(row[0])

    def in_order(self, kind: str) -> Iterator[tuple[str, int]]:
        """Yield the names of a kind with their places, in the order of the file."""
        with self._lock:
            rows = self._db.execute(
                "SELECT name, CAST(place AS INTEGER) FROM places WHERE kind = ? ORDER BY 2", [kind]
            )
        while True:
            with self._lock:
                row = rows.fetchone()
            if row is None:
                return
            yield str(row[0]), int(row[1])

    def close(self) -> None:
        """Let it go."""
        self._db.close()
