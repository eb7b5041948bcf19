"""The table of seats that several hosts share, in a real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from connector.app.machine import mailbox
from connector.fleet.breaker import Ended, Rest
from tests.fleet.harbour import eventually

pytest.importorskip("psycopg", reason="the extra `fleet` is not installed")

import psycopg

from connector.fleet.hosts.database import Database, DatabaseAway
from connector.fleet.hosts.seats import Seats
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.postgres import Server

EVERY = 60.0
GOOD, REFUSED, AWAY = (Ended(code, at=0.0) for code in (0, 7, 3))
DEAD = 4711


@pytest.fixture
def host(address: str) -> Iterator[Callable[[str], Seats]]:
    """Return how a host opens the table; nobody is in it."""
    opened = []

    def open_one(name: str) -> Seats:
        database = Database(SecretStr(address))
        database.prepare()
        opened.append(database)
        return Seats(database, name, EVERY)

    yield open_one
    for database in opened:
        database.close()


def test_only_one_host_begins_a_pass(host: Callable[[str], Seats]) -> None:
    """And nobody does while it is under way."""
    north, south = host("north"), host("south")
    assert north.due(["acme"]) == ["acme"]

    assert north.begin("acme", DEAD) is not None
    assert south.begin("acme", DEAD) is None
    assert south.due(["acme"]) == []


def test_the_first_pairs_are_spread_and_a_later_one_is_due_at_once(host: Callable[[str], Seats]) -> None:
    """As on one host."""
    north = host("north")

    assert north.due(["acme", "borg", "cora"]) == ["acme"]
    assert north.due(["acme", "borg", "cora", "dora"]) == ["acme", "dora"]
    seats = north.known().seats
    assert seats["cora"].due - seats["borg"].due == pytest.approx(20.0)


def test_a_place_that_another_host_gave_meanwhile_is_kept(host: Callable[[str], Seats], address: str) -> None:
    """Two hosts that find a new pair at once would else take its pass from each other."""
    north = host("north")
    with psycopg.connect(address) as south, ThreadPoolExecutor() as pool:
        south.execute("INSERT INTO connector_fleet.seats (pair, due, beat, started) VALUES ('acme', 0, 0, 5)")
        late = pool.submit(north.due, ["acme"])
        assert eventually(lambda: _waits_for_a_lock(address))
        south.commit()
        assert late.result() == []

    assert north.known().seats["acme"].started == 5.0


def _waits_for_a_lock(address: str) -> bool:
    with psycopg.connect(address) as looking:
        waiting = looking.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return waiting.fetchone() is not None


def test_how_a_pass_ended_is_known_to_every_host(host: Callable[[str], Seats]) -> None:
    """A failure backs off for all of them, and a refused token rests for all of them."""
    north, south = host("north"), host("south")
    north.due(["acme"])
    for ended in (AWAY, REFUSED):
        south.lift("acme")
        begun = north.begin("acme", DEAD)
        assert begun is not None
        north.end("acme", begun.at, ended, "as it was")
        known = south.known().seats["acme"]
        assert known.last == ended

    assert known.rest is Rest.CHANGE
    assert south.due(["acme"]) == []
    assert (north.resting(), south.resting()) == ({"acme": "as it was"}, {"acme": None})
    south.saw("acme", "as it is there")
    assert south.resting() == {"acme": "as it is there"}


def test_a_pair_of_a_dead_worker_is_freed_and_its_late_word_is_not_heard(
    host: Callable[[str], Seats],
) -> None:
    """A worker that thaws after its pair was given away changes nothing about it."""
    north, south = host("north"), host("south")
    north.due(["acme"])
    frozen = north.begin("acme", DEAD)
    assert frozen is not None

    assert south.free(silent=20.0) == ["acme"]
    assert south.begin("acme", DEAD) is not None
    north.end("acme", frozen.at, REFUSED, "")

    assert south.known().seats["acme"].running
    assert south.known().seats["acme"].rest is None


def test_a_pause_holds_on_every_host(host: Callable[[str], Seats]) -> None:
    """Also of a pair that no tick has seen yet; to resume it is to try again."""
    north, south = host("north"), host("south")
    north.pause("acme", paused=True)

    assert south.due(["acme"]) == []
    assert south.known().paused == {"acme"}
    south.pause("acme", paused=False)
    assert north.due(["acme"]) == ["acme"]


def test_hosts_know_of_each_other(host: Callable[[str], Seats]) -> None:
    """Until one says that it leaves, or says nothing any more."""
    north, south = host("north"), host("south")
    north.here("12")
    south.here("13")

    assert north.hosts(silent=20.0) == {"north": "12", "south": "13"}
    assert north.hosts(silent=-1.0) == {}
    south.gone()
    assert north.hosts(silent=20.0) == {"north": "12"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("eve:tapioca@127.0.0.1:{port}/postgres", 7),
        ("postgres@127.0.0.1:{port}/nowhere", 2),
        ("postgres@127.0.0.1:{port}/postgres?sslmode=tapioca", 2),
        ("postgres:tapioca@127.0.0.1:1/postgres", 3),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(postgres: Server, address: str, code: int) -> None:
    """The exit code says who must act; its address is in no message."""
    database = Database(SecretStr(f"postgresql://{address.format(port=postgres.port)}"))

    with pytest.raises(DatabaseAway, match="the fleet's database") as raised:
        database.prepare()
    assert raised.value.exit_code == code
    assert raised.value.hint
    assert "tapioca" not in str(raised.value)


def test_a_table_that_is_dropped_meanwhile_is_made_anew(address: str) -> None:
    """The host that finds it gone ends with 3, and the next start makes it."""
    database = Database(SecretStr(address))
    database.prepare()
    with database.transaction() as db:
        db.execute("DROP SCHEMA connector_fleet CASCADE")

    with pytest.raises(DatabaseAway) as raised:
        Seats(database, "north", EVERY).known()
    database.prepare()

    assert raised.value.exit_code == 3
    assert Seats(database, "north", EVERY).known().seats == {}
    database.close()


def test_whoever_passes_a_pair_is_told_what_another_host_was_hinted_at(
    host: Callable[[str], Seats],
) -> None:
    """Once, however often it was hinted at; and the pair is due at once."""
    north, south = host("north"), host("south")
    north.due(["acme"])
    first = south.begin("acme", DEAD)
    assert first is not None
    south.end("acme", first.at, GOOD, "")

    for _ in range(2):
        north.hint("acme", [(Side.INTERCOM, "7")])

    begun = south.begin("acme", DEAD)
    assert begun is not None
    assert begun.hints == ((Side.INTERCOM, "7"),)
    south.end("acme", begun.at, GOOD, "")
    north.wake("acme")
    again = north.begin("acme", DEAD)
    assert again is not None
    assert again.hints == ()


def test_no_flood_of_hints_waits_for_a_pair_that_is_paused(host: Callable[[str], Seats]) -> None:
    """So many are kept for a side as one pass fetches, however long the pause."""
    north = host("north")
    north.pause("acme", paused=True)
    for first in range(0, 3 * mailbox.MOST, 7):
        north.hint("acme", [(Side.INTERCOM, str(first + number)) for number in range(7)])
    north.hint("acme", [(Side.DASHLY, "7")])
    north.pause("acme", paused=False)

    begun = north.begin("acme", DEAD)

    assert begun is not None
    assert Counter(side for side, _ in begun.hints) == {Side.INTERCOM: mailbox.MOST, Side.DASHLY: 1}


def test_only_pairs_that_are_there_and_not_paused_are_at_work(host: Callable[[str], Seats]) -> None:
    """One whose file was removed keeps its place, in case it comes back; one host knows of neither."""
    north = host("north")
    north.due(["acme", "borg", "cora"])
    north.pause("borg", paused=True)

    assert north.known().at_work(["acme", "borg"]).keys() == {"acme"}


def test_a_role_that_may_make_nothing_uses_the_tables_that_are_there(
    postgres: Server, address: str, host: Callable[[str], Seats]
) -> None:
    """Whoever keeps the database may make them with another role."""
    host("north")
    with psycopg.connect(address, autocommit=True) as administrator:
        administrator.execute("CREATE ROLE clerk LOGIN")
        administrator.execute("GRANT USAGE ON SCHEMA connector_fleet TO clerk")
        administrator.execute("GRANT ALL ON ALL TABLES IN SCHEMA connector_fleet TO clerk")
    try:
        name = address.rpartition("/")[2]
        with closing(Database(SecretStr(postgres.address(user="clerk", database=name)))) as database:
            database.prepare()
            assert Seats(database, "south", EVERY).due(["acme"]) == ["acme"]
    finally:
        with psycopg.connect(address, autocommit=True) as administrator:
            administrator.execute("DROP OWNED BY clerk")
            administrator.execute("DROP ROLE clerk")
