"""`connector state move`: into PostgreSQL and back, while nobody is at work, and never twice."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from connector.app.machine import moving
from connector.host.lock import exclusive
from state import store as states
from state.access.place import Schema
from tests.faults.lab import kept_in
from tests.postgres import connect

if TYPE_CHECKING:
    from tests.postgres import Server

pytestmark = pytest.mark.long
KILLED = 99


@pytest.fixture
def address(copied: Any, postgres: Server) -> str:
    """The name of a file with the address of a database, beside a pair that has copied something."""
    copied.keys = kept_in(postgres, copied.folder)
    copied.configure("[sync]", f'[state]\npath = "{copied.keys["path"]}"\n\n[sync]')
    copied.state.rename(copied.folder / copied.keys["path"])
    (copied.folder / "connector.db.lock").rename(copied.folder / f"{copied.keys['path']}.lock")
    return "address"


@pytest.fixture
def copied(bound: Any) -> Any:
    """A place where one conversation was copied."""
    bound.talk()
    bound.wait(60)
    assert bound.run("sync").code == 0
    return bound


def test_a_state_goes_into_a_database_and_back(copied: Any, address: str) -> None:
    """A pass after each move writes nothing and doubts nothing; the place that was left is refused."""
    path = copied.keys["path"]
    there = copied.run("state", "move", "--to", address, "--json")
    left = copied.run("sync")
    copied.configure(f'path = "{path}"', f'path = "{path}"\nurl_file = "{address}"')
    first = copied.run("sync", "--json")
    copied.talk("Another")
    copied.wait(60)
    second = copied.run("sync", "--json")

    back = copied.run("state", "move", "--to", "back.db", "--json")
    gone = copied.run("sync")
    copied.configure(f'path = "{path}"\nurl_file = "{address}"', 'path = "back.db"')
    third = copied.run("sync", "--json")

    assert (there.code, there.json["rows"]["conversations"]) == (0, 1)
    assert (back.code, back.json["rows"]["conversations"]) == (0, 2)
    assert f'set url_file = "{copied.folder / address}"' in there.json["next"]
    assert f'set path = "{copied.folder / "back.db"}" and remove url_file' in back.json["next"]
    for refused in (left, gone):
        assert (refused.code, refused.is_told()) == (2, True)
        assert "was moved to" in refused.err
    assert (first.code, first.json["writes"]) == (0, {"dashly": 0, "intercom": 0})
    assert (second.code, second.json["conversations"]["created"]) == (0, 1)
    assert (third.code, third.json["writes"]) == (0, {"dashly": 0, "intercom": 0})
    assert copied.run("verify", "--json").json["differences"] == []
    assert copied.run("state", "check").code == 0


def test_nothing_is_moved_beside_a_run(copied: Any, address: str) -> None:
    """Exit code 4, and the source goes on."""
    with exclusive(copied.folder / copied.keys["path"]):
        ended = copied.run("state", "move", "--to", address)

    assert (ended.code, ended.is_told()) == (4, True)
    assert copied.run("sync").code == 0


@pytest.mark.usefixtures("address")
def test_a_place_that_holds_something_is_refused(copied: Any) -> None:
    """Neither a file nor a schema is written over."""
    assert copied.run("state", "move", "--to", "there.db").code == 0
    copied.configure(f'path = "{copied.keys["path"]}"', 'path = "there.db"')

    ended = copied.run("state", "move", "--to", copied.keys["path"])

    assert (ended.code, ended.is_told()) == (2, True)
    assert "holds something already" in ended.err
    assert "an earlier move left it there" in ended.err
    assert copied.run("sync").code == 0


@pytest.mark.parametrize("where", ["pipe", "folder", "mysql://db.example/x"])
def test_a_place_that_can_be_none_is_refused_at_once(copied: Any, where: str) -> None:
    """A pipe is not waited for, and an address of another database is not a name of a file."""
    os.mkfifo(copied.folder / "pipe")
    (copied.folder / "folder").mkdir()

    ended = copied.run("state", "move", "--to", where)

    assert (ended.code, ended.is_told()) == (2, True)
    assert copied.run("sync").code == 0


def test_what_fails_on_the_way_leaves_nothing(copied: Any, address: str) -> None:
    """A database that refuses a row has no schema afterwards, and the source goes on."""
    with closing(sqlite3.connect(copied.folder / copied.keys["path"])) as file:
        file.execute("INSERT INTO counters (kind, name, n) VALUES ('pair', 'gone', 77)")
        file.commit()

    ended = copied.run("state", "move", "--to", address)
    again = copied.run("state", "move", "--to", address)

    assert [(one.code, one.is_told()) for one in (ended, again)] == [(2, True), (2, True)]
    assert "counters differs" in again.err
    assert copied.run("sync").code in {0, 1}


@pytest.mark.parametrize("cut", ["copy_rows", "mark_moved", "arrived"])
@pytest.mark.parametrize("back", [False, True])
def test_a_move_that_is_cut_off_is_begun_again(
    copied: Any, address: str, monkeypatch: pytest.MonkeyPatch, cut: str, *, back: bool
) -> None:
    """At no moment can both places be used, and the same command brings it to its end."""
    path = copied.keys["path"]
    places = [f'path = "{path}"', f'path = "{path}"\nurl_file = "{address}"']
    if back:
        assert copied.run("state", "move", "--to", address).code == 0
        copied.configure(*places)
        places = [places[1], 'path = "back.db"']
    where = "back.db" if back else address

    with monkeypatch.context() as patch:
        patch.setattr(states, "remove", _killed)
        patch.setattr(states if cut == "arrived" else moving, cut, _killed)
        killed = copied.run("state", "move", "--to", where)
    here = copied.run("sync").code
    copied.configure(*places)
    there = copied.run("sync")
    copied.configure(*reversed(places))
    again = copied.run("state", "move", "--to", where, "--json")
    left = copied.run("sync")
    copied.configure(*places)
    last = copied.run("sync", "--json")

    assert killed.code == KILLED
    assert (here, there.code, there.is_told()) == (2 if cut == "arrived" else 0, 2, True)
    assert (again.code, again.json["rows"]["conversations"]) == (0, 1)
    assert (left.code, last.code, last.json["writes"]) == (2, 0, {"dashly": 0, "intercom": 0})


def test_a_schema_that_an_administrator_made_stays(copied: Any, address: str, postgres: Server) -> None:
    """A role that may not make schemas can try again after a move that failed."""
    name = copied.keys["path"].removesuffix(".db")
    with closing(connect(Schema(postgres.address(), name, copied.folder / "x"))) as session:
        session.execute(f"CREATE ROLE tenant{name} LOGIN")
        session.execute(f"CREATE SCHEMA {name} AUTHORIZATION tenant{name}")
    (copied.folder / address).write_text(postgres.address(user=f"tenant{name}"))
    with closing(sqlite3.connect(copied.folder / copied.keys["path"])) as file:
        file.execute("INSERT INTO counters (kind, name, n) VALUES ('pair', 'gone', 77)")
        file.commit()
        failed = copied.run("state", "move", "--to", address)
        file.execute("DELETE FROM counters WHERE name = 'gone'")
        file.commit()

    again = copied.run("state", "move", "--to", address)

    assert (failed.code, again.code) == (2, 0), again.err


def _killed(*_given: object, **_named: object) -> None:
    sys.exit(KILLED)
