"""Backups of a state file: whole copies in a private folder beside it, named by their time."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from state.errors import StateFailed
from state.file.failures import of_system, telling
from state.file.places import make_private_folder, sync_folder, touch_private
from state.file.sizes import size
from state.file.vacuum import vacuum

if TYPE_CHECKING:
    from collections.abc import Generator

    from mappings.model import Seconds
    from state.file.db import StateFile

KEPT = 7
ROOM = 3
"""Fewer backups are kept while the disk has less than so many times the file's size."""

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?\.db")
_OLD_SCHEMA = re.compile(r"schema-\d+")


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup, and when it was made."""

    path: Path
    made: Seconds


def folder_beside(state: Path) -> Path:
    """Return the folder of the backups of a state file."""
    return Path(f"{state}.backups")


def backups_of(state: Path) -> list[Backup]:
    """Return the backups of a state file, newest first."""
    folder = folder_beside(state)
    if folder.is_symlink() or not folder.is_dir():
        return []
    named = [path for path in folder.iterdir() if _NAME.fullmatch(path.name) and not path.is_symlink()]
    return [Backup(path, _time(path)) for path in sorted(named, key=_order, reverse=True)]


def _order(path: Path) -> tuple[str, int]:
    stamp, _, number = path.stem.partition("-")
    return stamp, int(number or 1)


def before_migrations(state: Path) -> list[Path]:
    """Return the copies that were made before the schema changed."""
    beside = state.parent.glob(f"{state.name}.schema-*")
    return [path for path in beside if _OLD_SCHEMA.fullmatch(path.name.removeprefix(f"{state.name}."))]


def _time(path: Path) -> Seconds:
    return datetime.strptime(path.name[:16], _STAMP).replace(tzinfo=UTC).timestamp()


def make(file: StateFile, now: Seconds) -> Backup:
    """Copy an open state file into its folder of backups; runs may go on meanwhile."""
    folder = folder_beside(file.path)
    make_private_folder(folder)
    stamp = datetime.fromtimestamp(now, UTC).strftime(_STAMP)
    target = folder / f"{stamp}.db"
    number = 1
    while target.exists():
        number += 1
        target = folder / f"{stamp}-{number}.db"
    copy_to(file, target)
    return Backup(target, _time(target))


def copy_to(file: StateFile, target: Path) -> None:
    """Copy an open state file to a new private file, which is there whole or not at all."""
    coming = target.with_name(f"{target.name}.coming")
    coming.unlink(missing_ok=True)
    touch_private(coming)
    try:
        with telling(target), closing(sqlite3.connect(coming, isolation_level=None)) as copy:
            file.back_up(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        coming.rename(target)
    except OSError as error:
        raise of_system(error, target) from error
    finally:
        coming.unlink(missing_ok=True)
    sync_folder(target.parent)


def thin_out(state: Path) -> list[Path]:
    """Remove what is too old, and what the disk has no room for; return the latter. The newest stays."""
    found = backups_of(state)
    for backup in found[KEPT:]:
        backup.path.unlink(missing_ok=True)
    gone: list[Path] = []
    for backup in reversed(found[1:KEPT]):
        if has_room(state, ROOM):
            break
        backup.path.unlink(missing_ok=True)
        gone.append(backup.path)
    return gone


def has_room(state: Path, times: int, *, folder: Path | None = None) -> bool:
    """Tell whether its disk, or that of another folder, has room for so many files of a state file's size."""
    try:
        return shutil.disk_usage(folder or state.parent).free >= times * state.stat().st_size
    except OSError as error:
        raise of_system(error, state) from error


@contextmanager
def erasing(backup: Path) -> Generator[sqlite3.Connection]:
    """Change a backup in one transaction and leave nothing of what was erased in its bytes."""
    with telling(backup), closing(sqlite3.connect(backup, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = ON")
        db.execute("BEGIN IMMEDIATE")
        yield db  # what fails is undone when the file is closed
        db.execute("COMMIT")
        if db.total_changes:
            vacuum(db)


def refuse_without_room(state: Path, times: int, what: str, *, folder: Path | None = None) -> None:
    """Raise StateFailed when its disk, or that of another folder, has no room for so many copies of it."""
    if not has_room(state, times, folder=folder):
        place = folder or state.parent
        needed, free = times * state.stat().st_size, shutil.disk_usage(place).free
        raise StateFailed(
            f"{what} needs {size(needed)} on the disk of {place}, which has {size(free)} free",
            hint="make room, then run again: nothing is lost",
        )
