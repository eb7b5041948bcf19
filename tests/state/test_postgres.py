"""The state in a schema of PostgreSQL: opening it, who may write, and what is told when it cannot be used."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mappings.model import Agent, AuthorKind, Side
from state import store as states
from state.access import peek
from state.access.place import Schema
from state.errors import StateError, StateFailed, StateForbidden, TakenOver
from state.migrations.version import LATEST
from tests.keys import KEY
from tests.postgres import NO_DRIVER, TABLES, connect, emptied

pytest.importorskip("psycopg", reason=NO_DRIVER)

import psycopg

from state.postgres import advisory, opening, patience
from state.postgres.failures import of_postgres
from state.postgres.schema import BORN, LATER
from state.postgres.session import translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from state.store import Store
    from tests.postgres import Server

WINDOW = 60.0
_COLUMNS = (
    "SELECT table_name, column_name, is_nullable FROM information_schema.columns "
    "WHERE table_schema = ? AND column_name != 'rowid'"
)


@pytest.fixture
def place(schema: Schema) -> Schema:
    """A schema that knows nothing."""
    return emptied(schema)


@pytest.fixture
def store(place: Schema) -> Iterator[Store]:
    """Its state."""
    with closing(states.open_existing(place, key=KEY)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("given", "text", "numbered"),
    [
        ("SELECT ? WHERE a LIKE '%list%'", "SELECT %s WHERE a LIKE '%%list%%'", False),
        ("SELECT ?2, ?1", "SELECT %(p2)s, %(p1)s", True),
        ("SET a = :now WHERE b = 'it''s :now?'", "SET a = %(now)s WHERE b = 'it''s :now?'", False),
    ],
)
def test_placeholders_become_those_of_the_driver(given: str, text: str, *, numbered: bool) -> None:
    """What is in quotes stays as it is."""
    assert translated(given) == (text, numbered)


@pytest.mark.parametrize("name", ["public", "pg_pair", "", "a" * 64, 'a"; DROP SCHEMA x; --', "пара"])
def test_a_name_that_cannot_be_a_schema_is_refused(tmp_path: Path, name: str) -> None:
    """A name that PostgreSQL would cut, keep for itself or take for something else."""
    with pytest.raises(StateError, match="cannot be the name"):
        Schema("postgresql://localhost/x", name, tmp_path)


def test_a_place_is_named_without_its_password(tmp_path: Path) -> None:
    """Neither its words nor its representation hold the address."""
    place = Schema("postgresql://u:secret@db.example/fleet", "acme", tmp_path)

    assert "secret" not in f"{place} {place!r}"
    assert str(place) == "the schema acme of the database fleet on db.example"


@pytest.mark.parametrize(
    "address",
    ["postgresql://u:top secret@h/x", "postgresql://u:secret@[::1/x", "postgresql://u:secret@h/x?secret=1"],
)
def test_an_address_that_cannot_be_read_is_not_repeated(tmp_path: Path, address: str) -> None:
    """It is told what is wrong with it, and nothing of what is in it."""
    with pytest.raises(StateError, match="cannot be read") as told:
        states.exists(Schema(address, "acme", tmp_path))

    assert told.value.exit_code == 2
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        ("postgres\n{good}", 2),
        ("postgres\0", 2),
        ("postgres?sslmode=secret", 2),
        ("postgres?service=secret", 2),
        ("postgres?options=-csecret%3D1", 2),
        ("nowhere", 2),
        ("postgres?sslmode=require", 3),
    ],
)
def test_an_address_that_leads_nowhere_is_told_by_who_must_act(
    postgres: Server, tmp_path: Path, piece: str, code: int
) -> None:
    """What is wrong in it needs whoever wrote it; what the server does not offer may pass."""
    address = postgres.address(database=piece.format(good=postgres.address()))

    with pytest.raises(StateError) as told:
        states.exists(Schema(address, "acme", tmp_path))

    assert told.value.exit_code == code
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ('FATAL:  password authentication failed for user "u"', 7),
        ('FATAL:  role "u" is not permitted to log in', 7),
        ('FATAL:  permission denied for database "x"', 7),
        ('FATAL:  too many connections for role "u"', 3),
        ("FATAL:  sorry, too many clients already", 3),
        ('ВАЖНО:  пользователь "u" не прошёл проверку подлинности (по паролю)', 7),
        ('ВАЖНО:  роль "u" не существует', 7),
        ('ВАЖНО:  доступ к базе "x" запрещён', 7),
        ('ВАЖНО:  слишком много подключений для роли "u"', 3),
        ('ВАЖНО:  база данных "x" не существует', 2),
    ],
)
def test_who_is_not_let_in_is_told_by_who_must_act(words: str, code: int) -> None:
    """By the server's words, in its language: there is nothing else to go by."""
    error = psycopg.OperationalError(f'connection failed: connection to server at "::1" failed: {words}')

    assert of_postgres(error, "it").exit_code == code


