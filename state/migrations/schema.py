"""The schema, by numbered migrations; a backup stands beside the file before each one that meets data.

Ids are text. Times are seconds since 1970 (REAL). Registers and lists are JSON text.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, TypeAlias

from sqlite_utils import Database, Migrations

from mappings.keyed import key_mark, keyed
from state.breaker import TABLES
from state.file.places import touch_private
from state.file.vacuum import vacuum
from state.migrations.first_schema import FIRST, RETRIES
from state.migrations.rekeying import KEYED, PROGRESSED, make_ledger_anew
from state.migrations.version import APPLICATION_ID, KEY_MARK, KEYED_SINCE, LATEST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Step: TypeAlias = "Callable[[int, int], None]"
"""Hears how much of how much is done."""

PAGES_AT_ONCE = 1024  # often enough to be told how far a copy is

migrations = Migrations("connector")


@migrations()
def m001_first_schema(db: Database) -> None:
    """Create all tables."""
    for statement in FIRST:
        db.execute(statement)


@migrations()
def m002_retries(db: Database) -> None:
    """Let a conversation in quarantine be retried automatically from a time on."""
    for statement in RETRIES:
        db.execute(statement)


@migrations()
def m003_ledger_anew(db: Database) -> None:
    """Rebuild the ledger by conversation, with keyed hashes, counters and indexes for frequent queries."""
    make_ledger_anew(db)


@migrations()
def m004_breaker_and_pieces(db: Database) -> None:
    """Remember what the breaker counts, tell intents of one part id apart, and keep how words were cut."""
    for statement in TABLES:
        db.execute(statement)
    db.execute("ALTER TABLE intents ADD COLUMN pieces TEXT")
    db.execute(
        "UPDATE intents SET marker = conversation || '/' || marker WHERE op IN ('start', 'message', 'note')"
    )


@migrations()
def m005_made_people(db: Database) -> None:
    """Remember which run created a person, so that an undo deletes nobody whom somebody else created."""
    db.execute("ALTER TABLE people ADD COLUMN made_by TEXT")
    db.execute("CREATE INDEX people_made ON people (made_by) WHERE made_by IS NOT NULL")
    db.execute(
        "CREATE INDEX conversations_made ON conversations (created_by_run, id) "
        "WHERE created_by_run IS NOT NULL"
    )


@migrations()
def m006_stand_ins(db: Database) -> None:
    """Remember which conversations were opened with a person whom the connector made."""
    db.execute("ALTER TABLE conversations ADD COLUMN stand_in INTEGER NOT NULL DEFAULT 0")


@migrations()
def m007_what_agents_are_told(db: Database) -> None:
    """Remember what agents are to be told of a person once, and whether they were."""
    db.execute("ALTER TABLE people ADD COLUMN to_tell TEXT")
    db.execute("ALTER TABLE people ADD COLUMN told INTEGER NOT NULL DEFAULT 0")


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    *,
    key: bytes,
    progress: Step,
    saving: Step,
) -> None:
    """Bring the schema to the newest version in one transaction; a crash leaves the old one whole.

    ``saving`` hears how many of how many bytes of the old file are saved, from none to all; then ``progress``
    how many of how many conversations are done.
    """

    def keyed_bytes(digest: str | None) -> bytes | None:
        return None if digest is None else bytes.fromhex(keyed(key, digest))

    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    backup = _back_up(connection, path, version, saving) if version else None
    connection.create_function(KEYED, 1, keyed_bytes, deterministic=True)
    connection.create_function(PROGRESSED, 2, progress)
    db = Database(connection, execute_plugins=False)
    db.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(db)
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [KEY_MARK, key_mark(key)])
        db.execute(f"PRAGMA user_version = {LATEST}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.commit()
    except BaseException:
        db.rollback()
        raise
    if backup is not None and version < KEYED_SINCE:
        forget_plain_hashes(backup)


def _back_up(connection: sqlite3.Connection, path: Path, version: int, saving: Step) -> Path:
    page = int(connection.execute("PRAGMA page_size").fetchone()[0])
    saving(0, page * int(connection.execute("PRAGMA page_count").fetchone()[0]))
    target = path.with_name(f"{path.name}.schema-{version}")
    target.unlink(missing_ok=True)
    touch_private(target)
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        connection.backup(
            copy,
            pages=PAGES_AT_ONCE,
            progress=lambda _status, left, total: saving(page * (total - left), page * total),
        )
        copy.execute("PRAGMA journal_mode = DELETE")
    return target


def forget_plain_hashes(backup: Path) -> None:
    """Remove unkeyed hashes of texts from the backup of an older schema; the rest of it stays useful.

    A program of that schema treats a part without a hash as unchanged.
    """
    with closing(sqlite3.connect(backup, isolation_level=None)) as old:
        old.execute("PRAGMA secure_delete = ON")
        old.execute("BEGIN IMMEDIATE")
        old.execute("UPDATE parts SET text_hash = NULL, losses = '[]'")
        old.execute("DELETE FROM intents WHERE state = 'done'")
        old.execute("COMMIT")
        vacuum(old)
