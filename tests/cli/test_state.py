"""`connector state`, `connector forget`, and a state file whose key is there, lost, or was never made."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from state import store as states
from tests.keys import KEY
from tests.state import earlier

if TYPE_CHECKING:
    from pathlib import Path

NORA_THERE = "814860"


@pytest.fixture
def copied(bound: Any) -> Any:
    """A place where one conversation was copied."""
    bound.eva = bound.world.dashly.customer("Eva")
    bound.talk = bound.world.dashly.customer_starts(bound.eva, "code 482913")
    assert bound.run("sync").code == 0
    return bound


def key_of(place: Any) -> Path:
    """Return where the key is."""
    return place.folder / "connector.key"


def test_init_makes_a_private_key_and_keeps_one_that_is_there(place: Any) -> None:
    """A pair gets its key once; after a lost state file the same key serves on."""
    place.run("init")
    made = key_of(place).read_text()
    assert key_of(place).stat().st_mode & 0o777 == 0o600

    place.state.unlink()
    place.run("init")

    assert key_of(place).read_text() == made


@pytest.mark.parametrize("command", ["sync", "status", "doctor", "recover"])
def test_a_state_file_without_its_key_needs_a_person(copied: Any, command: str) -> None:
    """Exit code 7 and what to do; `doctor` fails; `recover` makes a new key and nothing is copied again."""
    key_of(copied).unlink()

    ended = copied.run(command)

    if command == "recover":
        assert ended.code == 0
        assert copied.run("sync").code in {0, 1}
        (mirror,) = copied.world.truth()["intercom"]["conversations"]
        assert len([mirror["source"], *mirror["parts"]]) == 1
    elif command == "doctor":
        assert ended.code == 1
        assert "connector.key" in ended.out
    else:
        assert ended.code == 7
        assert ended.is_told()
        assert "recover" in ended.err


def test_a_state_that_is_lost_with_its_key_is_not_rebuilt_by_mistake(copied: Any) -> None:
    """Most copies would not be found: a person puts the key back, or says that it is lost."""
    key = key_of(copied).read_text()
    key_of(copied).unlink()
    copied.state.unlink()

    refused = copied.run("recover")

    assert (refused.code, refused.is_told()) == (7, True)
    assert "put connector.key back" in refused.err
    assert not key_of(copied).exists()
    assert not copied.state.exists()
    key_of(copied).write_text(key)
    key_of(copied).chmod(0o600)
    assert copied.run("recover", "--json").json["pairs_added"] == 1
    assert "backfill" not in copied.run("status").out + copied.run("doctor").out


def test_without_a_key_nothing_is_advised_that_copies_twice(copied: Any) -> None:
    """What was not found may be there all the same."""
    key_of(copied).unlink()
    copied.state.unlink()

    recovered = copied.run("recover", "--without-key")

    assert recovered.code in {0, 1}
    assert "carries them" not in recovered.out
    assert key_of(copied).exists()


def test_another_key_is_refused(copied: Any) -> None:
    """The key of another pair: nothing is read or written with it."""
    key_of(copied).write_text("ab" * 32)

    ended = copied.run("sync")

    assert (ended.code, ended.is_told()) == (7, True)


@pytest.mark.long
def test_a_pair_from_before_keys_gets_one_and_goes_on(copied: Any) -> None:
    """The first command after the upgrade makes the key, tells it, and nothing is copied again."""
    downgrade(copied.state, copied.folder, key_of(copied))

    ended = copied.run("sync")

    assert ended.code == 0, ended.err
    assert "key.made" in ended.err
    assert key_of(copied).stat().st_mode & 0o777 == 0o600
    (mirror,) = copied.world.truth()["intercom"]["conversations"]
    assert len([mirror["source"], *mirror["parts"]]) == 1
    copied.world.dashly.customer_writes(copied.talk, "still here?")
    copied.wait(5)
    assert copied.run("sync").code == 0
    (mirror,) = copied.world.truth()["intercom"]["conversations"]
    assert len([mirror["source"], *mirror["parts"]]) == 2
    assert copied.run("state", "check").code == 0


def downgrade(state: Path, folder: Path, key: Path) -> None:
    """Put a file of the version before in the place of a state file, with the same content but for hashes."""
    old = folder / "old.db"
    with (
        closing(states.open_existing(state, key=bytes.fromhex(key.read_text()))) as store,
        closing(earlier.make(old)) as file,
    ):
        for table in ("meta", "watermarks", "conversations", "people", "quarantine"):
            known = ", ".join(row[1] for row in file.execute(f"PRAGMA table_info({table})"))
            for row in store.file.read(f"SELECT {known} FROM {table}"):  # noqa: S608 - one of these
                marks = ", ".join("?" * len(row))
                file.execute(f"INSERT INTO {table} VALUES ({marks})", list(row))  # noqa: S608 - one of these
        for run in store.runs.last(100):
            file.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, NULL)",
                [run[name] for name in ("id", "command", "started", "finished", "exit_code")],
            )
        for pair in store.pairs.linked_pairs():
            for rows in store.ledger.of(pair.row).values():
                earlier.put(file, pair.row, rows.values(), None)
        file.execute("UPDATE parts SET text_hash = NULL")
        file.execute("DELETE FROM meta WHERE key = 'key_mark'")
    key.unlink()
    for beside in folder.glob("connector.db*"):
        if beside.is_file() and beside.suffix != ".lock":
            beside.unlink()
    old.rename(state)


def test_a_backup_is_made_and_put_back(copied: Any) -> None:
    """What was delivered after the backup is not delivered again: the state that was put back is doubted."""
    backup = copied.run("state", "backup", "--json").json["backup"]
    (mirror,) = copied.world.truth()["intercom"]["conversations"]
    copied.world.intercom.agent_writes(mirror["id"], "An answer.", agent=NORA_THERE)
    copied.wait(5)
    copied.run("sync")
    assert answers(copied) == 1

    ended = copied.run("state", "restore", backup, "--yes", "--json")

    assert (ended.code, ended.json["restored"]) == (0, backup)
    assert ended.json["kept"] != backup
    copied.wait(5)
    copied.run("sync")
    assert answers(copied) == 1


def answers(place: Any) -> int:
    """Return how often the agent's answer stands on Dashly."""
    talks = place.world.truth()["dashly"]["conversations"]
    return sum("An answer." in (part["body"] or "") for talk in talks for part in talk["parts"])


