"""Files of the version before: they open, say the same, and hold no hash that needs no key any more."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.keyed import keyed, keyed_hash
from mappings.model import Loss, LossKind, Side
from mappings.text import text_hash
from state import store as states
from state.file import opening
from state.file.vacuum import vacuum
from state.records import OWN, Disposition, LedgerRow, PairState, Queue, dump_rows
from tests.keys import KEY
from tests.state import earlier

if TYPE_CHECKING:
    from pathlib import Path


D, IC = Side.DASHLY, Side.INTERCOM

ids = st.sampled_from(["1", "2", "3", "4"])
rows = st.builds(
    LedgerRow,
    side=st.sampled_from(Side),
    id=ids,
    type=st.sampled_from(["comment", "message", "note"]),
    created=st.sampled_from([1.0, 2.5]),
    disposition=st.sampled_from([Disposition.ABSORBED, Disposition.COPIED, Disposition.QUARANTINED]),
    reason=st.sampled_from([OWN, "", "why"]),
    losses=st.sampled_from([(), (Loss(LossKind.AUTHOR, "who"),)]),
    ours=st.booleans(),
    counterpart=st.none() | ids,
    text_hash=st.none() | st.sampled_from([text_hash("a"), text_hash("code 482913")]),
    removed=st.booleans(),
)


def part(number: int, conversation: int = 1) -> list[LedgerRow]:
    """Return a part and its copy."""
    name = f"{conversation}-{number}"
    source = LedgerRow(
        D, name, "reply_user", 3.0, Disposition.COPIED, counterpart=f"c{name}", text_hash=text_hash(name)
    )
    copy = LedgerRow(IC, f"c{name}", "message", 4.0, Disposition.ABSORBED, OWN, ours=True, counterpart=name)
    return [copy, source]


def filled(path: Path, conversations: int = 3) -> None:
    """Make a file of the version before with some of everything."""
    with closing(earlier.make(path)) as file:
        file.execute("INSERT INTO meta VALUES ('run_id', 'r1'), ('mapping', 'kept')")
        file.execute("INSERT INTO runs VALUES ('r1', 'sync', 1.0, 2.0, 0, '{\"seen\": 3}')")
        for number in range(1, conversations + 1):
            file.execute(
                "INSERT INTO conversations (dashly_id, intercom_id, origin, dashly_due, queue) "
                "VALUES (?, ?, 'dashly', ?, 'sync')",
                [f"d{number}", f"i{number}", 1.0 if number == 1 else None],
            )
            for which in range(3):
                earlier.put(file, number, part(which, number), "r1")
        fingerprint = json.dumps({"conversation": "i1", "text_hash": text_hash("code 482913")})
        file.execute(
            "INSERT INTO intents VALUES "
            "('m', 1, 'intercom', 'message', 'sent', ?, ?, ?, 1.0, 2.0, NULL, 'r1')",
            [text_hash("x"), fingerprint, dump_rows(tuple(part(9)))],
        )


@pytest.mark.long
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 2), rows), max_size=12))
def test_every_row_says_the_same(tmp_path_factory: pytest.TempPathFactory, puts: list) -> None:
    """Whatever the ledger held, the engine reads what it read before, with keyed hashes."""
    path = tmp_path_factory.mktemp("earlier") / "connector.db"
    with closing(earlier.make(path)) as file:
        for number in (1, 2):
            file.execute("INSERT INTO conversations (dashly_id, origin) VALUES (?, 'dashly')", [f"d{number}"])
        for conversation, row in puts:  # a part id was unique over all conversations then
            earlier.put(file, conversation, [replace(row, id=f"{conversation}-{row.id}")], None)
        file.row_factory = sqlite3.Row
        kept = file.execute("SELECT * FROM parts").fetchall()
        before = {(raw["conversation"], raw["side"], raw["id"]): raw for raw in kept}

    with closing(states.open_existing(path, key=KEY)) as store:
        after = {
            (conversation, row.side.value, row.id): row
            for conversation in (1, 2)
            for found in store.ledger.of(conversation).values()
            for row in found.values()
        }

    assert after.keys() == before.keys()
    for place, raw in before.items():
        row = after[place]
        assert (row.type, row.created, row.disposition, row.reason) == (
            raw["type"],
            raw["created"],
            raw["disposition"],
            raw["reason"],
        )
        assert (int(row.ours), row.counterpart, int(row.removed)) == (
            raw["ours"],
            raw["counterpart"],
            raw["removed"],
        )
        assert [[loss.kind, loss.detail] for loss in row.losses] == json.loads(raw["losses"])
        assert row.text_hash == (None if raw["text_hash"] is None else keyed(KEY, raw["text_hash"]))


def test_a_part_and_its_copy_meet_in_one_row(path: Path) -> None:
    """What was two rows is one; pairs, runs, facts, work and counters are there as before."""
    filled(path)

    with closing(states.open_existing(path, key=KEY)) as store:
        assert store.file.read("SELECT count(*) AS n FROM parts")[0]["n"] == 9
        assert store.ledger.counts() == {Disposition.COPIED: 9}
        assert store.pairs.counts() == {"linked": 3}
        assert store.pairs.count_due(Queue.SYNC) == 1
        assert store.meta.mapping() == "kept"
        assert [(run["id"], run["report"]) for run in store.runs.last(5)] == [("r1", {"seen": 3})]
        (intent,) = store.journal.open()
        assert json.loads(intent.fingerprint)["text_hash"] == keyed_hash(KEY, "code 482913")
        store.pairs.set_state(1, PairState.GONE)
        assert store.pairs.counts() == {"linked": 2, "gone": 1}


def test_no_plain_hash_is_left_in_any_file(path: Path) -> None:
    """Neither in the file nor in the copy of the old one, whose other facts stay."""
    filled(path)
    hashes = [text_hash(text) for text in ("1-0", "code 482913", "1-9")]
    assert all(digest.encode() in path.read_bytes() + _log(path) for digest in hashes)

    with closing(states.open_existing(path, key=KEY)) as store:
        store.file.forget_freed()

    for file in path.parent.iterdir():
        kept = [digest for digest in hashes if digest.encode() in file.read_bytes()]
        allowed = hashes[1:] if file.name.endswith(".schema-2") else []  # a write that is not settled yet
        assert [digest for digest in kept if digest not in allowed] == [], file.name
    with closing(sqlite3.connect(path.with_name("connector.db.schema-2"))) as old:
        assert old.execute("SELECT count(*), count(text_hash) FROM parts").fetchone() == (18, 0)


def _log(path: Path) -> bytes:
    log = path.with_name("connector.db-wal")
    return log.read_bytes() if log.exists() else b""


def test_a_migration_tells_how_far_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each block of conversations, up to all of them."""
    filled(path, conversations=5)
    monkeypatch.setattr("state.migrations.rekeying.BLOCK", 2)
    told: list[tuple[int, int]] = []

    states.open_existing(path, key=KEY, progress=lambda *step: told.append(step)).close()

    assert told == [(2, 5), (4, 5), (5, 5)]


