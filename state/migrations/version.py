"""How a state file is known, and which schema is the newest: who opens a file of today needs no migration."""

from __future__ import annotations

APPLICATION_ID = 0x44494331  # "DIC1"
LATEST = 7
KEY_MARK = "key_mark"
KEYED_SINCE = 3
"""The first schema that holds keyed hashes only."""
