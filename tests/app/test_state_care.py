"""Backups while runs go on, putting one back, checking, and erasing: proven by the bytes of every file."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from connector.app import state_care
from connector.config.model import StateConfig
from connector.errors import ConfigError, ConnectorError
from connector.host.lock import exclusive
from mappings.keyed import keyed_hash
from mappings.model import Agent, Customer, Loss, LossKind, Registers, Side
from mappings.text import text_hash
from state import store as states
from state.care import backups, restoring
from state.errors import StateError, StateFailed, StateForbidden
from state.migrations.version import KEYED_SINCE
from state.records import OWN, Disposition, Intent, LedgerRow, Operation, PairState, Queue
from tests.keys import KEY
from tests.state import earlier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
NOW = 1_800_000_000.0
DAY = 86_400.0
EVA, EVA_THERE, EVA_KNOWN_AS = "1700000000000000777", "65f0c1d2eva", "eva@example.org"
TEXT = "code 482913"
DAILY, NEVER = StateConfig(backup="daily"), StateConfig(backup="never")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the state file is."""
    return tmp_path / "connector.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """A state file that knows Eva and somebody else."""
    made = states.create(path, key=KEY)
    for side in Side:
        made.meta.bind(side, f"workspace of {side}")
    converse(made, "d1", EVA, EVA_THERE)
    converse(made, "d2", "1700000000000000888", "65f0c1d2max")
    made.people.put_customer(D, Customer(EVA, external_id=EVA_KNOWN_AS))
    made.people.set_counterpart(D, EVA, EVA_THERE)
    made.runs.begin("r1", "sync", NOW - 60)
    made.runs.finish("r1", NOW - 50, 1, {"attention": [f"not sent to {EVA}"], "writes": {"dashly": 1}})
    yield made
    made.close()


def converse(store: Store, dashly: str, person: str, other: str) -> int:
    """Let a pair with words of a person be known."""
    row = store.pairs.listed(D, dashly, due=1.0, queue=Queue.SYNC)
    store.pairs.link(row, IC, f"i-{dashly}", at=2.0, run="r1")
    store.pairs.set_person(row, D, person)
    store.pairs.set_person(row, IC, other)
    store.pairs.set_base(row, D, Registers(assignee="151204"))
    photo = (Loss(LossKind.ATTACHMENT, f"photo of {person}.jpg"),)
    source = LedgerRow(
        D,
        f"p-{dashly}",
        "reply_user",
        3.0,
        Disposition.COPIED,
        f"refused for {person}",
        photo,
        counterpart=f"c-{dashly}",
        text_hash=text_hash(TEXT + dashly),
    )
    copy = LedgerRow(
        IC, f"c-{dashly}", "message", 3.0, Disposition.ABSORBED, OWN, ours=True, counterpart=source.id
    )
    store.ledger.put(row, [copy, source], "r1")
    store.quarantine.put(row, D, "", f"{person} cannot be found", at=1.0)
    return row


def holding(folder: Path, *words: str | bytes) -> dict[str, list[str | bytes]]:
    """Return which files of a folder, logs and backups included, hold any of these bytes."""
    found: dict[str, list[str | bytes]] = {}
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        content = file.read_bytes()
        held = [word for word in words if (word.encode() if isinstance(word, str) else word) in content]
        if held:
            found[file.name] = held
    return found


def of_eva() -> list[str | bytes]:
    """Return every trace of Eva: ids, what she is known as, and the keyed hash of what she wrote."""
    return [EVA, EVA_THERE, EVA_KNOWN_AS, bytes.fromhex(keyed_hash(KEY, f"{TEXT}d1"))]


def test_a_person_is_in_no_byte_of_any_file(path: Path, store: Store) -> None:
    """State file, log, daily backups and the copy of an older schema: all of it, and nobody else's."""
    state_care.daily(store, DAILY, NOW)
    state_care.back_up(store, None, NOW + 5)
    earlier.make(path.with_name("connector.db.schema-2")).close()
    with closing(sqlite3.connect(path.with_name("connector.db.schema-2"))) as old, old:
        old.execute("INSERT INTO people (side, id, kind) VALUES ('dashly', ?, 'customer')", [EVA])
    assert len(holding(path.parent, *of_eva())) >= 4

    gone = state_care.forget(store, D, EVA)

    assert holding(path.parent, *of_eva()) == {}
    assert gone.pairs == 1
    assert len(gone.files) == 4
    other = bytes.fromhex(keyed_hash(KEY, f"{TEXT}d2"))
    kept: list[str | bytes] = ["1700000000000000888", "65f0c1d2max", other]
    assert all(set(kept) == set(found) for found in holding(path.parent, *kept).values())
    assert len(holding(path.parent, *kept)) == 3
    pair = store.pairs.find(D, "d1")
    assert pair is not None
    assert pair.state is PairState.UNLINKED
    assert store.ledger.of(1)[IC]["c-d1"].ours
    assert state_care.check(store) == []


