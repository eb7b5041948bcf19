"""Opening, creating and refusing state files."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database, Migrations

from mappings.model import Side
from state import store as states
from state.errors import StateError
from state.file import opening
from state.migrations import schema
from state.migrations.version import APPLICATION_ID, LATEST
from state.records import Disposition, LedgerRow, Queue
from tests.keys import KEY
from tests.state import earlier

if TYPE_CHECKING:
    from pathlib import Path

    from state.store import Store

TABLES = {
    "meta",
    "runs",
    "watermarks",
    "conversations",
    "parts",
    "intents",
    "people",
    "conflicts",
    "quarantine",
    "arrivals",
    "budget",
    "words",
    "counters",
    "days",
    "trips",
}


@pytest.fixture
def place(path: Path) -> Path:
    """Only files are meant here."""
    return path


def pragma(store: Store, name: str) -> object:
    """Return one setting of the connection."""
    return store.file.read(f"PRAGMA {name}")[0][0]


def tables(store: Store) -> set[str]:
    """Return the tables that hold our data."""
    rows = store.file.read("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {row["name"] for row in rows if not row["name"].startswith(("sqlite_", "_sqlite"))}


def test_only_the_owner_may_read_a_new_state_file(path: Path, store: Store) -> None:
    """The file and what SQLite puts beside it are private from the first byte."""
    store.meta.set("a", "b")

    modes = {stat.S_IMODE(found.stat().st_mode) for found in path.parent.iterdir()}

    assert {0o600} == modes


@pytest.mark.parametrize(
    ("name", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_a_connection_is_durable_and_strict(store: Store, name: str, expected: object) -> None:
    """A power cut loses no commit, references are checked, erased text leaves the file."""
    assert expected == pragma(store, name)


def test_an_opened_file_has_the_same_settings_as_a_new_one(store: Store, second: Store) -> None:
    """Settings that live in the connection are made again on every opening."""
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "trusted_schema")

    assert [pragma(store, name) for name in names] == [pragma(second, name) for name in names]


def test_every_table_is_strict(store: Store) -> None:
    """A value of the wrong type is refused, not stored as something else."""
    rows = store.file.read("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
    strict = {row["name"] for row in rows if row["strict"]}

    assert strict >= tables(store)


def test_the_tables_are_those_of_the_contract(store: Store) -> None:
    """The set of tables comes from the schema and from nowhere else."""
    assert tables(store) == TABLES


def test_a_second_creation_is_refused(path: Path, store: Store) -> None:
    """An existing state file is never overwritten."""
    store.meta.set("kept", "yes")

    with pytest.raises(StateError, match="exists already"):
        states.create(path, key=KEY)

    assert store.meta.get("kept") == "yes"


def test_a_file_that_cannot_be_created_is_told(tmp_path: Path) -> None:
    """A missing folder ends in a sentence with the path."""
    with pytest.raises(StateError, match="cannot be used") as told:
        states.create(tmp_path / "nowhere" / "connector.db", key=KEY)

    assert told.value.hint


def test_a_missing_file_points_to_init(path: Path) -> None:
    """Opening what is not there names the command that makes it."""
    with pytest.raises(StateError, match="there is no state file") as told:
        states.open_existing(path, key=KEY)

    assert told.value.hint == "connector init"


def test_a_folder_is_no_state_file(tmp_path: Path) -> None:
    """Nor does `init` make one in its place: the path lacks the file's name."""
    with pytest.raises(StateError, match="is a folder, not a state file") as told:
        states.open_existing(tmp_path, key=KEY)

    assert told.value.hint == f"name a file in [state] path, such as {tmp_path}/connector.db"


