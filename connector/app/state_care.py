"""Care of the state file: backups, restoring one, checking, shrinking, forgetting a person.

``daily`` is what each run calls once; it acts once a day and never ends a run.
"""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import ConfigError, ConnectorError
from connector.host.clock import new_run_id
from connector.host.log import event
from state import store as states
from state.access.place import Schema
from state.care import backups, checking, erasure, restoring
from state.errors import StateError, StateFailed, StateForbidden
from state.file.db import StateFile

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from connector.config.model import StateConfig
    from connector.host.lock import Lock
    from mappings.model import Seconds, Side
    from state.access.place import Place
    from state.store import Store

DAY: Seconds = 86400.0
OLD_SCHEMAS_KEPT: Seconds = 7 * DAY  # like the daily backups; long enough to notice a bad update
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out of the files: the pairs that a person was in, and the files that knew them."""

    pairs: int
    files: tuple[Place, ...]


def daily(store: Store, settings: StateConfig, now: Seconds) -> None:
    """Back up, erase and tidy when a day has passed; what fails is told and tried again by the next run."""
    try:
        # Every run, not once a day: erased words wait only until nobody reads the file.
        finish_erasure(store)
        # A stamp from the future, left by a wrong clock, is no reason to wait for it.
        if 0 <= now - store.meta.cared() < DAY:
            return
        # Before the backup, so that seven copies do not keep what is rolled up.
        store.runs.roll_up(now)
        if isinstance(store.file, StateFile):
            _care_for_copies(store.file, settings, now)
        store.meta.set_cared(now)
    except (OSError, StateError) as error:
        event(_LOG, logging.WARNING, "state.not_cared_for", why=str(error))


def finish_erasure(store: Store) -> bool:
    """Empty the log of erased words if that is still to be done; tell whether nothing is left."""
    if not store.meta.erasure_waits():
        return True
    done = store.empty_log()
    if not done:
        event(_LOG, logging.WARNING, "state.erasure_waits", why="another program reads the state file")
    return done


def _care_for_copies(file: StateFile, settings: StateConfig, now: Seconds) -> None:
    # Within a day of a removal its words are gone from every copy that we made.
    _erase_in_backups(file)
    _remove_old_schemas(file.path, now)
    if settings.backup == "daily":
        _back_up_daily(file, now)


def _erase_in_backups(file: StateFile) -> None:
    removed = list(erasure.removed_parts(file))
    if removed:
        for backup in backups.backups_of(file.path):
            _change(backup.path, lambda db: erasure.erase_removed(db, removed))


def _change(backup: Path, erase: Callable[[sqlite3.Connection], None]) -> None:
    """Erase something from a backup; a damaged one serves nobody and goes as a whole."""
    try:
        with backups.erasing(backup) as db:
            erase(db)
    # No room, or no right: the backup is sound and must not be thrown away.
    except (StateFailed, StateForbidden):
        raise
    except StateError as error:
        backup.unlink(missing_ok=True)
        event(_LOG, logging.WARNING, "state.backup_removed", path=str(backup), why=str(error))


def _remove_old_schemas(state: Path, now: Seconds) -> None:
    for path in backups.before_migrations(state):
        if now - path.stat().st_mtime > OLD_SCHEMAS_KEPT:
            path.unlink(missing_ok=True)


def _back_up_daily(file: StateFile, now: Seconds) -> None:
    _thin_out(file.path)  # older ones may hold the room that the new one needs
    backups.refuse_without_room(file.path, 1, "the daily backup")
    backups.make(file, now)
    _thin_out(file.path)


def _thin_out(state: Path) -> None:
    gone = backups.thin_out(state)
    if gone:
        event(_LOG, logging.WARNING, "state.fewer_backups", removed=len(gone), why="the disk is low on space")


def file_kept(place: Place) -> Path:
    """Return where the state file is; ConfigError when the state is not kept in one."""
    if isinstance(place, Schema):
        raise _in_a_database()
    return place


def _its_file(store: Store) -> StateFile:
    if isinstance(store.file, StateFile):
        return store.file
    raise _in_a_database()


def _in_a_database() -> ConfigError:
    return ConfigError(
        "this state is kept in PostgreSQL; this command works on a state file only",
        hint="use the database's own tools: pg_dump or pg_restore (vacuum runs by itself)",
    )


def back_up(store: Store, target: Path | None, now: Seconds) -> Path:
    """Back up now: into the folder of backups, or to a file of its own; runs may go on meanwhile."""
    file, folder = _its_file(store), None if target is None else target.absolute().parent
    if folder is not None and not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}", hint="make it, or name another file")
    # Before SQLite meets it, which does not say which of two files had no room.
    backups.refuse_without_room(file.path, 1, "a backup", folder=folder)
    if target is None:
        return backups.make(file, now).path
    if target.exists():
        raise ConfigError(f"{target} exists already", hint="name a file that does not exist yet")
    backups.copy_to(file, target)
    return target


def newest_backup(state: Path) -> Path:
    """Return the newest backup; ConfigError when there is none."""
    found = backups.backups_of(state)
    if not found:
        raise ConfigError(f"there is no backup in {backups.folder_beside(state)}", hint="connector recover")
    return found[0].path


def restore(lock: Lock, state: Path, backup: Path, *, key: bytes, now: Seconds) -> Path | None:
    """Restore a backup, so that the next run doubts it; return where the previous file is kept."""
    kept = restoring.restore(state, backup, key=key, now=now)
    with closing(states.open_existing(state, key=key)) as store:
        # The copies made since the backup are unknown to it: the next run looks before it delivers.
        lock.take_over(store, new_run_id(), doubt=True)
    return kept


def check(store: Store) -> list[str]:
    """Return what is wrong with the state file, in words."""
    return checking.problems(store.file)


def vacuum(store: Store) -> tuple[int, int]:
    """Make the state file as small as what it holds; return its size before and after."""
    file = _its_file(store)
    path = file.path
    backups.refuse_without_room(path, 2, "making the file smaller")
    before = path.stat().st_size
    file.vacuum()
    store.empty_log()
    return before, path.stat().st_size


def forget(store: Store, side: Side, person: str) -> Forgotten:
    """Erase a person from the state file and from every backup that the program made; hold the lock.

    ConfigError when nobody knows them; ConnectorError while a write to them is not settled.
    """
    path = store.file.path
    # Here first: the backups are searched for every id that the file knew of them.
    known = _erase_here(store, side, person)
    files: list[Place] = [store.file.place] if known.is_known else []
    files += [one.path for one in backups.backups_of(path) if _erase_in_backup(one.path, known)]
    if not files:
        raise ConfigError(f"nobody with the id {side}:{person} is known", hint="connector pairs list")
    for old_schema in backups.before_migrations(path):  # its tables are different: it is deleted as a whole
        old_schema.unlink(missing_ok=True)
        files.append(old_schema)
    _leave_nothing(store)
    return Forgotten(len(known.conversations), tuple(files))


def _erase_here(store: Store, side: Side, person: str) -> erasure.Person:
    with store.transaction() as db:
        known = erasure.find_person(db, {(side.value, person)})
        waits = erasure.open_writes(db, known)
        # An open write still names its recipient, and would be confirmed for somebody unknown.
        if waits:
            raise ConnectorError(
                f"{waits} writes to this person are not settled yet; nothing was erased",
                hint="run: connector sync, then this again",
            )
        erasure.erase_person(db, known)
    return known


def _erase_in_backup(backup: Path, known: erasure.Person) -> bool:
    """Erase a person from a backup; tell whether it knew them."""
    met: list[erasure.Person] = []

    def erase(db: sqlite3.Connection) -> None:
        met.append(erasure.find_person(db, known.ids))
        erasure.erase_person(db, met[0])

    _change(backup, erase)
    return any(person.is_known for person in met)


def _leave_nothing(store: Store) -> None:
    """Rewrite the file and empty its log; StateFailed while another program still reads the old one."""
    if isinstance(store.file, StateFile) and backups.has_room(store.file.path, 2):
        store.file.vacuum()
    if not store.empty_log():
        raise StateFailed(
            "what was erased is still in the log of the state file, since another program reads it",
            hint="end that program, then run: connector state vacuum",
        )
