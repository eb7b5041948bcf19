"""Making a file as small as what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_APART = 1_000_000  # steps of SQLite's, a tenth of a second


def vacuum(connection: sqlite3.Connection) -> None:
    """Rebuild the file without free pages.

    Of a large file this takes minutes, in one statement: now and then Python has its turn, or no signal
    would be heard until the end. A file that is left in the middle is whole.
    """
    connection.set_progress_handler(_turn, _APART)
    try:
        connection.execute("VACUUM")
    finally:
        connection.set_progress_handler(None, 0)


def _turn() -> None:
    """Let the statement go on; the signals were heard on the way here."""
