"""The tables of a pair in PostgreSQL, as the numbered migrations leave them in a state file.

Numbers are given as SQLite gives them, the highest and one more: rows that were numbered anew, or moved here,
cause no conflict. Texts are ordered by their bytes.
"""

from __future__ import annotations

from state.migrations.ledger_schema import COUNTERS, INDEXES, Counter

BORN = 7
"""The schema that ``TABLES`` makes."""

_SIDE = "TEXT NOT NULL CHECK (side IN ('dashly', 'intercom'))"
_OF_PAIR = "BIGINT NOT NULL REFERENCES conversations (id)"
_OF_PAIR_GONE = "REFERENCES conversations (id) ON DELETE CASCADE"

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """
    CREATE TABLE runs (
      number BIGINT PRIMARY KEY, id TEXT NOT NULL UNIQUE, command TEXT NOT NULL, started FLOAT NOT NULL,
      finished FLOAT, exit_code BIGINT, report TEXT
    )
    """,
    """
    CREATE TABLE days (
      day TEXT NOT NULL, command TEXT NOT NULL, totals TEXT NOT NULL, PRIMARY KEY (day, command)
    )
    """,
    f"CREATE TABLE watermarks (side {_SIDE} PRIMARY KEY, at FLOAT NOT NULL)",
    """
    CREATE TABLE conversations (
      id BIGINT PRIMARY KEY,
      dashly_id TEXT UNIQUE, intercom_id TEXT UNIQUE,
      origin TEXT NOT NULL CHECK (origin IN ('dashly', 'intercom')),
      state TEXT NOT NULL DEFAULT 'active'
        CHECK (state IN ('active', 'gone', 'quarantined', 'unlinked')),
      dashly_base TEXT, intercom_base TEXT,
      dashly_seen TEXT, intercom_seen TEXT,
      dashly_person TEXT, intercom_person TEXT, shadow BIGINT NOT NULL DEFAULT 0,
      dashly_due FLOAT, intercom_due FLOAT,
      queue TEXT NOT NULL DEFAULT 'sync' CHECK (queue IN ('sync', 'backfill')),
      checked FLOAT NOT NULL DEFAULT 0, created_by_run TEXT, linked FLOAT,
      stand_in BIGINT NOT NULL DEFAULT 0,
      CHECK (dashly_id IS NOT NULL OR intercom_id IS NOT NULL)
    )
    """,
    "CREATE TABLE words (code BIGINT PRIMARY KEY, word TEXT NOT NULL UNIQUE)",
    f"""
    CREATE TABLE parts (
      conversation {_OF_PAIR},
      side BIGINT NOT NULL CHECK (side IN (0, 1)), part TEXT NOT NULL,
      type BIGINT NOT NULL REFERENCES words (code), created FLOAT NOT NULL,
      disposition BIGINT NOT NULL CHECK (disposition BETWEEN 0 AND 7),
      reason BIGINT REFERENCES words (code), losses TEXT,
      ours BIGINT NOT NULL DEFAULT 0, removed BIGINT NOT NULL DEFAULT 0,
      text_hash BYTEA CHECK (length(text_hash) = 16), run BIGINT,
      counterpart TEXT, copy_type BIGINT REFERENCES words (code),
      copy_created FLOAT, copy_removed BIGINT NOT NULL DEFAULT 0, copy_run BIGINT,
      PRIMARY KEY (conversation, side, part)
    )
    """,
    f"""
    CREATE TABLE intents (
      rowid BIGINT NOT NULL UNIQUE, marker TEXT PRIMARY KEY, conversation {_OF_PAIR},
      side {_SIDE}, op TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('sent', 'answered', 'done')),
      payload_hash TEXT NOT NULL, fingerprint TEXT NOT NULL, covers TEXT NOT NULL,
      sent_at FLOAT NOT NULL, settle_at FLOAT NOT NULL, copy TEXT, run TEXT, pieces TEXT
    )
    """,
    f"""
    CREATE TABLE people (
      side {_SIDE}, id TEXT NOT NULL, kind TEXT NOT NULL, external_id TEXT, name TEXT, email TEXT,
      counterpart TEXT, made_by TEXT, to_tell TEXT, told BIGINT NOT NULL DEFAULT 0,
      PRIMARY KEY (side, id)
    )
    """,
    f"""
    CREATE TABLE conflicts (
      conversation {_OF_PAIR}, register TEXT NOT NULL,
      dashly TEXT NOT NULL, intercom TEXT NOT NULL, winner TEXT NOT NULL, rule TEXT NOT NULL,
      at FLOAT NOT NULL, run TEXT,
      PRIMARY KEY (conversation, register, dashly, intercom)
    )
    """,
    f"""
    CREATE TABLE quarantine (
      id BIGINT PRIMARY KEY, conversation {_OF_PAIR},
      side TEXT NOT NULL, part TEXT NOT NULL, reason TEXT NOT NULL,
      first_at FLOAT NOT NULL, last_at FLOAT NOT NULL, attempts BIGINT NOT NULL DEFAULT 1, retry_at FLOAT,
      UNIQUE (conversation, side, part)
    )
    """,
    "CREATE TABLE budget (id BIGINT PRIMARY KEY, side TEXT NOT NULL, at FLOAT NOT NULL)",
    """
    CREATE TABLE counters (
      kind TEXT NOT NULL, name TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (kind, name)
    )
    """,
    f"""
    CREATE TABLE arrivals (
      rowid BIGINT PRIMARY KEY, conversation BIGINT NOT NULL {_OF_PAIR_GONE},
      side BIGINT NOT NULL, at FLOAT NOT NULL, answered FLOAT
    )
    """,
    f"""
    CREATE TABLE trips (
      conversation BIGINT PRIMARY KEY {_OF_PAIR_GONE}, count BIGINT NOT NULL, until FLOAT NOT NULL
    )
    """,
)