def test_a_migration_tells_of_the_copy_before_it_is_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From none to all of the old file's bytes."""
    filled(path, conversations=5)
    monkeypatch.setattr("state.migrations.schema.PAGES_AT_ONCE", 8)
    told: list[tuple[int, int]] = []
    there: list[bool] = []

    def saving(*step: int) -> None:
        told.append(step)  # type: ignore[arg-type]
        there.append(path.with_name("connector.db.schema-2").exists())

    states.open_existing(path, key=KEY, saving=saving).close()

    size = path.with_name("connector.db.schema-2").stat().st_size
    assert (told[0][0], there[0]) == (0, False)
    assert told[0][1] >= size
    assert told[-1][0] == told[-1][1]
    assert len(told) > 2


def test_a_migration_tells_when_it_makes_the_file_smaller(path: Path) -> None:
    """Last of all, with the size that the file has then."""
    filled(path, conversations=5)
    told: list[int] = []

    states.open_existing(path, key=KEY, shrinking=told.append).close()

    assert len(told) == 1
    assert told[0] > 0


def test_a_signal_is_heard_while_a_file_is_made_smaller(tmp_path: Path) -> None:
    """One statement may take minutes, and nobody may have to wait for its end."""
    heard: list[float] = []
    with closing(sqlite3.connect(tmp_path / "large.db", isolation_level=None)) as file:
        file.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
        file.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600000) "
            "INSERT INTO t SELECT i, hex(randomblob(16)) FROM n"
        )
        file.execute("CREATE INDEX by_b ON t (b)")
        before = signal.signal(signal.SIGALRM, lambda *_: heard.append(time.monotonic()))
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        try:
            vacuum(file)
            ended = time.monotonic()
        finally:
            signal.signal(signal.SIGALRM, before)

    assert heard
    assert heard[0] < ended


KILLED = """
import os, pathlib, sys
from state.migrations import rekeying
from state import store
rekeying.BLOCK = 2
def step(done, total):
    if done == 4:
        os._exit(9)
store.open_existing(pathlib.Path(sys.argv[1]), key=bytes.fromhex(sys.argv[2]), progress=step)
"""


@pytest.mark.long
def test_a_migration_that_is_killed_begins_anew(path: Path) -> None:
    """Killed in the middle: the old file is whole, and the next opening brings it up to date."""
    filled(path, conversations=5)
    command = [sys.executable, "-c", KILLED, str(path), KEY.hex()]

    assert subprocess.run(command, check=False, env=os.environ).returncode == 9

    with closing(sqlite3.connect(path)) as old:
        assert old.execute("PRAGMA user_version").fetchone()[0] == 2
        assert old.execute("SELECT count(*) FROM parts WHERE text_hash IS NOT NULL").fetchone()[0] == 15
    with closing(states.open_existing(path, key=KEY)) as store:
        assert store.ledger.counts() == {Disposition.COPIED: 15}


def test_the_first_schema_gets_its_key_too(path: Path) -> None:
    """Every earlier schema predates keys, a new file does not."""
    earlier.make(path, version=1).close()
    assert opening.predates_keys(path)

    states.open_existing(path, key=KEY).close()

    assert not opening.predates_keys(path)


def test_a_copy_with_more_to_say_keeps_its_row(path: Path) -> None:
    """Only a copy of which nothing else is known moves into the row of its part."""
    copy, source = part(0)
    copies = [replace(copy, reason="why"), replace(copy, text_hash=text_hash("x")), replace(copy, ours=False)]
    with closing(earlier.make(path)) as file:
        for number, odd in enumerate(copies, start=1):
            file.execute("INSERT INTO conversations (dashly_id, origin) VALUES (?, 'dashly')", [f"d{number}"])
            name, other = f"p{number}", f"c{number}"
            rows = [replace(odd, id=other, counterpart=name), replace(source, id=name, counterpart=other)]
            earlier.put(file, number, rows, None)

    with closing(states.open_existing(path, key=KEY)) as store:
        assert store.file.read("SELECT count(*) AS n FROM parts")[0]["n"] == 6
        assert store.file.read("SELECT count(*) AS n FROM parts WHERE copy_type IS NOT NULL")[0]["n"] == 0
        assert [store.ledger.count(number, IC) for number in (1, 2, 3)] == [1, 1, 1]
