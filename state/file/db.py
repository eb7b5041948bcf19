"""The open state file.

Every write happens inside ``BEGIN IMMEDIATE``; nothing relies on the driver's own transactions.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from state.access.transactions import Transactions
from state.file.failures import telling
from state.file.vacuum import vacuum

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

# A backup or a report may hold the file for seconds.
BUSY_MS = 30_000
_LAST_TWO = ("run_id", "run_before")
READER_MS = 2_000
"""How long an erasure waits for another program that reads the file."""


class StateFile(Transactions):
    """One open state file."""

    _db: sqlite3.Connection

    def __init__(self, connection: sqlite3.Connection, path: Path, key: bytes) -> None:
        super().__init__(path, key)
        connection.row_factory = sqlite3.Row
        self._db = connection
        self._lazily = False

    def _telling(self) -> AbstractContextManager[None]:
        return telling(self.path)

    def _in_transaction(self) -> bool:
        return self._db.in_transaction

    def _begin(self, *, lazily: bool) -> None:
        if lazily is not self._lazily:  # outside of the transaction: within one SQLite ignores it
            self._db.execute(f"PRAGMA synchronous = {'NORMAL' if lazily else 'FULL'}")
            self._lazily = lazily
        self._db.execute("BEGIN IMMEDIATE")

    def _holder(self) -> str | None:
        row = self.first("SELECT value FROM meta WHERE key = 'run_id'")
        return None if row is None else str(row["value"])

    def remembers(self, run: str | None) -> bool:
        """Tell whether a run was the last one here, or the one before it."""
        found = self.read("SELECT value FROM meta WHERE key IN (?, ?)", _LAST_TWO)
        known = {str(row["value"]) for row in found}
        return run in known if run is not None else len(known) < len(_LAST_TWO)

    def forget_freed(self) -> bool:
        """Empty the write-ahead log, so that what was erased is in none of the file's bytes any more.

        Returns False while another program reads an older state of the file, which keeps the log alive.
        """
        with self._lock, telling(self.path):
            if self._db.in_transaction:
                return False
            self._db.execute(f"PRAGMA busy_timeout = {READER_MS}")
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            return not busy

    def vacuum(self) -> None:
        """Rebuild the file without free pages."""
        with self._lock, telling(self.path):
            vacuum(self._db)

    def back_up(self, target: sqlite3.Connection) -> None:
        """Copy the file as it stands into another connection."""
        with self._lock, telling(self.path):
            self._db.backup(target)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()
