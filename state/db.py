"""Opening the state file, and the only two ways to touch it: ``read`` and ``write``.

Every write happens inside ``BEGIN IMMEDIATE``; nothing relies on the driver's or the library's own
transactions. One connection serves all threads under one lock: a statement takes microseconds, an API
call a tenth of a second. ``write`` refuses when another run has taken over (run-id fencing).
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlite_utils import Database

from state.errors import StateError, StateFailed, TakenOver
from state.schema import APPLICATION_ID, LATEST, migrate

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path


class StateFile:
    """One open state file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        self._db = Database(connection, execute_plugins=False, strict=True)
        self._lock = threading.RLock()
        self.run_id: str | None = None

    def read(self, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock, _telling():
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
            with _telling():
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    self._fence()
                    yield self._db
                    self._db.commit()
                except BaseException:
                    self._db.rollback()
                    raise

    def _fence(self) -> None:
        if self.run_id is None:
            return
        row = self.first("SELECT value FROM meta WHERE key = 'run_id'")
        if row is not None and row["value"] != self.run_id:
            raise TakenOver("another run took over this state file; this one stops")

    def take_over(self, run_id: str) -> None:
        """Make this run the only one that may write."""
        self.run_id = None
        with self.write() as db:
            db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES ('run_id', ?)", [run_id])
        self.run_id = run_id

    def forget_freed(self) -> None:
        """Empty the write-ahead log, so that what was erased is in none of the file's bytes any more."""
        with self._lock:
            if not self._db.conn.in_transaction:
                self._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()


@contextmanager
def _telling() -> Generator[None]:
    """Turn trouble with the file itself into one sentence; a broken constraint is a bug and stays one."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise StateFailed(f"the state file failed: {error}") from error


def create(path: Path) -> StateFile:
    """Create a new state file with mode 0600; StateError when it cannot be created."""
    if path.exists():
        raise StateError(f"the state file {path} exists already", hint="connector status")
    try:
        _touch_private(path)
    except OSError as error:
        raise StateError(
            f"the state file {path} cannot be created: {error.strerror}",
            hint="check [state] path and the rights of its folder",
        ) from error
    return _open(path)


def open_existing(path: Path) -> StateFile:
    """Open a state file, migrating an older schema after a backup; StateError says what is wrong with it."""
    if not path.is_file():
        raise StateError(f"there is no state file at {path}", hint="connector init")
    if path.stat().st_size == 0:
        raise StateError(f"the state file {path} is empty", hint=f"remove {path}, then run: connector init")
    if not os.access(path, os.R_OK | os.W_OK):
        raise StateError(
            f"the state file {path} cannot be read and written by this user", hint=f"chown or chmod {path}"
        )
    return _open(path)


def _open(path: Path) -> StateFile:
    try:
        return _prepare(path)
    except sqlite3.DatabaseError as error:
        raise StateError(
            f"the state file {path} is unreadable: {error}",
            hint="put a backup in its place, or move it away and run: connector recover",
        ) from error


def _prepare(path: Path) -> StateFile:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    try:
        version = _known_version(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        if version < LATEST:
            migrate(connection, path, backup=version > 0)
        connection.execute("PRAGMA foreign_keys = ON")
        return StateFile(connection)
    except BaseException:
        connection.close()
        raise


def _known_version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    mark = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if mark != APPLICATION_ID and (version or tables):
        raise StateError(
            f"{path} is an SQLite file, but not a state file of this program", hint="check [state] path"
        )
    if version > LATEST:
        raise StateError(
            f"the state file {path} has schema {version}, this program knows only {LATEST}",
            hint="install the newer program again: pip install --upgrade dashly-intercom-connector",
        )
    return version


def _touch_private(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
