"""A pair whose state is in PostgreSQL, as a user runs it; and what is told where that cannot be."""

from __future__ import annotations

import importlib.util
import os
import signal
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from connector.config import place as places
from tests.faults.lab import kept_in
from tests.postgres import NO_DRIVER, dropped

pytest.importorskip("psycopg", reason=NO_DRIVER)

import psycopg

from state.postgres import advisory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.postgres import Server

pytestmark = pytest.mark.long
PATIENCE, FREE_WITHIN, STOPPED_WITHIN = 60.0, 10.0, 30.0


@pytest.fixture
def kept(place: Any, postgres: Server) -> Any:
    """A configured place whose state will be in a schema of its own."""
    keys = kept_in(postgres, place.folder)
    lines = "\n".join(f'{key} = "{value}"' for key, value in keys.items())
    place.configure("[sync]", f"[state]\n{lines}\n\n[sync]")
    place.schema = places.schema_of(place.folder / keys["path"], place.folder / "address")
    return place


def test_a_pair_lives_in_postgres(kept: Any) -> None:
    """Bound, synced, shown, told of and checked; no state file is made, and the second pass is quiet."""
    early = kept.run("sync")
    assert kept.run("init").code == 0
    kept.talk()
    kept.wait(60)

    first, second = kept.run("sync", "--json"), kept.run("sync", "--json")

    assert (early.code, early.is_told(), "connector init" in early.err) == (2, True, True)
    assert (first.code, first.json["writes"]["intercom"]) == (0, 3)
    assert (second.code, second.json["writes"]["intercom"]) == (0, 0)
    assert kept.run("status", "--json").json["pairs"] == {"linked": 1}
    assert kept.run("state", "check").code == 0
    assert kept.run("report", "--html", "page.html").code == 0
    assert [path.name for path in kept.folder.glob("*.db")] == []
    examined = {line["check"]: line for line in kept.run("doctor", "--json").json["checks"]}
    assert examined["state"]["status"] == "ok"
    assert examined["durability"]["status"] in {"warn", "fail"}


@pytest.mark.parametrize("command", [("state", "backup"), ("state", "restore", "--yes"), ("state", "vacuum")])
def test_what_only_a_file_has_is_refused(kept: Any, command: tuple[str, ...]) -> None:
    """One sentence, the tool that serves instead, and exit code 2."""
    kept.run("init")

    ended = kept.run(*command)

    assert (ended.code, ended.is_told()) == (2, True)
    assert "pg_dump" in ended.err
    # The same command would be refused again.
    assert "then: connector" not in ended.err


def test_a_person_is_forgotten(kept: Any) -> None:
    """As in a file: their conversations are no longer kept in step."""
    kept.run("init")
    eva = kept.world.dashly.customer("Eva")
    kept.world.dashly.customer_starts(eva, "Hello")
    kept.wait(60)
    kept.run("sync")

    ended = kept.run("forget", "--user", f"dashly:{eva}", "--yes", "--json")

    assert ended.code == 0, ended.err
    assert ended.json["pairs"] == 1
    assert kept.run("status", "--json").json["pairs"] == {"unlinked": 1}


def test_another_host_that_holds_the_lock_is_named(kept: Any) -> None:
    """A run beside it ends at once, with --strict by 4; `status` shows who is at work."""
    kept.run("init")

    with advisory.locked(kept.schema):
        ended = kept.run("sync", "--strict")
        shown = kept.run("status", "--json").json["lock"]

    assert (ended.code, " on " in ended.err) == (4, True)
    assert shown
    assert kept.run("sync", "--strict").code == 0


def test_a_lost_schema_is_recovered(kept: Any) -> None:
    """Marks on the remotes without a state need a person, and `recover` finds the pairs again."""
    kept.run("init")
    contact = kept.world.intercom.customer("Max", email="max@example.org")
    kept.world.intercom.customer_starts(contact, "Signed out")
    kept.wait(60)
    kept.run("sync")
    dropped(kept.schema)

    assert kept.run("sync").code == 7
    assert kept.run("recover").code in {0, 1}
    assert kept.run("status", "--json").json["pairs"] == {"linked": 1}


def test_a_database_that_is_away_may_come_back(kept: Any, postgres: Server) -> None:
    """Exit code 3 while it is stopped, and a clean pass after it was started again."""
    kept.run("init")
    postgres.stop()
    try:
        ended = kept.run("sync")
    finally:
        postgres.start()

    assert (ended.code, ended.is_told()) == (3, True)
    assert kept.run("sync").code == 0


