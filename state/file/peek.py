"""Reading one fact while another process holds the state file, without its key or any change."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

from state.file.places import trusted_owners

if TYPE_CHECKING:
    from pathlib import Path


def peek(path: Path, key: str) -> str | None:
    """Return a fact of the state file; None where it is missing, or the file cannot be read."""
    try:
        found = path.lstat()
        # A stranger's file could keep its reader busy for ever.
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in trusted_owners(path):
            return None
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            row = file.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    except (OSError, sqlite3.Error):
        return None
    return None if row is None else str(row[0])