def test_a_pipe_is_no_state_file(tmp_path: Path) -> None:
    """It is refused before SQLite would wait for it."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(StateError, match="is a device or a pipe, not a state file"):
        states.open_existing(tmp_path / "pipe", key=KEY)


def test_a_missing_folder_is_told_apart_from_a_missing_file(tmp_path: Path) -> None:
    """A disk that is not mounted brings its state file back: nothing is to be made again."""
    with pytest.raises(StateError, match="there is no folder") as told:
        states.open_existing(tmp_path / "disk" / "connector.db", key=KEY)

    assert told.value.hint.startswith("mount its disk")


def test_a_file_without_rights_is_told(path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that this user may not read and write is refused before SQLite is asked."""
    store.close()
    monkeypatch.setattr(os, "access", lambda *_: False)

    with pytest.raises(StateError, match="cannot be read and written"):
        states.open_existing(path, key=KEY)


@pytest.mark.parametrize("content", [b"hello", b"x" * 5_000, b"\x00" * 4_096])
def test_garbage_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    """A file that is not a database is told so and keeps its bytes."""
    path.write_bytes(content)

    with pytest.raises(StateError, match="damaged"):
        states.open_existing(path, key=KEY)

    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"S"])
def test_what_is_left_of_a_file_that_lost_everything_is_told(path: Path, content: bytes) -> None:
    """SQLite takes a single byte for a database that is not begun, and would fill it with empty tables."""
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(StateError, match="is empty"):
        states.open_existing(path, key=KEY)

    assert path.read_bytes() == content


def test_a_truncated_state_file_is_refused(path: Path, store: Store) -> None:
    """A state file that lost its end is told, not used."""
    store.close()
    path.write_bytes(path.read_bytes()[:5_000])

    with pytest.raises(StateError):
        states.open_existing(path, key=KEY)


def test_a_foreign_database_is_refused_and_left_alone(path: Path) -> None:
    """Another program's SQLite file gets no table of ours."""
    with closing(sqlite3.connect(path)) as foreign:
        foreign.execute("CREATE TABLE photos (id INTEGER)")
        foreign.commit()

    with pytest.raises(StateError, match="not a state file of this program"):
        states.open_existing(path, key=KEY)

    with closing(sqlite3.connect(path)) as foreign:
        assert foreign.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]


def test_a_newer_schema_is_refused_and_left_alone(path: Path, store: Store) -> None:
    """A file of a newer program is not touched; the sentence says what to install."""
    store.close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {LATEST + 1}")
    before = path.read_bytes()

    with pytest.raises(StateError, match="knows only") as told:
        states.open_existing(path, key=KEY)

    assert "install" in told.value.hint
    assert path.read_bytes() == before


