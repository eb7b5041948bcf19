"""Whatever keeps the state file from being used is told by its cause, and by who must act."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from connector.errors import ConnectorError
from connector.host.lock import exclusive
from state import store as states
from state.errors import StateError, StateFailed, StateForbidden
from state.file import db, failures, opening
from state.file.failures import of_sqlite, of_system
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from state.store import Store

NOBODY = 65_534


@pytest.fixture
def place(path: Path) -> Path:
    """Only files are meant here."""
    return path


def of_code(code: int) -> sqlite3.DatabaseError:
    """Return SQLite's error with a result code."""
    error = sqlite3.OperationalError("told by SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        (sqlite3.SQLITE_FULL, 3),
        (sqlite3.SQLITE_IOERR_WRITE, 3),
        (sqlite3.SQLITE_IOERR_FSYNC, 3),
        (sqlite3.SQLITE_BUSY, 3),
        (sqlite3.SQLITE_BUSY_RECOVERY, 3),
        (sqlite3.SQLITE_LOCKED, 3),
        (sqlite3.SQLITE_NOMEM, 3),
        (sqlite3.SQLITE_ERROR, 3),
        (sqlite3.SQLITE_CANTOPEN, 3),
        (sqlite3.SQLITE_CORRUPT, 2),
        (sqlite3.SQLITE_CORRUPT_VTAB, 2),
        (sqlite3.SQLITE_NOTADB, 2),
    ],
)
def test_only_damage_is_damage(tmp_path: Path, code: int, exit_code: int) -> None:
    """Every other result of SQLite may pass by itself where the file's rights are as they should be."""
    told = of_sqlite(of_code(code), tmp_path / "connector.db")

    assert told.exit_code == exit_code
    assert told.hint
    assert ("damaged" in str(told)) == (exit_code == 2)


def test_a_read_only_file_system_passes_and_rights_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same result code means either: the file system is asked, then who may use file and folder."""
    path, error = tmp_path / "connector.db", of_code(sqlite3.SQLITE_READONLY)
    assert of_sqlite(error, path).exit_code == 3

    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *_: False)
        told = of_sqlite(error, path)
        assert (told.exit_code, str(tmp_path) in str(told)) == (7, True)
        patch.setattr(os, "statvfs", lambda _: os.statvfs_result([0] * 8 + [os.ST_RDONLY, 0]))
        assert of_sqlite(error, path).exit_code == 3


@pytest.mark.parametrize(
    ("number", "exit_code"),
    [
        (errno.EACCES, 7),
        (errno.EPERM, 7),
        (errno.ELOOP, 7),
        (errno.ENOSPC, 3),
        (errno.EDQUOT, 3),
        (errno.EROFS, 3),
        (errno.EIO, 3),
        (errno.EMFILE, 3),
        (errno.ENOENT, 2),
        (errno.ENOTDIR, 2),
    ],
)
def test_errors_of_the_system_say_who_must_act(tmp_path: Path, number: int, exit_code: int) -> None:
    """No room: later; forbidden: a person; a path that is none: the configuration."""
    told = of_system(OSError(number, os.strerror(number)), tmp_path)

    assert (told.exit_code, bool(told.hint)) == (exit_code, True)


def test_a_bug_is_not_told_as_a_failure(tmp_path: Path) -> None:
    """A broken constraint goes through as it is."""
    with pytest.raises(sqlite3.IntegrityError), failures.telling(tmp_path):
        raise sqlite3.IntegrityError("UNIQUE constraint failed")


def test_a_busy_file_is_told(path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody keeps the file to themselves: later, and nothing is damaged."""
    store.close()
    monkeypatch.setattr(opening, "BUSY_MS", 20)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StateFailed, match="locked"):
            states.open_existing(path, key=KEY)


def test_damage_in_the_middle_is_told_as_damage(path: Path, store: Store) -> None:
    """Garbage in a page that a query needs: exit code 2 and a backup is named, also in mid-run."""
    for number in range(300):
        store.meta.set(f"fact{number}", "x" * 200)
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 8 :] = b"\xa5" * len(content[4096 * 8 :])
    path.write_bytes(bytes(content))

    with pytest.raises(StateError) as told, closing(states.open_existing(path, key=KEY)) as opened:
        opened.file.read("SELECT * FROM meta, parts, runs")

    assert (told.value.exit_code, type(told.value)) == (2, StateError)
    assert "restore" in told.value.hint


FULL = """
import pathlib, resource, signal, sys
from state import store
from state.errors import StateError
path = pathlib.Path(sys.argv[1])
opened = store.open_existing(path, key=bytes.fromhex(sys.argv[2]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for number in range(2_000):
        opened.meta.set(f"fact{number}", "x" * 500)
except StateError as error:
    print(error.exit_code, error, error.hint)
"""