@pytest.mark.parametrize(
    ("address", "says"), [("mysql://x", "postgresql://"), ("", "postgresql://"), (None, "no file")]
)
def test_an_address_that_is_none_is_told(kept: Any, address: str | None, says: str) -> None:
    """One sentence and exit code 2, whatever is in the file."""
    file: Path = kept.folder / "address"
    file.unlink() if address is None else file.write_text(address)

    ended = kept.run("sync")

    assert (ended.code, ended.is_told()) == (2, True)
    assert says in ended.err


@pytest.mark.parametrize(("user", "status"), [("postgres", "warn"), ("postgres:verysecret", "fail")])
def test_a_password_that_everybody_may_read_is_told(kept: Any, user: str, status: str) -> None:
    """As with a token; the file is private again after what `doctor` says."""
    kept.run("init")
    file: Path = kept.folder / "address"
    file.write_text(kept.schema.url.replace("postgres@", f"{user}@"))
    file.chmod(0o644)

    told = {line["check"]: line for line in kept.run("doctor", "--json").json["checks"]}

    assert told["address of the database"]["status"] == status
    file.chmod(0o600)
    assert "address of the database" not in kept.run("doctor").out


def test_a_wrong_password_is_not_repeated(kept: Any) -> None:
    """A role that may not come in needs a person, who does not need to read the secret again."""
    kept.run("init")
    address = kept.schema.url.replace("postgres@", "nobody:verysecret@")
    (kept.folder / "address").write_text(address)

    ended = kept.run("sync")

    assert (ended.code, ended.is_told()) == (7, True)
    assert "verysecret" not in ended.err


def test_without_the_extra_one_sentence_says_what_to_install(
    kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And everything else works without it."""
    found: Callable[[str], object] = importlib.util.find_spec
    monkeypatch.setattr(places, "find_spec", lambda name: None if name == "psycopg" else found(name))

    ended = kept.run("sync")

    assert (ended.code, ended.is_told()) == (2, True)
    assert "requirements-fleet.txt" in ended.err


def test_a_run_that_is_frozen_keeps_the_lock_and_a_killed_one_loses_it(kept: Any) -> None:
    """SIGSTOP: nobody goes on beside it. SIGKILL: the lock is free within seconds, and the rest is done."""
    kept.bind_slowly(talks=6)
    process = kept.spawn("backfill", "--from", "dashly", "--yes")
    _wait_for(lambda: advisory.holder(kept.schema) is not None)
    process.send_signal(signal.SIGSTOP)
    frozen = kept.run("sync", "--strict")
    process.kill()
    process.wait(PATIENCE)
    began = monotonic()
    _wait_for(lambda: advisory.holder(kept.schema) is None)
    gone_after = monotonic() - began
    kept.configure("requests_per_minute = 6", "requests_per_minute = 6000")

    assert frozen.code == 4
    assert gone_after < FREE_WITHIN
    assert kept.run("backfill", "--from", "dashly", "--yes").code in {0, 1}
    assert kept.run("verify", "--json").json["differences"] == []


def test_a_run_is_stopped_though_its_database_is_frozen(kept: Any, postgres: Server) -> None:
    """One signal is enough: it ends within seconds, as any stop does, and the next run does the rest."""
    kept.bind_slowly(talks=6)
    process = kept.spawn("backfill", "--from", "dashly", "--yes")
    _wait_for(lambda: advisory.holder(kept.schema) is not None)
    with psycopg.connect(postgres.address(), autocommit=True) as administrator:
        found = administrator.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE %s", [f"connector {process.pid}@%"]
        ).fetchall()
    for (backend,) in found:
        os.kill(backend, signal.SIGSTOP)
    try:
        process.send_signal(signal.SIGTERM)
        code = process.wait(STOPPED_WITHIN)
    finally:
        for (backend,) in found:
            os.kill(backend, signal.SIGCONT)
    kept.configure("requests_per_minute = 6", "requests_per_minute = 6000")

    assert (len(found) > 0, code) == (True, 0)
    assert kept.run("backfill", "--from", "dashly", "--yes").code in {0, 1}
    assert kept.run("verify", "--json").json["differences"] == []


def _wait_for(condition: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < until
        threading.Event().wait(0.02)
