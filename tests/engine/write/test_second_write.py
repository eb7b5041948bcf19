"""A source that was confirmed is never written a second time."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.write.departure import Departures
from connector.engine.write.job import Job, WrittenAlready
from connector.engine.write.protocol import MOMENT, Protocol
from connector.errors import Gone
from connector.helpdesk.port import Helpdesk, PostMessage, Receipt
from mappings.model import Side
from state import store as states
from state.errors import TakenOver
from state.records import Disposition, Intent, LedgerRow, Operation, Queue, tombstone
from tests.clock import BEGIN, VirtualClock
from tests.keys import KEY
from tests.stores import file_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from state.store import Store

CARRIED = LedgerRow(Side.INTERCOM, "s1", "comment", BEGIN, Disposition.COPIED, text_hash="h1")


class Desk:
    """A side that takes every message; before one leaves, ``meanwhile`` happens."""

    def __init__(self, departures: Departures) -> None:
        self.departures = departures
        self.sent: list[object] = []
        self.meanwhile = lambda: None

    def conversation(self, conversation: str) -> None:
        """Show nothing: it was deleted."""
        raise Gone(conversation, status=404, code="not_found")

    def send(self, write: object, *, known: frozenset[str] = frozenset()) -> Receipt:  # noqa: ARG002 - part of Helpdesk
        """Take a message."""
        self.meanwhile()
        self.departures.before_write()
        self.sent.append(write)
        return Receipt(part=f"p{len(self.sent)}")


class Place:
    """A linked pair, a side and the protocol between them."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock = store, VirtualClock()
        self.departures = Departures(store, self.clock)
        self.desk = Desk(self.departures)
        helpdesks = {Side.DASHLY: cast("Helpdesk", self.desk)}  # what the protocol uses of one
        self.protocol = Protocol(store, helpdesks, self.clock, self.departures, settle=120.0, run="run-1")
        self.row = store.pairs.listed(Side.INTERCOM, "i1", due=BEGIN, queue=Queue.SYNC)
        store.pairs.link(self.row, Side.DASHLY, "d1", at=BEGIN, run=None)

    def job(self, marker: str, *, covers: tuple[LedgerRow, ...] = (CARRIED,), **more: Any) -> Job:
        """Return a job that carries the one part."""
        write = PostMessage("d1", "ok", agent="11", marker=marker)
        expected = Expected("d1", public=True, text_hash="h1", sent_at=BEGIN, marker=marker, source="s1")
        job = Job(self.row, Side.DASHLY, Operation.MESSAGE, marker, write, expected, covers)
        return replace(job, **more)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place with a state file of its own."""
    store = states.create(tmp_path / "state.file.db", key=KEY)
    store.file.take_over("run-1")
    yield Place(store)
    store.close()


def test_a_second_write_for_a_confirmed_source_is_refused(place: Place) -> None:
    """Whatever plan asks for it, and under whatever marker: nothing is sent, and the part is named."""
    place.protocol.perform(place.job("m:1"))
    place.store.journal.clear_done(place.row)

    with pytest.raises(WrittenAlready, match="Intercom part s1 was copied to Dashly already"):
        place.protocol.perform(place.job("m:2"))

    assert len(place.desk.sent) == 1
    assert place.store.journal.open() == []


def test_the_first_piece_of_a_second_copy_is_refused_as_well(place: Place) -> None:
    """A long text is told by its pieces: none of them leaves when the whole was carried before."""
    place.protocol.perform(place.job("m:1"))

    with pytest.raises(WrittenAlready):
        place.protocol.perform(place.job("m:2:1", covers=(), carries=(CARRIED,)))

    assert len(place.desk.sent) == 1


@pytest.mark.parametrize("news", [replace(CARRIED, text_hash="h2"), tombstone(CARRIED)])
def test_an_edit_and_a_removal_follow_what_was_carried(place: Place, news: LedgerRow) -> None:
    """They say something else than the copy does."""
    place.protocol.perform(place.job("m:1"))

    assert place.protocol.perform(place.job("m:1:news", covers=(news,))) is not None
    assert len(place.desk.sent) == 2


def test_settling_counts_from_when_the_request_leaves(place: Place) -> None:
    """A write that waited ten minutes for its turn is looked for two minutes after it left, not before."""

    def wait() -> None:
        place.clock.sleep(600)
        place.departures.before_write()
        (left,) = place.store.journal.open()
        seen.append((left.sent_at - BEGIN, left.settle_at - BEGIN))

    seen: list[tuple[float, float]] = []
    place.desk.meanwhile = wait

    place.protocol.perform(place.job("m:1"))

    assert seen == [(600.0, 720.0)]


def test_nothing_leaves_once_another_run_holds_the_pair(place: Place) -> None:
    """The last look at who holds the state file is taken when the waiting is over."""

    def taken() -> None:
        with place.store.file._lock:
            file_of(place.store)._db.execute("UPDATE meta SET value = 'run-2' WHERE key = 'run_id'")

    place.desk.meanwhile = taken

    with pytest.raises(TakenOver):
        place.protocol.perform(place.job("m:1"))

    assert place.desk.sent == []


def test_a_write_into_a_conversation_that_is_gone_is_looked_for_no_longer(place: Place) -> None:
    """What it may have made is gone as well."""
    fingerprint = place.job("m:1").expected
    assert fingerprint is not None
    intent = Intent(
        "m:1",
        place.row,
        Side.DASHLY,
        Operation.MESSAGE,
        "h",
        fingerprint.dump(KEY),
        "[]",
        BEGIN,
        BEGIN + 120,
    )
    place.store.journal.begin(intent, "run-1")
    place.clock.advance(120)

    place.protocol.settle(place.row)

    assert place.store.journal.open() == []


def test_what_is_on_its_way_here_is_known_soon(place: Place) -> None:
    """Its answer is awaited by this very run; of any other write it takes until it has settled."""
    begun = SimpleNamespace(opening=None)
    found: list[tuple[float, bool]] = []

    def leave() -> None:
        place.departures.before_write()
        (intent,) = place.store.journal.open()
        adopted = place.protocol.adopt_start(intent, cast("Any", begun))
        found.append((place.protocol.known_at(intent) - place.clock.now(), adopted))

    place.desk.departures = cast("Any", SimpleNamespace(before_write=leave))
    place.protocol.perform(place.job("m:1"))
    intent = Intent("m:9", place.row, Side.DASHLY, Operation.START, "p", "{}", "[]", BEGIN, BEGIN + 120)

    assert found == [(MOMENT, False)]
    assert place.protocol.known_at(intent) == BEGIN + 120
