"""Making and opening state files: private, no links, of a known schema, with the key they were made with."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from mappings.keyed import key_mark
from state.access.transactions import ARRIVING, MOVED
from state.errors import StateError, StateForbidden, StateNewer, moved
from state.file.db import BUSY_MS, StateFile
from state.file.failures import forbidden, of_system, telling
from state.file.places import narrow, touch_private, trusted_owners
from state.file.vacuum import vacuum
from state.migrations.version import APPLICATION_ID, KEY_MARK, KEYED_SINCE, LATEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from state.migrations.schema import Step

_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA recursive_triggers = ON",
)

_NO_FILE_YET = 1
"""How many bytes SQLite takes for a database that nothing was written to yet: then it would fill the file."""
_PLACE = "mount its disk, or name another place: [state] path"


def silent(_done: int, _total: int) -> None:
    """Ignore how far a migration is."""


def no_matter(_size: int) -> None:
    """Hear how large a file is that is made smaller."""


def create(path: Path, *, key: bytes) -> StateFile:
    """Create a new state file with mode 0600; StateError when it cannot be created."""
    if os.path.lexists(path):
        raise StateError(f"the state file {path} exists already", hint="connector status")
    touch_private(path)
    return _open(path, key, silent, silent, no_matter)


def open_existing(
    path: Path,
    *,
    key: bytes,
    progress: Step = silent,
    saving: Step = silent,
    shrinking: Callable[[int], None] = no_matter,
) -> StateFile:
    """Open a state file, migrating an older schema after a backup; StateError says what is wrong with it.

    ``saving`` hears how many of how many bytes the backup has, ``progress`` how many of how many
    conversations the migration has moved.
    """
    check_place(path)
    return _open(path, key, progress, saving, shrinking)


def predates_keys(path: Path) -> bool:
    """Tell whether a state file is of a schema whose hashes need no key; nothing is changed."""
    check_place(path)
    with telling(path), closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
        return 0 < known_version(file, path) < KEYED_SINCE


def rekey(path: Path, key: bytes) -> None:
    """Give a state file whose key was lost a new one; its hashes are of no use any more."""
    check_place(path)
    with telling(path), closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)) as file:
        if known_version(file, path) < KEYED_SINCE or _has_key(file, key):
            return
        file.execute("PRAGMA secure_delete = ON")
        file.execute("BEGIN IMMEDIATE")
        file.execute("UPDATE parts SET text_hash = NULL WHERE text_hash IS NOT NULL")
        file.execute("UPDATE meta SET value = ? WHERE key = ?", [key_mark(key), KEY_MARK])
        file.execute("COMMIT")


def arrived(path: Path) -> None:
    """Open a new file for runs: the place from which its state came was left."""
    with telling(path), closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)) as file:
        file.execute("PRAGMA synchronous = FULL")
        file.execute("DELETE FROM meta WHERE key IN (?, ?)", [MOVED, ARRIVING])


def check_place(path: Path) -> None:
    """Refuse what is not a state file, by its kind, size and rights, before SQLite opens it."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(path) from error
    except OSError as error:
        raise of_system(error, path) from error
    if stat.S_ISLNK(found.st_mode):
        raise StateForbidden(f"{path} is a link, not a file", hint="name the file itself in [state] path")
    for beside in map(Path, (f"{path}-wal", f"{path}-shm")):
        if beside.is_symlink():
            raise StateForbidden(
                f"{beside} is a link, not a file", hint=f"see who made it, then: rm {beside}"
            )
    if not stat.S_ISREG(found.st_mode):
        raise _no_file(path, found.st_mode)
    if found.st_uid not in trusted_owners(path):
        raise forbidden(path, "it belongs to another user")
    if found.st_size <= _NO_FILE_YET:
        raise StateError(f"the state file {path} is empty", hint=f"remove {path}, then run: connector init")
    if not os.access(path, os.R_OK | os.W_OK) and not _takes_no_writes(path):
        raise forbidden(path, "it cannot be read and written")


def _no_file(path: Path, mode: int) -> StateError:
    # `init` makes none in its place: to name that would lead in a circle.
    hint = "name a file in [state] path"
    if stat.S_ISDIR(mode):
        return StateError(
            f"{path} is a folder, not a state file", hint=f"{hint}, such as {path / 'connector.db'}"
        )
    return StateError(f"{path} is a device or a pipe, not a state file", hint=hint)


def _missing(path: Path) -> StateError:
    if path.parent.is_dir():
        return StateError(f"there is no state file at {path}", hint="connector init")
    return StateError(f"there is no folder {path.parent} for the state file", hint=_PLACE)


def _takes_no_writes(path: Path) -> bool:
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _open(
    path: Path, key: bytes, progress: Step, saving: Step, shrinking: Callable[[int], None]
) -> StateFile:
    with telling(path):
        connection = sqlite3.connect(
            path, isolation_level=None, timeout=BUSY_MS / 1000, check_same_thread=False
        )
        try:
            _prepare(connection, path, key, progress, saving, shrinking)
        except BaseException:
            connection.close()
            raise
    return StateFile(connection, path, key)


def _prepare(
    connection: sqlite3.Connection,
    path: Path,
    key: bytes,
    progress: Step,
    saving: Step,
    shrinking: Callable[[int], None],
) -> None:
    version = known_version(connection, path)
    if version >= KEYED_SINCE:
        check_key(connection, path, key)
        refuse_moved(connection, path)
    for suffix in ("", "-wal", "-shm"):  # now that the file is known to be ours
        if os.path.lexists(f"{path}{suffix}"):
            narrow(path.with_name(f"{path.name}{suffix}"))
    for setting in _SETTINGS:
        connection.execute(setting)
    if version < LATEST:
        from state.migrations.schema import migrate  # noqa: PLC0415 - once in the life of a schema

        migrate(connection, path, key=key, progress=progress, saving=saving)
        if version and shutil.disk_usage(path.parent).free > 2 * path.stat().st_size:
            shrinking(path.stat().st_size)
            vacuum(connection)
    connection.execute("PRAGMA foreign_keys = ON")


def check_key(connection: sqlite3.Connection, path: Path, key: bytes) -> None:
    """Refuse an open file that was made with another key."""
    if not _has_key(connection, key):
        raise StateForbidden(
            f"the state file {path} belongs to another key",
            hint="put its key file back, or run: connector recover",
        )


def refuse_moved(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse an open file whose state was moved."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", [MOVED]).fetchone()
    if row is not None:
        raise moved(path, row[0])


def _has_key(connection: sqlite3.Connection, key: bytes) -> bool:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", [KEY_MARK]).fetchone()
    return row is not None and bool(row[0] == key_mark(key))


def known_version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema of an open file; StateError when it is another program's or a newer one's."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    mark = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if mark != APPLICATION_ID and (version or tables):
        raise StateError(
            f"{path} is an SQLite file, but not a state file of this program", hint="check [state] path"
        )
    if version > LATEST:
        raise StateNewer(f"the state file {path} has schema {version}, this program knows only {LATEST}")
    return version