def test_an_older_schema_is_backed_up_before_it_is_migrated(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the migrated file stands a private copy of what it was."""
    store.meta.set("kept", "yes")
    store.close()
    following = LATEST + 1
    monkeypatch.setattr(schema, "LATEST", following)
    monkeypatch.setattr(opening, "LATEST", following)

    states.open_existing(path, key=KEY).close()

    backup = path.with_name(f"{path.name}.schema-{LATEST}")
    with closing(sqlite3.connect(backup)) as old, closing(sqlite3.connect(path)) as new:
        assert old.execute("PRAGMA user_version").fetchone()[0] == LATEST
        assert new.execute("PRAGMA user_version").fetchone()[0] == following
        assert old.execute("SELECT value FROM meta WHERE key = 'kept'").fetchone() == ("yes",)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_migration_that_fails_leaves_the_old_schema(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted migration changes neither version nor data."""
    store.meta.set("kept", "yes")
    store.close()
    monkeypatch.setattr(opening, "LATEST", LATEST + 1)
    monkeypatch.setattr(schema, "APPLICATION_ID", "no number; fails inside the transaction")

    with pytest.raises(StateError):
        states.open_existing(path, key=KEY)
    monkeypatch.undo()

    again = states.open_existing(path, key=KEY)
    assert again.meta.get("kept") == "yes"
    again.close()


def test_a_file_copied_with_its_log_is_whole(path: Path, store: Store, tmp_path: Path) -> None:
    """What was committed survives although nothing was closed, as after a kill."""
    store.meta.set("kept", "yes")
    copied = tmp_path / "copied"
    copied.mkdir()
    for found in path.parent.glob("connector.db*"):
        shutil.copy(found, copied)

    survived = states.open_existing(copied / path.name, key=KEY)

    assert survived.meta.get("kept") == "yes"
    survived.close()


def test_a_file_of_the_first_schema_is_brought_up_to_date(path: Path) -> None:
    """What an earlier program remembered is there afterwards, and the new columns can be used."""
    first = Migrations("connector")
    first()(schema.m001_first_schema)
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        first.apply(Database(old))
        old.execute("INSERT INTO conversations(dashly_id, origin) VALUES ('d1', 'dashly')")
        old.execute(
            "INSERT INTO quarantine(conversation, side, part, reason, first_at, last_at) "
            "VALUES (1, 'dashly', '', 'bad', 1, 1)"
        )
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")

    store = states.open_existing(path, key=KEY)

    assert [(item.reason, item.retry_at) for item in store.quarantine.items()] == [("bad", None)]
    assert path.with_name(f"{path.name}.schema-1").exists()
    store.close()


def test_a_file_whose_key_was_lost_gets_a_new_one(path: Path, store: Store) -> None:
    """Its hashes are of no use any more and are gone; with the key that it has nothing changes."""
    row = store.pairs.listed(Side.DASHLY, "d1", due=1.0, queue=Queue.SYNC)
    part = LedgerRow(Side.DASHLY, "p", "reply_user", 3.0, Disposition.COPIED, text_hash="ab" * 32)
    store.ledger.put(row, [part], None)
    store.close()

    states.rekey(path, KEY)
    with closing(states.open_existing(path, key=KEY)) as same:
        assert same.ledger.of(row)[Side.DASHLY]["p"].text_hash is not None
    states.rekey(path, b"x" * 32)

    with pytest.raises(StateError):
        states.open_existing(path, key=KEY)
    with closing(states.open_existing(path, key=b"x" * 32)) as renewed:
        assert renewed.ledger.of(row)[Side.DASHLY]["p"].text_hash is None


def test_only_a_state_file_gets_a_new_key(tmp_path: Path) -> None:
    """A folder is none, and a file without keys stays as it is."""
    with pytest.raises(StateError):
        states.rekey(tmp_path, KEY)
    with closing(earlier.make(tmp_path / "old.db")) as old:
        before = list(old.iterdump())
        states.rekey(tmp_path / "old.db", KEY)

        assert list(old.iterdump()) == before


def test_asking_whether_a_file_has_keys_changes_nothing(path: Path, store: Store) -> None:
    """One of an earlier schema has none, one of today has; no file is made beside either."""
    del store
    old = path.with_name("old.db")
    with closing(earlier.make(old)):
        before = sorted(one.name for one in path.parent.iterdir())

        assert opening.predates_keys(old)
        assert not opening.predates_keys(path)
        assert sorted(one.name for one in path.parent.iterdir()) == before


def test_nobody_else_reads_the_files_beside_the_state_file(path: Path, store: Store) -> None:
    """The write-ahead log holds the same facts as the file, so it is as private."""
    store.meta.set("a", "1")

    beside = [found for found in path.parent.iterdir() if found.name.endswith(("-wal", "-shm"))]

    assert [found.stat().st_mode & 0o777 for found in beside] == [0o600, 0o600]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ((), {None: True, "r1": False}),
        (("r1",), {None: True, "r1": True}),
        (("r1", "r2"), {None: False, "r1": True, "r2": True}),
        (("r1", "r2", "r3"), {None: False, "r1": False, "r2": True, "r3": True}),
    ],
)
def test_a_file_remembers_its_last_two_runs(
    store: Store, runs: tuple[str, ...], expected: dict[str | None, bool]
) -> None:
    """A lock file without a run fits only a file that has seen fewer than two."""
    for run in runs:
        store.file.take_over(run)

    assert {run: store.file.remembers(run) for run in expected} == expected