def test_a_restore_asks(copied: Any) -> None:
    """Without a terminal it needs --yes; without a backup it says so."""
    shutil.rmtree(copied.folder / "connector.db.backups")
    assert copied.run("state", "restore", "--yes").code == 2
    copied.run("state", "backup")

    ended = copied.run("state", "restore")

    assert (ended.code, ended.is_told()) == (2, True)
    assert "--yes" in ended.err


def test_a_backup_to_a_file_never_overwrites(copied: Any) -> None:
    """A file that is there is left alone."""
    target = copied.folder / "mine.db"
    assert copied.run("state", "backup", str(target)).code == 0
    before = target.read_bytes()

    ended = copied.run("state", "backup", str(target))

    assert (ended.code, ended.is_told(), target.read_bytes() == before) == (2, True, True)


def test_a_check_and_a_vacuum(copied: Any) -> None:
    """A sound file is told so; a wrong one ends with 1 and says what is wrong; damage with 2."""
    assert copied.run("state", "check").code == 0
    assert copied.run("state", "vacuum", "--json").json["bytes"] == copied.state.stat().st_size
    with closing(sqlite3.connect(copied.state)) as file, file:
        file.execute("UPDATE counters SET n = n + 1")
    assert copied.run("state", "check").code == 1
    copied.state.write_bytes(b"x" * 5_000)
    ended = copied.run("state", "check")
    assert (ended.code, ended.is_told()) == (2, True)


@pytest.mark.long
def test_a_person_is_forgotten(copied: Any) -> None:
    """No file holds the customer's ids; a stranger, a side that is none, and no answer are told."""
    with closing(states.open_existing(copied.state, key=bytes.fromhex(key_of(copied).read_text()))) as store:
        people = [copied.eva, *store.pairs.get(1).people.values()]
    assert copied.run("forget", "--user", f"dashly:{copied.eva}").code == 2
    assert copied.run("forget", "--user", "zendesk:7", "--yes").code == 2
    assert copied.run("forget", "--user", "dashly:404", "--yes").code == 2

    ended = copied.run("forget", "--user", f"dashly:{copied.eva}", "--yes", "--json")

    assert (ended.code, ended.json["pairs"]) == (0, 1)
    files = [file for file in copied.folder.rglob("*") if file.is_file()]
    assert len(people) == 2
    for person in people:
        assert [file.name for file in files if person.encode() in file.read_bytes()] == []
    assert copied.run("sync").code == 0


def test_what_a_person_reads_has_a_line_for_each_thing(copied: Any) -> None:
    """Problems, erased files and the next command stand on lines of their own."""
    with closing(sqlite3.connect(copied.state)) as file, file:
        file.execute("UPDATE counters SET n = n + 1")
    problems = copied.run("state", "check", "--json").json["problems"]
    assert len(problems) > 1
    assert copied.run("state", "check").out.splitlines() == [f"- {problem}" for problem in problems]

    restored = copied.run("state", "restore", "--yes").out.splitlines()
    assert restored[-1].startswith("Next: connector sync")

    forgotten = copied.run("forget", "--user", f"dashly:{copied.eva}", "--yes").out.splitlines()
    assert forgotten[0].startswith("Forgotten: ")
    assert f"- {copied.state}" in forgotten


def test_a_run_backs_up_daily(copied: Any) -> None:
    """The first run made one; `backup = "never"` makes none."""
    assert len(list((copied.folder / "connector.db.backups").iterdir())) == 1


@pytest.mark.long
def test_a_state_file_of_another_key_is_no_backup(copied: Any, tmp_path: Path) -> None:
    """A backup of another pair is refused before anything is touched."""
    other = tmp_path / "other.db"
    states.create(other, key=KEY).close()

    ended = copied.run("state", "restore", str(other), "--yes")

    assert (ended.code, ended.is_told()) == (7, True)
    assert copied.run("sync").code == 0
