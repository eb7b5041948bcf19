"""Every query that a pass or `status` asks is answered from an index: none reads a table through."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from mappings.model import Side
from state import store as states
from state.records import Disposition, LedgerRow, Queue
from tests.keys import KEY
from tests.postgres import emptied
from tests.stores import file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from state.access.place import Schema
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
ROW = LedgerRow(D, "5", "reply_user", 3.0, Disposition.COPIED, counterpart="c", text_hash="ab" * 16)
COPY = LedgerRow(IC, "c", "message", 3.0, Disposition.ABSORBED, ours=True, counterpart="5")

HOT: dict[str, Callable[[Store], object]] = {
    "due": lambda store: store.pairs.due(Queue.SYNC, 5.0, linked=False, after=0, limit=64),
    "next due": lambda store: store.pairs.next_due(Queue.SYNC, after=5.0),
    "due rows": lambda store: list(store.pairs.due_rows(Queue.SYNC)),
    "count due": lambda store: store.pairs.count_due(Queue.SYNC),
    "longest unchecked": lambda store: store.pairs.longest_unchecked(5),
    "find": lambda store: store.pairs.find(D, "d1"),
    "listed": lambda store: store.pairs.listed(D, "d1", due=1.0, queue=Queue.SYNC),
    "set due": lambda store: store.pairs.set_due(1, {}),
    "linked pairs": lambda store: store.pairs.linked_pairs(),
    "pairs by state": lambda store: store.pairs.counts(),
    "release due": lambda store: store.quarantine.release_due(Queue.SYNC, 9.0, failed_before=9.0),
    "park": lambda store: store.quarantine.park(Queue.SYNC),
    "forget unstarted": lambda store: store.pairs.forget_unstarted(Queue.BACKFILL),
    "ledger of": lambda store: store.ledger.of(1),
    "ledger count": lambda store: store.ledger.count(1, D),
    "ledger put": lambda store: store.ledger.put(1, [ROW, COPY], "r"),
    "knows": lambda store: store.ledger.knows(D, "5"),
    "is ours": lambda store: store.ledger.is_ours(IC, "c"),
    "elsewhere": lambda store: store.ledger.elsewhere(2, IC, ["c", "5"]),
    "answered copies": lambda store: store.breaker.count(1, 5.0),
    "parts by disposition": lambda store: store.ledger.counts(),
    "open writes": lambda store: store.journal.open(),
    "open writes of one": lambda store: store.journal.open(1),
    "last runs": lambda store: store.runs.last(5),
    "runs that told": lambda store: store.runs.telling(1.0, 5),
    "made": lambda store: store.people.is_made(IC, "p1"),
    "own id": lambda store: store.people.own_id(IC, "p1"),
    "left over": lambda store: store.people.left_over(IC),
    "made by a run": lambda store: list(store.pairs.made_by("r")),
    "merged person": lambda store: store.people.merged(IC, "p1", "p2"),
}
IN_ORDER = ("conversations_idle", "intents_open", "SCAN runs")
"""Indexes of just the rows that are wanted, or a table by its key, in the order that is wanted."""
FEW = ("SCAN quarantine ", "SCAN written", "SCAN CONSTANT ROW")
"""What needs a person's eye, and what an inner query found."""


@pytest.fixture
def place(path: Path) -> Path:
    """Only files are meant here."""
    return path


@pytest.fixture
def filled(store: Store) -> Store:
    """A state file with something of everything, and no statistics that could change a plan."""
    return fill(store)


@pytest.fixture
def filled_schema(schema: Schema) -> Iterator[Store]:
    """The same in a database, which reads a table through only where no index serves."""
    with closing(states.open_existing(emptied(schema), key=KEY)) as store:
        store.file.read("SELECT set_config('enable_seqscan', 'off', false)")
        yield fill(store)


def fill(store: Store) -> Store:
    """Put something of everything into a state."""
    store.runs.begin("r", "sync", 1.0)
    for number in (1, 2):
        row = store.pairs.listed(D, f"d{number}", due=10.0, queue=Queue.SYNC)
        store.pairs.link(row, IC, f"i{number}", at=20.0, run="r")
        store.ledger.put(number, [ROW, COPY], "r")
    return store


@pytest.mark.parametrize("name", HOT)
def test_a_hot_query_uses_an_index(filled: Store, name: str) -> None:
    """No step of its plan goes through a table of pairs, parts or intents, or sorts what it found."""
    asked: list[str] = []
    connection = file_of(filled)._db
    connection.set_trace_callback(asked.append)
    HOT[name](filled)
    connection.set_trace_callback(None)
    statements = [sql for sql in asked if re.match(r"SELECT|INSERT|UPDATE|DELETE", sql)]

    steps = [row["detail"] for sql in statements for row in filled.file.read(f"EXPLAIN QUERY PLAN {sql}")]

    read_through = [step for step in steps if step.startswith("SCAN") and not step.startswith(FEW)]
    assert statements
    assert [step for step in read_through if not step.endswith(IN_ORDER)] == []


@pytest.mark.long
@pytest.mark.parametrize("name", HOT)
def test_a_hot_query_uses_an_index_in_postgres(
    filled_schema: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one for each, whatever PostgreSQL thinks of it when a table is small."""
    asked: list[tuple[Any, ...]] = []
    session: Any = filled_schema.file._db
    execute = session.execute

    def note(*given: Any) -> Any:
        asked.append(given)
        return execute(*given)

    monkeypatch.setattr(session, "execute", note)
    HOT[name](filled_schema)
    monkeypatch.undo()
    statements = [given for given in asked if re.match(r"SELECT|INSERT|UPDATE|DELETE", given[0])]

    steps = [row[0] for sql, *given in statements for row in execute(f"EXPLAIN {sql}", *given).fetchall()]

    assert statements
    assert [step for step in steps if "Seq Scan" in step] == []


def test_what_a_run_made_is_found_without_reading_the_rest(filled: Store) -> None:
    """An undo of a small run does not go through a large history."""
    asked: list[str] = []
    connection = file_of(filled)._db
    connection.set_trace_callback(asked.append)
    HOT["made by a run"](filled)
    connection.set_trace_callback(None)

    steps = [row["detail"] for sql in asked for row in filled.file.read(f"EXPLAIN QUERY PLAN {sql}")]

    assert steps
    assert all("created_by_run=?" in step for step in steps)
