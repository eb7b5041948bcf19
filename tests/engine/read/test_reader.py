"""What is read of a conversation, and what is not read a second time."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.read.reader import Reader
from connector.errors import Rejected
from mappings.model import Customer, Message, Registers, Side
from mappings.roles import Ours
from state.records import Queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from mappings.model import Conversation
    from state.records import Pair
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM


class Desk:
    """A side with one conversation, which remembers how it was asked for it."""

    def __init__(self, view: Conversation) -> None:
        self.view, self.asked = view, list[dict[str, Any]]()
        self.capabilities = SimpleNamespace(searched=True)
        self.refuses = False

    def conversation(self, conversation: str, **how: Any) -> Conversation:
        """Return the conversation, or refuse it."""
        if self.refuses:
            raise Rejected("no", status=404, code="not_found")
        assert conversation == self.view.id
        self.asked.append(how)
        return self.view

    def now(self) -> float:
        """Return the time of this side."""
        return self.view.updated

    def find_customer(self, *_ids: str) -> None:
        """Know nobody."""


@pytest.fixture
def desks(make: Any) -> dict[Side, Desk]:
    """Both sides, each with a message that the other does not have."""
    return {
        side: Desk(make.view(side, make.part(side, 7, Message("Hi")), registers=Registers(assignee="1")))
        for side in Side
    }


@pytest.fixture
def reader(store: Store, desks: dict[Side, Desk]) -> Reader:
    """A reader of both."""
    helpdesks: Any = desks
    return Reader(store=store, helpdesks=helpdesks, names={side: {} for side in Side})


@pytest.fixture
def begun(store: Store) -> Callable[..., Pair]:
    """Return a function that makes a pair that began on Dashly, with a mirror or without."""

    def run(*, linked: bool) -> Pair:
        row = store.pairs.listed(D, "d1", due=1.0, queue=Queue.SYNC)
        if linked:
            store.pairs.link(row, IC, "i1", at=2.0, run="r")
        return store.pairs.get(row)

    return run


def test_a_side_that_was_read_is_not_read_again(reader: Reader, desks: Any, begun: Any) -> None:
    """The closer look asks for the other side alone."""
    pair = begun(linked=True)
    first = reader.observe(pair, [D])

    both = reader.observe(pair, Side, before=first)

    assert (set(first.views), set(both.views)) == ({D}, {D, IC})
    assert [len(desks[side].asked) for side in Side] == [1, 1]


def test_a_side_without_the_conversation_is_not_asked(reader: Reader, desks: Any, begun: Any) -> None:
    """A conversation that has no mirror yet is read where it is."""
    found = reader.observe(begun(linked=False), Side)

    assert set(found.views) == {D}
    assert [len(desks[side].asked) for side in Side] == [1, 0]


def test_what_a_list_showed_is_read_from_it_once(reader: Reader, desks: Any, begun: Any) -> None:
    """Intercom's list shows no parts; the second reading of either side asks for it."""
    pair = begun(linked=True)
    reader.expect(desks[D].view)

    listed, read = (reader.observe(pair, Side) for _ in range(2))

    assert (listed.listed, read.listed) == (frozenset({D}), frozenset())
    assert [how["fresh"] for how in desks[D].asked] == [False, True]


def test_a_whole_reading_leaves_nothing_out(reader: Reader, desks: Any, begun: Any) -> None:
    """Whatever the ledger knows of it, and though a list showed it."""
    reader.expect(desks[D].view)

    found = reader.observe(begun(linked=True), [D], whole=True)

    assert desks[D].asked == [{}]
    assert found.listed == frozenset()


def test_the_first_look_at_a_mirror_is_what_the_sides_agreed_on(
    reader: Reader, store: Store, begun: Any
) -> None:
    """Not the side where it began: what is set there has still to be carried."""
    pair = begun(linked=True)

    reader.observe(pair, Side)

    assert store.pairs.get(pair.row).base == {IC: Registers(assignee="1")}


def test_nothing_is_agreed_before_there_is_a_mirror(reader: Reader, store: Store, begun: Any) -> None:
    """Only one side has shown anything."""
    pair = begun(linked=False)

    reader.observe(pair, Side)

    assert store.pairs.get(pair.row).base == {}


def test_a_look_leaves_the_state_as_it_is(reader: Reader, store: Store, begun: Any) -> None:
    """`plan` and `verify` remember nobody and agree on nothing."""
    pair = begun(linked=True)

    replace(reader, remember=False).observe(pair, Side)

    assert store.pairs.get(pair.row).base == {}
    assert store.people.counterpart(D, "u1") is None
    assert store.ledger.tally.waiting == set()


@pytest.mark.parametrize(("refuses", "shown"), [(False, True), (True, False)])
def test_who_opened_is_asked_only_of_a_shadow_users_conversation(
    reader: Reader, desks: Any, make: Any, *, refuses: bool, shown: bool
) -> None:
    """Where that cannot be read the row of the list has to do."""
    desks[D].view = make.view(D, make.part(D, 7, Message("Hi"), opening=True))
    desks[D].refuses = refuses
    theirs = replace(make.view(D), deleted=False)
    shadows = replace(theirs, customer=Customer("u1", ours=Ours.SHADOW))

    assert (reader.opened(shadows).opening is not None) is shown
    assert reader.opened(theirs) is theirs
    assert reader.opened(replace(shadows, deleted=True)).opening is None
    assert len(desks[D].asked) == int(shown)


def test_teammates_are_remembered_by_the_name_that_they_show(
    reader: Reader, store: Store, make: Any, begun: Any, desks: Any
) -> None:
    """One without a name has none; a customer is no teammate."""
    parts = (
        make.part(D, 1, Message("a"), opening=True),
        make.part(D, 2, Message("b"), by=make.agent),
        make.part(D, 3, Message("c"), by=replace(make.agent, id="5", name=None)),
    )
    desks[D].view = make.view(D, *parts)

    reader.observe(begun(linked=False), [D])

    assert {one.id: one.name for one in store.people.agents(D)} == {"1": "Anna", "5": ""}