@pytest.mark.parametrize("whom", [(IC, EVA_THERE), (D, EVA)])
def test_a_person_is_found_from_either_side(path: Path, store: Store, whom: tuple[Side, str]) -> None:
    """Whichever id is named, whoever stands for them goes too."""
    state_care.forget(store, *whom)

    assert holding(path.parent, *of_eva()) == {}


@pytest.mark.parametrize("whom", [(IC, "65f0c1ines"), (D, "1700000000000000999"), (D, "sync-ines")])
def test_who_began_in_intercom_is_found_from_either_side(
    path: Path, store: Store, whom: tuple[Side, str]
) -> None:
    """The pair knows the shadow user's own id, the people how we made them: each leads to the other."""
    row = store.pairs.listed(IC, "i9", due=1.0, queue=Queue.SYNC)
    store.pairs.link(row, D, "d9", at=2.0, run="r1")
    store.people.put_customer(IC, Customer("65f0c1ines", "acct-ines"))
    store.people.set_shadow("sync-ines", "65f0c1ines")
    store.people.put_customer(D, Customer("1700000000000000999", "sync-ines"))
    store.pairs.set_person(row, D, "1700000000000000999")
    state_care.back_up(store, None, NOW)

    gone = state_care.forget(store, *whom)

    assert gone.pairs == 1
    words = ("65f0c1ines", "acct-ines", "1700000000000000999", "sync-ines")
    assert holding(path.parent, *words) == {}


def test_a_stranger_with_a_chosen_id_is_not_forgotten_along(path: Path, store: Store) -> None:
    """Visitors may choose the id of somebody else as their own."""
    store.people.put_customer(D, Customer("1700000000000000666", EVA))

    state_care.forget(store, D, EVA)

    assert list(holding(path.parent, "1700000000000000666")) != []


def test_forgetting_waits_for_writes_and_refuses_strangers(path: Path, store: Store) -> None:
    """A write that is not settled still needs what it says; nobody is forgotten by a mistyped id."""
    store.journal.begin(
        Intent("m", 1, IC, Operation.MESSAGE, "h", "{}", "[]", sent_at=1.0, settle_at=2.0), "r1"
    )
    with pytest.raises(ConnectorError, match="not settled"):
        state_care.forget(store, D, EVA)
    with pytest.raises(ConfigError, match="nobody"):
        state_care.forget(store, D, "404")

    assert holding(path.parent, *of_eva()) != {}


@pytest.mark.long
def test_a_reader_keeps_old_bytes_and_that_is_told(path: Path, store: Store) -> None:
    """While another program reads an older state, erased words stay in the log; they go when it ends."""
    store.file.forget_freed()
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM parts").fetchall()

        with pytest.raises(StateFailed, match="another program reads"):
            state_care.forget(store, D, EVA)

        assert holding(path.parent, *of_eva()) != {}
        assert store.meta.erasure_waits()
        reader.execute("COMMIT")

    state_care.daily(store, NEVER, NOW)

    assert holding(path.parent, *of_eva()) == {}
    assert not store.meta.erasure_waits()


