"""`connector state move`: into PostgreSQL and back, while nobody is at work, and never twice."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from connector.host.lock import exclusive
from tests.faults.lab import kept_in

if TYPE_CHECKING:
    from tests.postgres import Server

pytestmark = pytest.mark.long


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