def test_a_role_that_may_not_is_told_so(postgres: Server, place: Schema, store: Store) -> None:
    """Not allowed into the database, or into the schema, or to write there."""
    store.meta.set("a", "1")
    with closing(connect(place)) as session:
        session.execute("CREATE ROLE stranger LOGIN")
        session.execute("CREATE ROLE reader LOGIN")
        session.execute("CREATE DATABASE inside")
        session.execute("REVOKE CONNECT ON DATABASE inside FROM PUBLIC")
        session.execute(f'GRANT USAGE ON SCHEMA "{place.name}" TO reader')
        session.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA "{place.name}" TO reader')
    reading = states.open_existing(replace(place, url=postgres.address(user="reader")), key=KEY)

    for attempt in (
        lambda: states.exists(replace(place, url=postgres.address(user="stranger", database="inside"))),
        lambda: states.open_existing(replace(place, url=postgres.address(user="stranger")), key=KEY),
        lambda: reading.meta.set("a", "2"),
    ):
        with pytest.raises(StateForbidden):
            attempt()
    reading.close()


@pytest.mark.parametrize("version", ["", "garbage", "0", str(BORN - 1)])
def test_a_version_that_never_was_is_no_state_of_ours(place: Schema, store: Store, version: str) -> None:
    """It is told like the tables of another program."""
    store.meta.set("schema", version)

    with pytest.raises(StateError, match="no state of this program"):
        states.open_existing(place, key=KEY)
    store.meta.set("schema", str(LATEST))


def test_whatever_stands_in_a_schema_is_something(postgres: Server, tmp_path: Path) -> None:
    """A view as well as a table: nobody's things are mixed with ours."""
    place = postgres.place(tmp_path)
    with closing(connect(place)) as session:
        session.execute(f"CREATE SCHEMA {place.name}")
        session.execute(f"CREATE VIEW {place.name}.meta AS SELECT 1 AS a")

    assert states.exists(place)
    for attempt in (states.create, states.open_existing):
        with pytest.raises(StateError) as told:
            attempt(place, key=KEY)
        assert told.value.exit_code == 2


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: Server, place: Schema) -> None:
    """Before the first name in another script ends a run; what the client asks for does not count."""
    with closing(connect(place)) as session:
        session.execute("CREATE DATABASE narrow ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")

    with pytest.raises(StateError, match="encoding of its database is LATIN1") as told:
        states.create(replace(place, url=postgres.address(database="narrow")), key=KEY)
    assert told.value.exit_code == 2
    wide = replace(place, url=f"{place.url}?client_encoding=SQL_ASCII")
    states.open_existing(wide, key=KEY).close()


def test_every_migration_has_its_part_in_postgres() -> None:
    """Whoever remembers something new says how for both."""
    assert set(LATER) == set(range(BORN + 1, LATEST + 1))


def test_both_stores_have_the_same_columns(tmp_path: Path, place: Schema, store: Store) -> None:
    """By name, and by whether they may be empty."""
    here = {
        (row["table_name"], row["column_name"], row["is_nullable"] == "YES")
        for row in store.file.read(_COLUMNS, [place.name])
    }
    with closing(states.create(tmp_path / "new.db", key=KEY)) as file:
        there = {
            (table, row["name"], not row["notnull"] and not row["pk"])
            for table in TABLES
            for row in file.file.read(f"PRAGMA table_info({table})")
        }

    assert {(table, name) for table, name, _ in here} == {(table, name) for table, name, _ in there}
    assert here == there


def test_only_its_own_key_opens_it(place: Schema, store: Store) -> None:
    """Another key is another pair's: a person is needed."""
    store.meta.set("a", "1")

    with pytest.raises(StateForbidden, match="another key"):
        states.open_existing(place, key=b"x" * 32)

    states.rekey(place, b"x" * 32)
    states.open_existing(place, key=b"x" * 32).close()
    states.rekey(place, KEY)