def test_a_removal_reaches_the_backups_within_a_day(path: Path, store: Store) -> None:
    """The tombstone of a part is laid in the state file; the next daily care lays it in every backup."""
    state_care.daily(store, DAILY, NOW)
    (row,) = store.ledger.of(1)[D].values()
    store.ledger.put(1, [LedgerRow(D, row.id, "", 0.0, row.disposition, removed=True)], None)
    store.empty_log()
    said = bytes.fromhex(keyed_hash(KEY, f"{TEXT}d1"))
    photo = f"photo of {EVA}.jpg"
    assert len(holding(path.parent, said, photo)) == 1

    state_care.daily(store, NEVER, NOW + DAY)

    assert holding(path.parent, said, photo) == {}


def test_a_damaged_backup_is_removed_and_told(
    path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody can say what it holds: it stands neither in the way of an erasure nor of the next backup."""
    state_care.daily(store, DAILY, NOW)
    (backup,) = backups.backups_of(path)
    backup.path.write_bytes(b"x" * 5_000)
    row = store.ledger.of(1)[D]["p-d1"]
    store.ledger.put(1, [LedgerRow(D, row.id, "", 0.0, row.disposition, removed=True)], None)

    state_care.daily(store, DAILY, NOW + DAY)

    assert [one.made for one in backups.backups_of(path)] == [NOW + DAY]
    assert [record.message for record in caplog.records] == ["state.backup_removed"]


def test_care_that_fails_ends_no_run(path: Path, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Something in the place of the folder: told, and tried again by the next run."""
    backups.folder_beside(path).write_text("a file")

    state_care.daily(store, DAILY, NOW)

    assert [record.message for record in caplog.records] == ["state.not_cared_for"]
    assert store.meta.cared() == 0.0


def test_a_teammate_is_forgotten_with_name_and_address(path: Path, store: Store) -> None:
    """Of teammates the file knows more; it goes as well."""
    store.people.put_agents(D, (Agent("151999", "Tess Quill", "tess@example.com"),))

    store.lists[D].put("teammates", 1.0, '[{"name": "Tess Quill"}]')

    state_care.forget(store, D, "151999")

    assert holding(path.parent, "151999", "Tess Quill", "tess@example.com") == {}


def test_a_run_backs_up_once_a_day_and_keeps_seven(path: Path, store: Store) -> None:
    """However many runs there are; the folder and its files are private."""
    for hour in range(24 * 10):
        state_care.daily(store, DAILY, NOW + hour * 3_600)

    found = backups.backups_of(path)

    assert [NOW + day * DAY for day in range(9, 2, -1)] == [backup.made for backup in found]
    folder = backups.folder_beside(path)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_nobody_backs_up_who_does_not_want_to(path: Path, store: Store) -> None:
    """With "never" no folder is made."""
    state_care.daily(store, NEVER, NOW)

    assert not backups.folder_beside(path).exists()


def test_a_backup_elsewhere_needs_room_there(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The full disk is named, and it is not that of the state file."""
    other = tmp_path / "stick"
    other.mkdir()
    monkeypatch.setattr(shutil, "disk_usage", lambda at: SimpleNamespace(free=0 if at == other else 1 << 30))

    with pytest.raises(StateFailed, match=f"on the disk of {other}"):
        state_care.back_up(store, other / "b.db", NOW)

    assert list(other.iterdir()) == []
    assert state_care.back_up(store, None, NOW).exists()


@pytest.mark.parametrize(("times", "kept"), [(100, 7), (2, 1), (0.5, 1)])
def test_a_short_disk_keeps_fewer(
    path: Path,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    times: float,
    kept: int,
) -> None:
    """Under three times the file's size the older ones go, first of all where they hold the room; told."""
    for day in range(7):
        state_care.daily(store, DAILY, NOW + day * DAY)
    caplog.clear()
    free = times * path.stat().st_size
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))

    state_care.daily(store, DAILY, NOW + 7 * DAY)

    assert len(backups.backups_of(path)) == kept
    assert bool(caplog.records) == (times < 3)