_NUMBERED = (
    ("runs", "number"),
    ("conversations", "id"),
    ("words", "code"),
    ("intents", "rowid"),
    ("quarantine", "id"),
    ("budget", "id"),
    ("arrivals", "rowid"),
)

_MORE_INDEXES = (
    "CREATE INDEX intents_conversation ON intents (conversation)",
    "CREATE INDEX intents_open ON intents (settle_at) WHERE state != 'done'",
    "CREATE INDEX people_external ON people (side, external_id) WHERE external_id IS NOT NULL",
    "CREATE INDEX people_made ON people (made_by) WHERE made_by IS NOT NULL",
    "CREATE INDEX budget_at ON budget (side, at)",
    "CREATE INDEX arrivals_conversation ON arrivals (conversation)",
    "CREATE INDEX conversations_made ON conversations (created_by_run, id) WHERE created_by_run IS NOT NULL",
)

_FUNCTIONS = (
    (
        "CREATE FUNCTION instr(whole TEXT, piece TEXT) RETURNS INTEGER LANGUAGE sql IMMUTABLE STRICT "
        "AS 'SELECT strpos(whole, piece)'"
    ),
)


def _next(table: str, column: str) -> tuple[str, str]:
    """Return what gives each row of a table the next number."""
    name = f"next_of_{table}"
    return (
        (
            f"CREATE FUNCTION {name}() RETURNS BIGINT LANGUAGE sql VOLATILE "  # noqa: S608 - from this module
            f"AS 'SELECT coalesce(max({column}), 0) + 1 FROM {table}'"
        ),
        f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {name}()",
    )


def _counting(counter: Counter) -> tuple[str, str, str, str]:
    """Return the triggers that keep the numbers of a counter, whatever changes a row."""
    old, new, kind = counter.named("OLD"), counter.named("NEW"), counter.kind

    def step(name: str, by: int) -> str:
        return (
            f"INSERT INTO counters (kind, name, n) SELECT '{kind}', {name}, {by} WHERE {name} IS NOT NULL "
            "ON CONFLICT (kind, name) DO UPDATE SET n = counters.n + excluded.n;"
        )

    body = (
        f"BEGIN IF TG_OP <> 'INSERT' THEN {step(old, -1)} END IF; "
        f"IF TG_OP <> 'DELETE' THEN {step(new, 1)} END IF; RETURN NULL; END"
    )
    run = f"FOR EACH ROW {{when}} EXECUTE FUNCTION count_{kind}()"
    on, differs = counter.table, f"WHEN ({old} IS DISTINCT FROM {new})"
    return (
        f"CREATE FUNCTION count_{kind}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$",
        f"CREATE TRIGGER {kind}_made AFTER INSERT ON {on} {run.format(when='')}",
        f"CREATE TRIGGER {kind}_gone AFTER DELETE ON {on} {run.format(when='')}",
        f"CREATE TRIGGER {kind}_changed AFTER UPDATE ON {on} {run.format(when=differs)}",
    )


TABLES = (
    *(" ".join(table.replace(" TEXT", ' TEXT COLLATE "C"').split()) for table in _TABLES),
    *(statement for numbered in _NUMBERED for statement in _next(*numbered)),
    *_FUNCTIONS,
    *(statement for counter in COUNTERS for statement in _counting(counter)),
    *INDEXES,
    *_MORE_INDEXES,
)
"""What makes the schema ``BORN``."""

LATER: dict[int, tuple[str, ...]] = {}
"""What each migration after it does in PostgreSQL."""
