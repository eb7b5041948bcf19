"""State that tests keep: where, and what only a file has."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import psycopg

from state.file.db import StateFile

if TYPE_CHECKING:
    from state.store import Store

BROKEN = (sqlite3.IntegrityError, psycopg.IntegrityError)
"""What a broken constraint raises."""


def file_of(store: Store) -> StateFile:
    """Return the SQLite file of a store that is kept in one."""
    assert isinstance(store.file, StateFile)
    return store.file