def test_a_schema_that_was_made_and_never_used_is_taken_away(postgres: Server, tmp_path: Path) -> None:
    """Where we might not make it again it stays, with nothing in it."""
    ours, given = (postgres.place(tmp_path) for _ in range(2))
    given = Schema(postgres.address("keeper"), given.name, given.path)
    with closing(connect(ours)) as session:
        session.execute("CREATE ROLE keeper LOGIN")
        session.execute(f"CREATE SCHEMA {given.name} AUTHORIZATION keeper")
    for place in (ours, given):
        states.create(place, key=KEY).close()
        assert states.version_of(place) == LATEST

        states.remove(place)

        assert not states.exists(place)
    with closing(connect(ours)) as session:
        left = session.execute("SELECT nspname AS one FROM pg_namespace").fetchall()
    assert {ours.name, given.name} & {row["one"] for row in left} == {given.name}


def test_what_is_not_there_or_not_ours_is_told(postgres: Server, place: Schema, store: Store) -> None:
    """No schema, no database, no server, somebody else's tables, a newer version: each in its sentence."""
    nowhere = replace(place, name="nothing_here")
    store.meta.set("schema", str(LATEST + 1))
    with pytest.raises(StateError, match="knows only"):
        states.open_existing(place, key=KEY)
    store.meta.set("schema", str(LATEST))
    with closing(connect(place)) as session:
        session.execute("CREATE SCHEMA foreigner")
        session.execute("CREATE TABLE foreigner.meta (key TEXT, value TEXT)")

    assert not states.exists(nowhere)
    with pytest.raises(StateError, match="there is no state"):
        states.open_existing(nowhere, key=KEY)
    with pytest.raises(StateError, match="no state of this program"):
        states.open_existing(replace(place, name="foreigner"), key=KEY)
    with pytest.raises(StateError, match="holds something already"):
        states.create(place, key=KEY)
    with pytest.raises(StateError, match="does not exist") as missing:
        states.exists(replace(place, url=postgres.address(database="nowhere")))
    assert missing.value.exit_code == 2
    with pytest.raises(StateForbidden):
        states.exists(replace(place, url=postgres.address(user="nobody")))
    with pytest.raises(StateFailed) as down:
        states.exists(replace(place, url="postgresql://postgres@127.0.0.1:1/postgres"))
    assert down.value.exit_code == 3
    assert peek.peek(replace(place, url="postgresql://postgres@127.0.0.1:1/postgres"), "run_id") is None


def test_a_text_may_hold_what_postgres_does_not_take(store: Store) -> None:
    """A null character in a name of a stranger stops nobody."""
    store.people.put_agents(Side.DASHLY, (Agent("1", "Mal\0ory", None, AuthorKind.AGENT),))

    assert [agent.name for agent in store.people.agents(Side.DASHLY)] == ["Mal\N{REPLACEMENT CHARACTER}ory"]


def test_one_lock_for_all_hosts(place: Schema) -> None:
    """It is there or not, names its holder, and is free when the holder's session ends."""
    with advisory.locked(place) as first, advisory.locked(place) as second:
        holder = advisory.holder(place)

    assert (first, second) == (True, False)
    assert holder is not None
    assert int(holder.process) > 0
    assert holder.host
    assert advisory.holder(place) is None


def test_nobody_takes_over_in_the_middle_of_a_transaction(place: Schema, store: Store) -> None:
    """The row that names the run is locked from the first statement on."""
    store.file.take_over("first")
    with closing(states.open_existing(place, key=KEY)) as other:
        other.file.read("SELECT set_config('lock_timeout', '50', false)")
        with store.transaction(), pytest.raises(StateFailed, match="lock timeout"):
            other.file.take_over("second")
        other.file.take_over("second")

    with pytest.raises(TakenOver):
        store.meta.set("a", "1")


def test_an_error_that_was_swallowed_is_no_success(store: Store) -> None:
    """PostgreSQL takes the whole transaction back: whoever went on must hear of it."""

    def write() -> None:
        with store.transaction() as db:
            store.meta.set("a", "1")
            with pytest.raises(Exception, match="nothing_there"):
                db.execute("SELECT nothing_there")

    with pytest.raises(StateFailed, match="had failed"):
        write()
    assert store.meta.get("a") is None


