"""Replacing a state file with a backup; the next run knows that it missed something."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from state.care import backups
from state.care.erasure import erase_removed, removed_parts
from state.errors import StateError, StateFailed, StateForbidden
from state.file.failures import of_system, telling
from state.file.opening import check_key, check_place, known_version, open_existing
from state.file.places import sync_folder, touch_private
from state.meta import Fact
from state.migrations.version import KEYED_SINCE

if TYPE_CHECKING:
    from pathlib import Path

    from mappings.model import Seconds

_WORKSPACES = ("dashly_workspace", "intercom_workspace")


def restore(state: Path, backup: Path, *, key: bytes, now: Seconds) -> Path | None:
    """Replace the state file with a backup; hold the lock.

    Returns where the previous file is kept: as a backup when it could be read, else beside. Parts that
    were removed since stay erased. StateError when the backup is damaged, foreign or of another pair.
    """
    try:
        bound = _inspect(backup, key)
    except (StateFailed, StateForbidden):
        raise
    except StateError as error:  # it tells of a state file, whose advice does not fit a backup
        raise StateError(
            f"{backup} cannot be restored: {error}",
            hint=f"choose another backup: ls {backups.folder_beside(state)}",
        ) from error
    removed: list[tuple[int, str]] = []
    kept: Path | None = None
    if state.exists():
        try:
            kept, removed = _keep(state, key, bound, now)
        except (StateFailed, StateForbidden):
            raise
        except StateError:
            kept = _set_aside(state)
    _replace(state, backup, removed)
    return kept


def _inspect(backup: Path, key: bytes) -> dict[str, str]:
    """Return what a backup is bound to; StateError when it cannot serve."""
    check_place(backup)
    with telling(backup), closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)) as db:
        if known_version(db, backup) >= KEYED_SINCE:
            check_key(db, backup, key)
        verdict = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
        if verdict != "ok":
            raise StateError(f"the backup {backup} is damaged: {verdict}", hint="choose another backup")
        return dict(db.execute("SELECT key, value FROM meta WHERE key IN (?, ?)", _WORKSPACES).fetchall())


def _keep(state: Path, key: bytes, bound: dict[str, str], now: Seconds) -> tuple[Path, list[tuple[int, str]]]:
    """Back up the file that is there, and return the tombstones that it knows."""
    backups.refuse_without_room(state, 2, "restoring")
    with closing(open_existing(state, key=key)) as present:
        here = {
            name: row["value"]
            for name in _WORKSPACES
            if (row := present.first("SELECT value FROM meta WHERE key = ?", [name]))
        }
        if any(here[name] != bound.get(name, here[name]) for name in here):
            raise StateForbidden(
                "the backup belongs to another pair of workspaces", hint="choose a backup of this pair"
            )
        return backups.make(present, now).path, list(removed_parts(present))


def _set_aside(state: Path) -> Path:
    aside = state.with_name(f"{state.name}.damaged")
    try:
        state.replace(aside)
    except OSError as error:
        raise of_system(error, state) from error
    return aside


def _replace(state: Path, backup: Path, removed: list[tuple[int, str]]) -> None:
    coming = state.with_name(f"{state.name}.restoring")
    coming.unlink(missing_ok=True)
    touch_private(coming)
    with telling(backup), closing(sqlite3.connect(backup)) as old, closing(sqlite3.connect(coming)) as new:
        old.backup(new)
    with backups.erasing(coming) as db:
        if known_version(db, coming) >= KEYED_SINCE:
            erase_removed(db, removed)
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, 'yes')", [Fact.DOUBTED])
    try:
        for suffix in ("-wal", "-shm"):  # of the file that goes; its content is in the backup just made
            state.with_name(f"{state.name}{suffix}").unlink(missing_ok=True)
        coming.replace(state)
    except OSError as error:
        raise of_system(error, state) from error
    with suppress(StateError):
        sync_folder(state.parent)
