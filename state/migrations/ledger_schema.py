"""The third schema: the ledger by conversation with a part and its copy in one row, counters, and indexes.

``parts`` is clustered by conversation: a part id is unique within its conversation only. ``counterpart`` of a
person's part is its first copy; where ``copy_type`` is set, the row of that copy is in this one too, and what
it does not say (``copy_created``, ``copy_run``) is as for the part. Rows of our own that have no such place
(further pieces, changes of registers) stand alone with ``ours`` = 1. ``words`` holds types and reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

from mappings.model import Side

TABLES = (
    "CREATE TABLE words (code INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE ledger (
      conversation INTEGER NOT NULL REFERENCES conversations (id),
      side INTEGER NOT NULL CHECK (side IN (0, 1)), part TEXT NOT NULL,
      type INTEGER NOT NULL REFERENCES words (code), created REAL NOT NULL,
      disposition INTEGER NOT NULL CHECK (disposition BETWEEN 0 AND 7),
      reason INTEGER REFERENCES words (code), losses TEXT,
      ours INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0,
      text_hash BLOB CHECK (length(text_hash) = 16), run INTEGER,
      counterpart TEXT, copy_type INTEGER REFERENCES words (code),
      copy_created REAL, copy_removed INTEGER NOT NULL DEFAULT 0, copy_run INTEGER,
      PRIMARY KEY (conversation, side, part)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE log (
      number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, command TEXT NOT NULL, started REAL NOT NULL,
      finished REAL, exit_code INTEGER, report TEXT
    ) STRICT
    """,
    """
    CREATE TABLE days (
      day TEXT NOT NULL, command TEXT NOT NULL, totals TEXT NOT NULL, PRIMARY KEY (day, command)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE counters (
      kind TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID
    """,
)

REPLACED = (
    "DROP TABLE parts",
    "ALTER TABLE ledger RENAME TO parts",
    "DROP TABLE runs",
    "ALTER TABLE log RENAME TO runs",
    "DROP INDEX conversations_due",
    "DROP INDEX conversations_checked",
)

DUE = "state = 'active' AND (dashly_due IS NOT NULL OR intercom_due IS NOT NULL)"
"""Pairs with work left, in the words of the index that serves them."""

IDLE = (
    "state = 'active' AND dashly_due IS NULL AND intercom_due IS NULL "
    "AND dashly_id IS NOT NULL AND intercom_id IS NOT NULL"
)
"""Linked pairs in step without work left, in the words of the index that serves them."""

INDEXES = (
    "CREATE INDEX parts_known ON parts (side, part)",
    "CREATE INDEX parts_copies ON parts (side, counterpart) WHERE copy_type IS NOT NULL",
    "CREATE INDEX parts_removed ON parts (conversation) WHERE removed = 1",
    "CREATE INDEX people_counterpart ON people (counterpart) WHERE counterpart IS NOT NULL",
    "CREATE INDEX runs_started ON runs (started)",
    f"CREATE INDEX conversations_due ON conversations (queue, id) WHERE {DUE}",
    f"CREATE INDEX conversations_idle ON conversations (checked, id) WHERE {IDLE}",
    "CREATE INDEX conversations_stopped ON conversations (queue) WHERE state = 'quarantined'",
    *(
        f"CREATE INDEX conversations_{side}_due ON conversations (queue, {side}_due) "
        f"WHERE state = 'active' AND {side}_due IS NOT NULL"
        for side in Side
    ),
    *(
        f"CREATE INDEX conversations_{side}_person ON conversations ({side}_person) "
        f"WHERE {side}_person IS NOT NULL"
        for side in Side
    ),
)


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted: the rows of a table by a name, which is NULL for a row that does not count."""

    kind: str
    table: str
    name: str

    def named(self, row: str) -> str:
        """Return the SQL for the name of a row in a trigger."""
        return self.name.format(row=row)

    def count(self) -> str:
        """Return the query for the true numbers, as ``counters`` should hold them."""
        name = self.named(self.table)
        return (
            f"SELECT '{self.kind}' AS kind, {name} AS name, count(*) AS n FROM {self.table} "  # noqa: S608 - all from this module
            f"WHERE {name} IS NOT NULL GROUP BY 2"
        )

    def triggers(self) -> tuple[str, ...]:
        """Return the triggers that keep the numbers, whatever changes a row."""
        more, less = self._step("new", 1), self._step("old", -1)
        changed = f"WHEN {self.named('old')} IS NOT {self.named('new')}"
        on = self.table
        return (
            f"CREATE TRIGGER {self.kind}_made AFTER INSERT ON {on} BEGIN {more} END",
            f"CREATE TRIGGER {self.kind}_gone AFTER DELETE ON {on} BEGIN {less} END",
            f"CREATE TRIGGER {self.kind}_changed AFTER UPDATE ON {on} {changed} BEGIN {less} {more} END",
        )

    def _step(self, row: str, by: int) -> str:
        name = self.named(row)
        return (
            f"INSERT INTO counters (kind, name, n) SELECT '{self.kind}', {name}, {by} "
            f"WHERE {name} IS NOT NULL ON CONFLICT (kind, name) DO UPDATE SET n = n + excluded.n;"
        )


PARTS = Counter("part", "parts", "CASE WHEN {row}.ours = 0 THEN CAST({row}.disposition AS TEXT) END")
PAIRS = Counter(
    "pair",
    "conversations",
    "CASE WHEN {row}.state != 'active' THEN {row}.state "
    "WHEN {row}.dashly_id IS NULL OR {row}.intercom_id IS NULL THEN 'unpaired' ELSE 'linked' END",
)
DUE_PAIRS = Counter(
    "due",
    "conversations",
    "CASE WHEN {row}.state = 'active' "
    "AND ({row}.dashly_due IS NOT NULL OR {row}.intercom_due IS NOT NULL) THEN {row}.queue END",
)
COUNTERS = (PARTS, PAIRS, DUE_PAIRS)