def test_a_clock_that_jumped_back_does_not_stop_the_backups(path: Path, store: Store) -> None:
    """Care that was taken in the future counts as taken long ago."""
    state_care.daily(store, DAILY, NOW + 1_000 * DAY)
    state_care.daily(store, DAILY, NOW)

    assert len(backups.backups_of(path)) == 2


def test_a_backup_while_others_write_is_whole(path: Path, store: Store) -> None:
    """Each backup is one state of the file, however busy it is."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with store.transaction():
                store.meta.set("one", str(number))
                store.meta.set("other", str(number))

    thread = threading.Thread(target=write)
    thread.start()
    with closing(states.open_existing(path, key=KEY)) as second:
        made = [state_care.back_up(second, None, NOW + number) for number in range(5)]
    stop.set()
    thread.join()

    for backup in made:
        with closing(states.open_existing(backup, key=KEY)) as kept:
            assert kept.meta.get("one") == kept.meta.get("other")
            assert state_care.check(kept) == []


def restored(path: Path, backup: Path) -> Path | None:
    """Put a backup in place as the command does."""
    with exclusive(path) as lock:
        return state_care.restore(lock, path, backup, key=KEY, now=NOW + 99)


def test_what_was_put_back_is_doubted_and_what_was_there_is_kept(path: Path, store: Store) -> None:
    """The next run knows that an older state is there; the newer one is a backup of its own."""
    made = state_care.back_up(store, None, NOW)
    store.meta.set("newer", "yes")
    store.close()

    kept = restored(path, made)

    assert kept is not None
    with closing(states.open_existing(path, key=KEY)) as older:
        assert (older.meta.get("newer"), older.meta.doubted()) == (None, True)
        run = older.meta.run()
    assert run is not None
    assert run in path.with_name("connector.db.lock").read_text()
    with closing(states.open_existing(kept, key=KEY)) as newer:
        assert newer.meta.get("newer") == "yes"
    restored(path, kept)
    with closing(states.open_existing(path, key=KEY)) as again:
        assert again.meta.get("newer") == "yes"


def test_a_state_that_was_put_back_is_doubted_from_its_first_moment(path: Path, store: Store) -> None:
    """A crash right after the file was exchanged leaves no state that is believed."""
    made = state_care.back_up(store, None, NOW)
    store.close()

    restoring.restore(path, made, key=KEY, now=NOW)

    with closing(states.open_existing(path, key=KEY)) as older:
        assert older.meta.doubted()


def test_what_was_removed_since_does_not_come_back(path: Path, store: Store) -> None:
    """A backup from before a removal is put back without what the part said."""
    made = state_care.back_up(store, None, NOW)
    row = store.ledger.of(1)[D]["p-d1"]
    store.ledger.put(1, [LedgerRow(D, row.id, "", 0.0, row.disposition, removed=True)], None)
    store.close()

    restored(path, made)

    with closing(states.open_existing(path, key=KEY)) as older:
        found = older.ledger.of(1)[D]["p-d1"]
        assert (found.text_hash, found.losses) == (None, ())


def test_a_damaged_file_is_set_aside(path: Path, store: Store) -> None:
    """What cannot be read is kept beside; the backup takes its place."""
    made = state_care.back_up(store, None, NOW)
    store.close()
    path.write_bytes(b"x" * 5_000)

    kept = restored(path, made)

    assert kept == path.with_name("connector.db.damaged")
    with closing(states.open_existing(path, key=KEY)) as back:
        assert state_care.check(back) == []


def test_a_lost_file_is_replaced(path: Path, store: Store) -> None:
    """Without a state file the backup is put in its place all the same."""
    made = state_care.back_up(store, None, NOW)
    store.close()
    path.unlink()

    assert restored(path, made) is None
    states.open_existing(path, key=KEY).close()


def test_what_is_no_backup_of_this_pair_is_refused(path: Path, store: Store, tmp_path: Path) -> None:
    """Another pair, another key, another program, garbage: nothing is touched."""
    other = tmp_path / "other"
    other.mkdir()
    with closing(states.create(other / "pair.db", key=KEY)) as pair:
        pair.meta.bind(D, "another workspace")
    with closing(states.create(other / "key.db", key=b"o" * 32)) as pair:
        pair.meta.bind(D, f"workspace of {D}")
    (other / "garbage.db").write_bytes(b"x" * 5_000)
    store.meta.set("kept", "yes")

    for name, error in (
        ("pair", StateForbidden),
        ("key", StateForbidden),
        ("garbage", StateError),
        ("missing", StateError),
    ):
        with pytest.raises(error) as refused:
            restored(path, other / f"{name}.db")
        assert "init" not in refused.value.hint

    assert store.meta.get("kept") == "yes"


def test_a_backup_of_the_first_schema_with_keys_is_refused_with_another_key(
    path: Path, store: Store, tmp_path: Path
) -> None:
    """What it holds could be compared with nothing."""
    old = tmp_path / "old.db"
    with closing(states.create(old, key=b"o" * 32)) as pair:
        for side in Side:
            pair.meta.bind(side, f"workspace of {side}")
    with closing(sqlite3.connect(old)) as file:
        file.execute(f"PRAGMA user_version = {KEYED_SINCE}")
    store.meta.set("kept", "yes")

    with pytest.raises(StateForbidden, match="another key"):
        restored(path, old)

    with closing(states.open_existing(path, key=KEY)) as there:
        assert there.meta.get("kept") == "yes"


def test_a_check_finds_what_must_never_be(store: Store) -> None:
    """Counters, references, double rows and tombstones that still speak."""
    assert state_care.check(store) == []
    store.file.read("PRAGMA foreign_keys = OFF")
    with store.transaction() as db:
        db.execute("UPDATE counters SET n = n + 1 WHERE kind = 'due'")
        db.execute("UPDATE parts SET removed = 1 WHERE conversation = 1")
        db.execute(
            "INSERT INTO quarantine (conversation, side, part, reason, first_at, last_at) "
            "VALUES (99, 'dashly', '', '', 1, 1)"
        )
        db.execute(
            "INSERT INTO parts (conversation, side, part, type, created, disposition, ours) "
            "VALUES (2, 1, 'c-d2', 1, 1, 4, 1)"
        )

    found = "\n".join(state_care.check(store))

    for words in ("counters of conversations", "tombstones", "refers to a row of conversations", "two rows"):
        assert words in found


def test_a_vacuum_makes_the_file_smaller(path: Path, store: Store) -> None:
    """What was erased leaves no room behind."""
    for number in range(500):
        store.meta.set(f"fact{number}", "x" * 500)
    with store.transaction() as db:
        db.execute("DELETE FROM meta WHERE key LIKE 'fact%'")
    store.file.forget_freed()

    before, after = state_care.vacuum(store)

    assert after < before / 2
    assert path.stat().st_size == after


def test_old_copies_of_an_older_schema_go_after_a_week(path: Path, store: Store) -> None:
    """They serve for going back to an older program, which nobody does after a week."""
    copy = path.with_name("connector.db.schema-2")
    copy.write_bytes(b"old")
    state_care.daily(store, NEVER, copy.stat().st_mtime + 6 * DAY)
    assert copy.exists()

    state_care.daily(store, NEVER, copy.stat().st_mtime + 8 * DAY)

    assert not copy.exists()
