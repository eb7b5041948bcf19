"""A state file that fails: disk full, read-only, locked, damaged, killed in a migration. Nothing is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from connector.cli.output.explain import explain
from state.errors import StateError, StateFailed
from state.file import opening
from state.migrations.version import LATEST
from tests.faults.lab import PAUSE, D
from tests.faults.stories import STORIES
from tests.keys import KEY
from tests.outcome import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

PAGE = 4096
TALKS = 60


def told(lab: Lab, capsys: pytest.CaptureFixture[str]) -> int:
    """Run a sync that fails, and return its exit code after checking what it says."""
    capsys.readouterr()
    error: Exception | None
    try:
        error = lab.sync().error
    except (StateError, StateFailed) as raised:
        error = raised
    assert error is not None
    code = explain(error, as_json=False, verbose=False)
    lines = capsys.readouterr().err.strip().splitlines()
    assert lines[0].startswith("connector: ")
    assert "unexpected" not in lines[0]
    assert lines[1].startswith("  next: ")
    assert len(lines) == 2
    return code


def remote_writes(lab: Lab) -> int:
    """Return how many requests were not reads."""
    return sum(method != "GET" and not path.endswith("/search") for _, method, path in lab.requests)


def begun(theatre: Theatre) -> Lab:
    """Return a connector with something to do."""
    lab = theatre.bound()
    STORIES["dashly"][0].people(lab)
    return lab


def ends_well(theatre: Theatre, lab: Lab) -> None:
    """Play the story on and compare its end with the undisturbed one."""
    lab.until_clean(lab.sync)
    for act in STORIES["dashly"][1:]:
        act.people(lab)
        lab.until_clean(partial(act.command, lab))
    assert lab.outcome() == theatre.undisturbed("dashly")[0]


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a function that lets the disk be full after so many more pages; None makes room again."""
    connect = sqlite3.connect
    most: list[int] = []

    def limited(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **more)
        if most:
            connection.execute(f"PRAGMA max_page_count = {most[0]}")
        return connection

    def set_room(lab: Lab, pages: int | None) -> None:
        most.clear()
        if pages is not None:
            with closing(connect(lab.path)) as file:
                most.append(int(file.execute("PRAGMA page_count").fetchone()[0]) + pages)

    monkeypatch.setattr(sqlite3, "connect", limited)
    yield set_room
    most.clear()


@pytest.mark.long
@pytest.mark.parametrize("pages", range(2))
def test_a_full_disk_is_told_and_nothing_is_lost(
    theatre: Theatre, fill: Any, capsys: pytest.CaptureFixture[str], pages: int
) -> None:
    """Wherever the room ends, there is a sentence; with room again the next run goes on as if nothing was."""
    lab = theatre.bound()
    desk = lab.world.dashly
    for number in range(TALKS):
        talk = desk.customer_starts(desk.customer(f"P{number}"), f"question {number}.")
        desk.agent_writes(talk, f"answer {number}.")
    fill(lab, pages)

    code = told(lab, capsys)

    assert code == 3
    fill(lab, None)
    lab.time.sleep(PAUSE)
    lab.until_clean(lab.sync)
    with lab.memory() as store:
        assert store.quarantine.items() == []
    mirrors = lab.world.truth()["intercom"]["conversations"]
    said = [[plain(part["body"]) for part in [talk["source"], *talk["parts"]]] for talk in mirrors]
    assert sorted(said) == sorted([f"question {number}.", f"answer {number}."] for number in range(TALKS))
    assert lab.differences() == []


