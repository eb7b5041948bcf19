"""The open state file, and the only two ways to touch it: ``read`` and ``write``.

Every write happens inside ``BEGIN IMMEDIATE``; nothing relies on the driver's or the library's own
transactions. One connection serves all threads under one lock: a statement takes microseconds, an API
call a tenth of a second. ``write`` refuses when another run has taken over (run-id fencing).
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlite_utils import Database

from state.errors import TakenOver
from state.file.failures import telling

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from state.steps import Steps

# A backup or a report may hold the file for seconds.
BUSY_MS = 30_000
READER_MS = 2_000
"""How long an erasure waits for another program that reads the file."""


class StateFile:
    """One open state file; ``key`` is the secret of its hashes."""

    def __init__(self, connection: sqlite3.Connection, path: Path, key: bytes) -> None:
        connection.row_factory = sqlite3.Row
        self._db = Database(connection, execute_plugins=False, strict=True)
        self._lock = threading.RLock()
        self.path = path
        self.key = key
        self.run_id: str | None = None
        self.steps: Steps | None = None
        self.rollbacks = 0

    def read(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock, telling(self.path):
            return self._db.conn.execute(sql, parameters).fetchall()

    def first(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        rows = self.read(sql, parameters)
        return rows[0] if rows else None

    @contextmanager
    def write(self) -> Generator[Database]:
        """Run statements in one transaction; raises TakenOver when another run has started since."""
        with self._lock:
            if self._db.conn.in_transaction:  # joined by the caller's transaction
                yield self._db
                return
            with telling(self.path):
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    self._fence()
                    if self.steps is not None:
                        self.steps.stamp(self._db)
                    yield self._db
                    self._db.commit()
                except BaseException:
                    self._db.rollback()
                    self.rollbacks += 1
                    raise

    def step(self) -> None:
        """Note that whoever holds the file is at work."""
        with self.write():
            pass

    def _fence(self) -> None:
        if self.run_id is None:
            return
        row = self.first("SELECT value FROM meta WHERE key = 'run_id'")
        if row is not None and row["value"] != self.run_id:
            raise TakenOver("another run took over this state file; this one stops")

    def take_over(self, run_id: str) -> None:
        """Make this run the only one that may write, and remember which one was before it."""
        self.run_id = None
        with self.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO meta(key, value)"
                " SELECT 'run_before', value FROM meta WHERE key = 'run_id'"
            )
            db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES ('run_id', ?)", [run_id])
        self.run_id = run_id

    def forget_freed(self) -> bool:
        """Empty the write-ahead log, so that what was erased is in none of the file's bytes any more.

        Returns False while another program reads an older state of the file, which keeps the log alive.
        """
        with self._lock, telling(self.path):
            if self._db.conn.in_transaction:
                return False
            self._db.conn.execute(f"PRAGMA busy_timeout = {READER_MS}")
            busy = self._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            self._db.conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            return not busy

    def vacuum(self) -> None:
        """Rebuild the file without free pages."""
        with self._lock, telling(self.path):
            self._db.conn.execute("VACUUM")

    def back_up(self, target: sqlite3.Connection) -> None:
        """Copy the file as it stands into another connection."""
        with self._lock, telling(self.path):
            self._db.conn.backup(target)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()
