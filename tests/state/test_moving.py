"""Moving a state from a file into a database and back: every row, and only once."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from mappings.model import Loss, LossKind, Side
from state import store as states
from state.care.moving import KEYS, copy_rows, counted, mark_arriving, mark_moved
from state.errors import StateError
from state.records import Disposition, Intent, LedgerRow, Operation, Queue
from tests.keys import KEY
from tests.postgres import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from state.access.place import Place
    from state.store import Store
    from tests.postgres import Server

D, IC = Side.DASHLY, Side.INTERCOM
LOSS = Loss(LossKind.AUTHOR, "Łucja \0")
PART = LedgerRow(
    D, "5", "reply_user", 3.25, Disposition.COPIED, counterpart="c", text_hash="ab" * 32, losses=(LOSS,)
)
COPY = LedgerRow(IC, "c", "message", 3.25, Disposition.ABSORBED, ours=True, counterpart="5")


def filled(store: Store) -> None:
    """Put something of everything into a state."""
    store.runs.begin("r", "sync", 1.0)
    store.runs.finish("r", 2.0, 0, {"parts": {"copied": 1}})
    for number in range(1, 4):
        row = store.pairs.listed(D, f"d{number}", due=1.5, queue=Queue.SYNC)
        store.pairs.link(row, IC, f"i{number}", at=1e9 + 1 / 3, run="r")
        store.ledger.put(row, [PART, COPY], "r")
        store.journal.begin(
            Intent(f"m{number}", row, IC, Operation.NOTE, "p", "f", "[]", sent_at=1.0, settle_at=3.0), "r"
        )
        store.breaker.arrived(row, IC, 4.0, since=0.0)
    store.breaker.trip(2, 5.0, 600.0)
    store.watermarks.advance(D, 7.5)
    store.people.set_counterpart(D, "u1", "c1")
    store.quarantine.put(3, D, "9", "Grund: „ü“", at=5.0)
    store.conflicts.put(1, "status", {D: "open", IC: "closed"}, winner="dashly", rule="newer", at=6.0)
    store.meta.set("a", "1")


def test_every_table_is_moved_or_counted() -> None:
    """What is remembered again is moved as well; only the window of requests belongs to its clock."""
    assert {*KEYS, "counters", "budget"} == set(TABLES)


@pytest.mark.parametrize("back", [False, True])
def test_everything_arrives(postgres: Server, tmp_path: Path, *, back: bool) -> None:
    """The same questions have the same answers there, and new rows get new numbers."""
    places: list[Place] = [tmp_path / "connector.db", postgres.place(tmp_path)]
    source, target = reversed(places) if back else places
    with closing(states.create(source, key=KEY)) as here, closing(states.create(target, key=KEY)) as there:
        filled(here)
        with here.transaction():
            counts = copy_rows(here.file, there.file)

        assert {counts[table] for table in ("parts", "intents", "conversations", "arrivals")} >= {3}
        assert there.ledger.of(1) == here.ledger.of(1)
        assert there.journal.open() == here.journal.open()
        assert (there.ledger.counts(), there.pairs.counts()) == (here.ledger.counts(), here.pairs.counts())
        assert there.runs.last(5) == here.runs.last(5)
        assert there.pairs.listed(D, "d4", due=1.0, queue=Queue.SYNC) == 4
        assert there.quarantine.items() == here.quarantine.items()


def test_what_differs_is_not_moved(postgres: Server, tmp_path: Path) -> None:
    """A row that came out otherwise is named by its table."""
    with (
        closing(states.create(tmp_path / "a.db", key=KEY)) as here,
        closing(states.create(postgres.place(tmp_path), key=KEY)) as there,
    ):
        filled(here)
        there.meta.set("another", "fact")

        with pytest.raises(StateError, match="table meta differs"):
            copy_rows(here.file, there.file)


@pytest.mark.parametrize("kind", ["file", "postgres"])
def test_a_source_that_was_left_is_not_opened(postgres: Server, tmp_path: Path, kind: str) -> None:
    """Whoever still names it is told where it went."""
    place: Place = tmp_path / "connector.db" if kind == "file" else postgres.place(tmp_path)
    with closing(states.create(place, key=KEY)) as store:
        mark_moved(store.file, "the other place")

    with pytest.raises(StateError, match="was moved to the other place") as told:
        states.open_existing(place, key=KEY)

    assert told.value.exit_code == 2


def test_a_new_place_opens_once_the_old_one_was_left(tmp_path: Path) -> None:
    """Until then it is named by where its state comes from."""
    place = tmp_path / "new.db"
    with closing(states.create(place, key=KEY)) as store:
        filled(store)
        rows = counted(store.file)
        mark_arriving(store.file, "the old place")
        assert counted(store.file) == rows
    with pytest.raises(StateError, match="the old place"):
        states.open_existing(place, key=KEY)

    states.arrived(place)

    with closing(states.open_existing(place, key=KEY)) as store:
        assert counted(store.file) == rows
        assert (rows["conversations"], rows["parts"], rows["people"]) == (3, 6, 1)


def test_a_place_that_was_made_and_never_used_is_taken_away(tmp_path: Path) -> None:
    """With the files beside it, whether or not they are there."""
    place = tmp_path / "new.db"
    states.create(place, key=KEY).close()
    place.with_name("new.db-wal").touch()
    (tmp_path / "another.db").touch()

    states.remove(place)

    assert [one.name for one in tmp_path.iterdir()] == ["another.db"]
