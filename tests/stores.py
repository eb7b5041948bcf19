"""State that tests keep: where, and what only a file has."""

from __future__ import annotations

import sqlite3
from importlib.util import find_spec
from typing import TYPE_CHECKING

from state.file.db import StateFile

if TYPE_CHECKING:
    from state.store import Store

BROKEN: tuple[type[Exception], ...] = (sqlite3.IntegrityError,)
"""What a broken constraint raises."""
if find_spec("psycopg") is not None:
    from psycopg import IntegrityError

    BROKEN = (*BROKEN, IntegrityError)


def file_of(store: Store) -> StateFile:
    """Return the SQLite file of a store that is kept in one."""
    assert isinstance(store.file, StateFile)
    return store.file
