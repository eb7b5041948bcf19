"""The schema of the first versions, as their files still have it."""

from __future__ import annotations

FIRST = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE runs (
      id TEXT PRIMARY KEY, command TEXT NOT NULL, started REAL NOT NULL, finished REAL,
      exit_code INTEGER, report TEXT
    ) STRICT
    """,
    """
    CREATE TABLE watermarks (
      side TEXT PRIMARY KEY CHECK (side IN ('dashly', 'intercom')), at REAL NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE conversations (
      id INTEGER PRIMARY KEY,
      dashly_id TEXT UNIQUE, intercom_id TEXT UNIQUE,
      origin TEXT NOT NULL CHECK (origin IN ('dashly', 'intercom')),
      state TEXT NOT NULL DEFAULT 'active'
        CHECK (state IN ('active', 'gone', 'quarantined', 'unlinked')),
      dashly_base TEXT, intercom_base TEXT,
      dashly_seen TEXT, intercom_seen TEXT,
      dashly_person TEXT, intercom_person TEXT, shadow INTEGER NOT NULL DEFAULT 0,
      dashly_due REAL, intercom_due REAL,
      queue TEXT NOT NULL DEFAULT 'sync' CHECK (queue IN ('sync', 'backfill')),
      checked REAL NOT NULL DEFAULT 0, created_by_run TEXT, linked REAL,
      CHECK (dashly_id IS NOT NULL OR intercom_id IS NOT NULL)
    ) STRICT
    """,
    """
    CREATE INDEX conversations_due ON conversations (queue, id)
      WHERE dashly_due IS NOT NULL OR intercom_due IS NOT NULL
    """,
    """
    CREATE INDEX conversations_checked ON conversations (checked)
      WHERE dashly_id IS NOT NULL AND intercom_id IS NOT NULL
    """,
    """
    CREATE TABLE parts (
      side TEXT NOT NULL CHECK (side IN ('dashly', 'intercom')), id TEXT NOT NULL,
      conversation INTEGER NOT NULL REFERENCES conversations (id),
      type TEXT NOT NULL, created REAL NOT NULL,
      disposition TEXT NOT NULL CHECK (disposition IN
        ('copied', 'note', 'transcript', 'state', 'absorbed', 'skipped', 'unsupported', 'quarantined')),
      reason TEXT NOT NULL DEFAULT '', losses TEXT NOT NULL DEFAULT '[]',
      ours INTEGER NOT NULL DEFAULT 0, counterpart TEXT, text_hash TEXT, removed INTEGER NOT NULL DEFAULT 0,
      run TEXT,
      PRIMARY KEY (side, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX parts_conversation ON parts (conversation, side)
    """,
    """
    CREATE TABLE intents (
      marker TEXT PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations (id),
      side TEXT NOT NULL CHECK (side IN ('dashly', 'intercom')), op TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('sent', 'answered', 'done')),
      payload_hash TEXT NOT NULL, fingerprint TEXT NOT NULL, covers TEXT NOT NULL,
      sent_at REAL NOT NULL, settle_at REAL NOT NULL,
      copy TEXT, run TEXT
    ) STRICT
    """,
    """
    CREATE INDEX intents_conversation ON intents (conversation)
    """,
    """
    CREATE INDEX intents_open ON intents (settle_at) WHERE state != 'done'
    """,
    """
    CREATE TABLE people (
      side TEXT NOT NULL CHECK (side IN ('dashly', 'intercom')), id TEXT NOT NULL,
      kind TEXT NOT NULL, external_id TEXT, name TEXT, email TEXT, counterpart TEXT,
      PRIMARY KEY (side, id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE INDEX people_external ON people (side, external_id) WHERE external_id IS NOT NULL
    """,
    """
    CREATE TABLE conflicts (
      conversation INTEGER NOT NULL REFERENCES conversations (id), register TEXT NOT NULL,
      dashly TEXT NOT NULL, intercom TEXT NOT NULL, winner TEXT NOT NULL, rule TEXT NOT NULL,
      at REAL NOT NULL, run TEXT,
      PRIMARY KEY (conversation, register, dashly, intercom)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE quarantine (
      id INTEGER PRIMARY KEY, conversation INTEGER NOT NULL REFERENCES conversations (id),
      side TEXT NOT NULL, part TEXT NOT NULL, reason TEXT NOT NULL,
      first_at REAL NOT NULL, last_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 1,
      UNIQUE (conversation, side, part)
    ) STRICT
    """,
    """
    CREATE TABLE budget (id INTEGER PRIMARY KEY, side TEXT NOT NULL, at REAL NOT NULL) STRICT
    """,
    """
    CREATE INDEX budget_at ON budget (side, at)
    """,
)

RETRIES = ("ALTER TABLE quarantine ADD COLUMN retry_at REAL",)