def test_a_read_only_state_file_is_refused(
    theatre: Theatre, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that this user may not write needs a person; nothing is asked of the sides."""
    lab = begun(theatre)
    before = len(lab.requests)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK and access(path, mode))

    assert told(lab, capsys) == 7
    assert len(lab.requests) == before
    monkeypatch.undo()
    ends_well(theatre, lab)


def test_a_file_that_another_program_keeps_locked_is_told(
    theatre: Theatre, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's open transaction: the run ends with a sentence and no write."""
    lab = begun(theatre)
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **(k | {"timeout": 0.05})))
    with closing(connect(lab.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        code = told(lab, capsys)

    assert code == 3
    assert remote_writes(lab) == 0
    ends_well(theatre, lab)


@pytest.mark.long
def test_a_damaged_page_is_told(theatre: Theatre, capsys: pytest.CaptureFixture[str]) -> None:
    """Garbage in the middle of the file: a sentence, no write, and a copy in its place goes on."""
    lab = begun(theatre)
    kept = lab.keep("kept.db")
    content = bytearray(lab.path.read_bytes())
    for page in range(1, len(content) // PAGE):
        content[page * PAGE : page * PAGE + 200] = b"\xa5" * 200
    lab.lose()
    lab.path.write_bytes(bytes(content))

    assert told(lab, capsys) == 2
    assert remote_writes(lab) == 0

    lab.restore(kept)
    ends_well(theatre, lab)


@pytest.mark.long
def test_a_damaged_file_can_be_recovered(theatre: Theatre) -> None:
    """After the file was lost for good, `recover` finds every pair, and nothing is copied again."""
    lab = theatre.play("dashly")
    lab.lose()
    assert lab.recover() == 1
    before = lab.outcome()

    assert lab.until_clean(lab.sync).writes == 0

    assert lab.outcome() == before
    talk = next(iter(lab.world.truth()[D.value]["conversations"]))
    lab.world.dashly.customer_writes(talk["id"], "still here?")
    lab.until_clean(lab.sync)
    (mirror,) = lab.world.truth()["intercom"]["conversations"]
    assert [plain(part["body"]) for part in mirror["parts"]].count("still here?") == 1


KILLED = """
import os, pathlib, sqlite3, sys
from state.file import opening
from state.migrations import schema
count = 0
def step(text):
    global count
    count += 1
    if count == int(sys.argv[2]):
        os._exit(100)
connect = sqlite3.connect
def traced(*a, **k):
    made = connect(*a, **k)
    made.set_trace_callback(step)
    return made
sqlite3.connect = traced
schema.LATEST = opening.LATEST = schema.LATEST + 1
@schema.migrations()
def m999_more(database):
    database.execute("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT")
    database.execute("INSERT INTO more(id) VALUES (1)")
opening.open_existing(pathlib.Path(sys.argv[1]), key=bytes.fromhex(sys.argv[3])).close()
print(count)
"""


def migrate_and_die(path: Path, step: int) -> subprocess.CompletedProcess[str]:
    """Migrate to a made-up next schema in a process that ends at one of its statements."""
    return subprocess.run(  # the statements are counted from 1; 0 lets it live
        [sys.executable, "-c", KILLED, str(path), str(step), KEY.hex()],
        capture_output=True,
        text=True,
        check=False,
    )


def check_killed_migration(theatre: Theatre, steps: list[int]) -> None:
    """Die at each of the steps; the file is old or new, and works."""
    lab = theatre.play("dashly")
    kept = lab.keep("kept.db")
    for step in steps:
        lab.restore(kept)
        for beside in lab.folder.glob("*.schema-*"):
            beside.unlink()
        assert migrate_and_die(lab.path, step).returncode == 100, step
        with closing(sqlite3.connect(lab.path)) as file:
            version = file.execute("PRAGMA user_version").fetchone()[0]
            tables = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE name = 'more'")]
            assert (version, tables) in [(LATEST, []), (LATEST + 1, ["more"])]
            assert file.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert file.execute("SELECT count(*) FROM parts").fetchone()[0] > 5
        ended = migrate_and_die(lab.path, 0)
        assert ended.returncode == 0, ended.stderr


@pytest.mark.long
def test_a_kill_during_a_migration_leaves_the_old_or_the_new(theatre: Theatre) -> None:
    """A few of its statements."""
    check_killed_migration(theatre, [9, 13])


@pytest.mark.sweep
def test_a_kill_at_any_statement_of_a_migration(theatre: Theatre) -> None:
    """All of its statements."""
    lab = theatre.play("dashly")
    copy = lab.folder / "copy.db"
    shutil.copy(lab.keep("kept.db"), copy)
    statements = int(migrate_and_die(copy, 0).stdout)

    check_killed_migration(theatre, list(range(1, statements + 1)))


def test_a_migration_is_known_to_this_program(theatre: Theatre) -> None:
    """A file of a newer program is refused and left alone."""
    lab = theatre.bound()
    with closing(sqlite3.connect(lab.path)) as file:
        file.execute(f"PRAGMA user_version = {LATEST + 1}")
    before = lab.path.read_bytes()

    with pytest.raises(StateError, match="knows only"):
        opening.open_existing(lab.path, key=KEY)

    assert lab.path.read_bytes() == before