def test_a_session_that_was_ended_may_pass(place: Schema, store: Store) -> None:
    """The run ends with 3; nothing is lost, and the next one goes on."""
    store.meta.set("a", "1")
    pid = store.file.read("SELECT pg_backend_pid() AS pid")[0]["pid"]
    with closing(connect(place)) as session:
        session.execute("SELECT pg_terminate_backend(?)", [pid])

    with pytest.raises(StateFailed) as told:
        store.meta.set("a", "2")

    assert "run again" in told.value.hint
    with closing(states.open_existing(place, key=KEY)) as again:
        assert again.meta.get("a") == "1"


@pytest.mark.long
@pytest.mark.parametrize("asked", [None, 0.3])
def test_a_server_that_is_frozen_is_not_waited_for(
    place: Schema, store: Store, monkeypatch: pytest.MonkeyPatch, asked: float | None
) -> None:
    """The run ends with 3; what it asked next fails at once, and nothing of it is there."""
    store.meta.set("a", "1")
    pid = store.file.read("SELECT pg_backend_pid() AS pid")[0]["pid"]
    monkeypatch.setattr(patience, "LONGEST_ANSWER" if asked is None else "LAST_ANSWERS", 0.5)
    stop = threading.Timer(asked or 0.0, patience.hurry)
    os.kill(pid, signal.SIGSTOP)
    if asked is not None:  # somebody asks to stop while the answer is waited for
        stop.start()
    try:
        with pytest.raises(StateFailed, match="gave no answer"):
            store.meta.set("a", "2")
        with pytest.raises(StateFailed, match="closed"):
            store.meta.get("a")
    finally:
        os.kill(pid, signal.SIGCONT)
        patience.take_time()
    monkeypatch.undo()

    with closing(states.open_existing(place, key=KEY)) as again:
        assert again.meta.get("a") == "1"


def test_a_hand_over_is_no_doubt_and_a_lost_run_is(store: Store) -> None:
    """What another host did meanwhile is known; a run that is remembered here and nowhere else is not."""
    memory: dict[str, str | None] = {"a": None, "b": None}

    def take(host: str, run: str) -> bool:
        known = store.file.remembers(memory[host])
        store.file.take_over(run, after=memory[host])
        memory[host] = run
        return known

    assert [take(*turn) for turn in [("a", "r1"), ("b", "r2"), ("b", "r3"), ("b", "r4"), ("a", "r5")]] == [
        True
    ] * 5
    store.file.take_over("r6", after="r4")  # and died before the host noted it
    assert store.file.remembers("r4")
    assert not store.file.remembers("r0")
    store.runs.begin("r0", "sync", 1.0)
    assert store.file.remembers("r0")


def test_no_minute_holds_too_much_when_hosts_change(place: Schema, store: Store) -> None:
    """Each machine's clock runs since its own start: what one asked counts for the next all the same."""
    first = store.budgets[Side.DASHLY]
    for _ in range(2):
        ticket, _ = first.take(now=50.0, limit=2, window=WINDOW)
        assert ticket is not None
        first.finish(ticket, 50.0)

    with closing(states.open_existing(place, key=KEY)) as other:
        ticket, wait = other.budgets[Side.DASHLY].take(now=1_000_000.0, limit=2, window=WINDOW)

    assert ticket is None
    assert WINDOW / 2 < wait <= WINDOW


def test_a_fact_is_read_without_opening_the_state(place: Schema, store: Store) -> None:
    """Whoever only wants to know who ran last needs no key."""
    store.meta.set("a", "1")

    assert (peek.peek(place, "a"), peek.peek(place, "b")) == ("1", None)


def test_a_migration_that_fails_leaves_the_schema_as_it_was(
    place: Schema, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of one would be neither the old nor the new."""
    monkeypatch.setattr(opening, "LATEST", LATEST + 1)
    monkeypatch.setitem(LATER, LATEST + 1, ("CREATE TABLE half (a INTEGER)", "no SQL at all"))

    with pytest.raises(StateError, match="syntax"):
        states.open_existing(place, key=KEY)

    there = "SELECT count(*) AS n FROM pg_tables WHERE schemaname = ? AND tablename = 'half'"
    assert store.file.read(there, [place.name])[0]["n"] == 0


def test_an_erasure_waits_for_nobody(store: Store) -> None:
    """What was erased is gone from the tables at once; there is no log of ours to empty."""
    assert store.empty_log()
    assert not store.meta.erasure_waits()