def test_no_room_is_told_and_nothing_is_lost(path: Path, store: Store) -> None:
    """The file may grow no more: exit code 3, make room; what was written before is there."""
    store.meta.set("kept", "yes")

    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(path), KEY.hex()], capture_output=True, text=True, check=False
    )

    assert ran.stdout.startswith("3 "), ran
    assert "make room" in ran.stdout
    assert store.meta.get("kept") == "yes"
    assert store.file.read("PRAGMA integrity_check")[0][0] == "ok"


def open_it(path: Path) -> None:
    """Open the state file."""
    states.open_existing(path, key=KEY).close()


def create_another(path: Path) -> None:
    """Create a state file in the same folder."""
    states.create(path.with_name("other.db"), key=KEY).close()


def lock_it(path: Path) -> None:
    """Take the lock."""
    with exclusive(path):
        pass


@pytest.fixture
def shared() -> Iterator[Path]:
    """A state file in a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    path = folder / "connector.db"
    states.create(path, key=KEY).close()
    yield path
    folder.chmod(0o700)
    shutil.rmtree(folder)


def as_another(path: Path, use: Callable[[Path], None]) -> str:
    """Use a state file as a user who owns nothing here, and return what was told."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child runs this thread only
        child = os.fork()
    if child == 0:
        told = "nothing"
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            use(path)
        except (ConnectorError, StateError) as error:
            told = f"{error.exit_code} {error} {error.hint}"
        except BaseException as error:  # noqa: BLE001 - whatever it was, the child ends here
            told = repr(error)
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told


@pytest.mark.parametrize("use", [open_it, create_another, lock_it])
def test_a_folder_of_another_user_needs_a_person(shared: Path, use: Callable[[Path], None]) -> None:
    """What owner or mode forbid does not pass by itself: exit code 7, with what to type."""
    shared.chmod(0o600 if os.geteuid() == 0 else 0o000)
    shared.parent.chmod(0o555)

    told = as_another(shared, use)

    assert told.startswith("7 "), told
    assert str(shared.parent) in told


def test_a_file_in_a_folder_that_takes_no_new_files(shared: Path) -> None:
    """The file itself may be written, but SQLite cannot put its log beside it."""
    shared.parent.chmod(0o555)
    if os.geteuid() == 0:
        os.chown(shared, NOBODY, NOBODY)

    told = as_another(shared, open_it)

    assert told.startswith("7 "), told
    assert told.endswith(f"chown or chmod {shared.parent} for this user"), told


def test_a_link_is_not_followed(path: Path, store: Store, tmp_path: Path) -> None:
    """Neither the state file nor its lock nor a new file goes through a link that somebody laid."""
    store.close()
    (tmp_path / "link.db").symlink_to(path)

    with pytest.raises(StateForbidden, match="is a link"):
        states.open_existing(tmp_path / "link.db", key=KEY)
    with pytest.raises(StateError, match="exists already"):
        states.create(tmp_path / "link.db", key=KEY)


def test_the_rights_of_what_is_not_ours_are_left_alone(path: Path) -> None:
    """Another program's file in the place of the state file is not touched."""
    path.write_bytes(b"x" * 5_000)
    path.chmod(0o664)

    with pytest.raises(StateError, match="damaged"):
        states.open_existing(path, key=KEY)

    assert path.stat().st_mode & 0o777 == 0o664


def test_the_rights_of_others_are_taken_away_and_told(
    path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that everybody may read is private after its next opening."""
    store.close()
    path.chmod(0o664)

    with closing(states.open_existing(path, key=KEY)) as opened:
        opened.meta.set("a", "b")
        modes = {file.stat().st_mode & 0o777 for file in path.parent.glob(f"{path.name}*")}

    assert modes == {0o600}
    assert {record.message for record in caplog.records} == {"state_file.narrowed"}


def test_another_key_is_refused_and_nothing_changes(path: Path, store: Store) -> None:
    """A state file without its key needs a person; it is not touched."""
    store.close()
    before = path.read_bytes()

    with pytest.raises(StateForbidden, match="another key") as told:
        states.open_existing(path, key=b"x" * 32)

    assert (told.value.exit_code, "recover" in told.value.hint) == (7, True)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("free", "told"), [(0, "there is no room"), (10**9, "its disk failed or is full")])
def test_a_full_disk_is_not_called_a_failed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, told: str
) -> None:
    """SQLite says only that it could not write the index of its log."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))

    assert told in str(of_sqlite(of_code(sqlite3.SQLITE_IOERR), tmp_path / "connector.db"))


def test_an_erasure_waits_shortly_for_readers_and_writes_wait_long(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that reads for hours must not hold up a run; another one that writes is done in seconds."""
    monkeypatch.setattr(db, "READER_MS", 10)
    store.meta.set("a", "1")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM meta").fetchall()
        store.meta.set("a", "2")
        began = time.monotonic()

        assert not store.file.forget_freed()
        assert time.monotonic() - began < db.BUSY_MS / 1000 / 2

    assert store.file.read("PRAGMA busy_timeout")[0][0] == db.BUSY_MS
    assert store.file.forget_freed()
    assert store.file.read("PRAGMA busy_timeout")[0][0] == db.BUSY_MS
