"""Why a file could not be used: one classification of SQLite's result codes and of the system's errors.

Only CORRUPT and NOTADB are damage. What owner or mode forbid needs a person. Everything else may pass.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from state.errors import StateError, StateFailed, StateForbidden

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

ROOM = "make room, then run again: nothing is lost"
AGAIN = "fix the cause and run again: nothing is lost"
RESTORE = "connector state restore, or move it away and run: connector recover"
_PRIMARY = 0xFF
_INDEX = 32 * 1024

_LOCKED = (
    "another program keeps it locked",
    "run again when that program has ended; whether it is a run of ours: connector status",
)
_MAY_PASS = {
    sqlite3.SQLITE_FULL: ("there is no room", ROOM),
    sqlite3.SQLITE_IOERR: ("its disk failed or is full", "make room or replace the disk, then run again"),
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_NOMEM: ("there is not enough memory", "free memory, then run again: nothing is lost"),
}
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_RIGHTS = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP})
_WRONG_PATH = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})


@contextmanager
def telling(path: Path) -> Generator[None]:
    """Turn trouble with the state file into one sentence; a broken constraint is a bug and stays one."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as error:
        raise of_sqlite(error, path) from error


def of_sqlite(error: sqlite3.DatabaseError, path: Path) -> StateError:
    """Return what an error of SQLite means for the state file at a path."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    if code in _DAMAGE:
        return StateError(f"the state file {path} is damaged: {error}", hint=RESTORE)
    if code in _RIGHTS:
        return _about_rights(error, path)
    # Without room for its index of the log SQLite knows of a failed disk only.
    if code == sqlite3.SQLITE_IOERR and _is_full(path):
        code = sqlite3.SQLITE_FULL
    what, hint = _MAY_PASS.get(code, (str(error), AGAIN))
    return StateFailed(f"the state file {path} failed: {what}", hint=hint)


def _is_full(path: Path) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(path.parent).free < _INDEX
    return False


def of_system(error: OSError, path: Path) -> StateError:
    """Return what an error of the system means for a file of ours at a path."""
    why = error.strerror or type(error).__name__
    if error.errno in _FORBIDDEN:
        return forbidden(path, why)
    if error.errno in _WRONG_PATH:
        return StateError(f"{path} cannot be used: {why}", hint="check [state] path")
    return StateFailed(f"{path} failed: {why}", hint=ROOM if error.errno in _NO_ROOM else AGAIN)


def forbidden(path: Path, why: str) -> StateForbidden:
    """Return the error for a file or folder that this user may not use."""
    what = str(path) if path.is_dir() else f"{path} and its folder"
    return StateForbidden(f"this user may not use {path}: {why}", hint=f"chown or chmod {what} for this user")


def _about_rights(error: sqlite3.DatabaseError, path: Path) -> StateError:
    """Tell a file system that takes no writes from a file or folder that this user may not use."""
    if _on_read_only_system(path):
        return StateFailed(f"the state file {path} failed: its file system is read-only", hint=AGAIN)
    for place, rights in ((path.parent, os.R_OK | os.W_OK | os.X_OK), *_files(path)):
        if not os.access(place, rights):
            return forbidden(place, "its owner or mode forbid it")
    return StateFailed(f"the state file {path} failed: {error}", hint=AGAIN)


def _files(path: Path) -> list[tuple[Path, int]]:
    beside = [path.with_name(f"{path.name}{suffix}") for suffix in ("", "-wal", "-shm")]
    return [(file, os.R_OK | os.W_OK) for file in beside if file.exists()]


def _on_read_only_system(path: Path) -> bool:
    with suppress(OSError):
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    return False
