"""State files as the version before kept them: the second schema, with one row a part and plain hashes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Database, Migrations

from state.migrations import schema
from state.migrations.version import APPLICATION_ID
from state.records import dump_losses

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from state.records import LedgerRow


def make(path: Path, *, version: int = 2) -> sqlite3.Connection:
    """Make a file of an earlier schema and return a connection to it."""
    earlier = Migrations("connector")
    for migration in (schema.m001_first_schema, schema.m002_retries)[:version]:
        earlier()(migration)
    file = sqlite3.connect(path, isolation_level=None)
    earlier.apply(Database(file))
    file.execute("PRAGMA journal_mode = WAL")
    file.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    file.execute(f"PRAGMA user_version = {version}")
    return file


def put(file: sqlite3.Connection, conversation: int, rows: Iterable[LedgerRow], run: str | None) -> None:
    """Write ledger rows as that version did."""
    for row in rows:
        file.execute(
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
