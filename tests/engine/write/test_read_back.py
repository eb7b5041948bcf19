"""A write whose answer is read back belongs to whoever reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.write.departure import Departures
from connector.engine.write.job import Job
from connector.engine.write.protocol import Protocol
from connector.helpdesk.port import Helpdesk, Person, Receipt, StartConversation
from mappings.model import AuthorKind, Conversation, Message, Side
from mappings.text import text_hash
from state import store as states
from state.records import Operation, Queue
from tests.clock import BEGIN, VirtualClock
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from state.store import Store


class Desk:
    """A side whose answer to a start names the conversation only; ``meanwhile`` happens before it is read."""

    def __init__(self, departures: Departures, shown: Conversation, meanwhile: Callable[[], None]) -> None:
        self.departures, self.shown, self.meanwhile = departures, shown, meanwhile

    def send(self, write: object, *, known: frozenset[str] = frozenset()) -> Receipt:  # noqa: ARG002 - part of Helpdesk
        """Take a start."""
        self.departures.before_write()
        return Receipt(conversation=self.shown.id)

    def conversation(self, conversation: str) -> Conversation:
        """Return what was begun."""
        assert conversation == self.shown.id
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return self.shown


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A state file of its own."""
    found = states.create(tmp_path / "state.file.db", key=KEY)
    found.file.take_over("run-1")
    yield found
    found.close()


def test_a_start_is_not_adopted_by_a_pass_that_lists_it_meanwhile(make: Any, store: Store) -> None:
    """Its own thread waits for a turn to read it, and would find its part claimed: it would stand still."""
    clock = VirtualClock()
    opening = make.part(Side.DASHLY, 1, Message("ok"), opening=True)
    assert opening.author.kind is AuthorKind.CUSTOMER
    shown = replace(make.view(Side.DASHLY, opening), id="d9")
    row = store.pairs.listed(Side.INTERCOM, "i1", due=BEGIN, queue=Queue.SYNC)
    departures = Departures(store, clock)
    adopted: list[bool] = []

    def list_it() -> None:
        (intent,) = store.journal.open()
        adopted.append(protocol.adopt_start(intent, shown))

    helpdesks = {Side.DASHLY: cast("Helpdesk", Desk(departures, shown, list_it))}  # what the protocol uses
    protocol = Protocol(store, helpdesks, clock, departures, settle=120.0, run="run-1")
    write = StartConversation(Person("u1"), "ok")
    sent_at = opening.created - 1
    expected = Expected("", public=True, text_hash=text_hash("ok"), sent_at=sent_at, person="u1")
    job = Job(row, Side.DASHLY, Operation.START, "m:start", write, expected, ())

    made = protocol.perform(job)

    assert made is not None
    assert (made.part, adopted) == (opening.id, [False])
    assert store.journal.open() == []
