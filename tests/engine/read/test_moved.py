"""Parts that came from another conversation are known by what was done with them there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.read.moved import moved_rows
from mappings.model import Event, Message, Note, Side
from mappings.reading.intercom_parts import OPENING_PREFIX
from mappings.text import words_hash
from state.records import MOVED, OWN, Disposition, LedgerRow, Operation, Queue

if TYPE_CHECKING:
    from mappings.model import Part
    from state.store import Store

IC = Side.INTERCOM
AT = 1_799_999_940.0


def dealt_with(store: Store, conversation: str, *rows: LedgerRow) -> int:
    """Let parts be known in a conversation of Intercom, and return its row."""
    row = store.pairs.listed(IC, conversation, due=1.0, queue=Queue.SYNC)
    store.ledger.put(row, rows, None)
    return row


def known(number: str, words: Any = None, **more: Any) -> LedgerRow:
    """Return what became of a part."""
    given: dict[str, Any] = {"type": "comment", "created": AT, "disposition": Disposition.COPIED, **more}
    digest = None if words is None else words_hash(words)
    return LedgerRow(IC, number, text_hash=digest, **given)


def found(store: Store, make: Any, *parts: Part, linked: tuple[str, ...] = ("i2",)) -> dict[str, LedgerRow]:
    """Return what is found of the parts of a conversation that names another one."""
    row = store.pairs.listed(IC, "i1", due=1.0, queue=Queue.SYNC)
    return moved_rows(store, row, replace(make.view(IC, *parts), linked=linked), {})


def test_a_part_that_kept_its_id_is_not_copied_again(store: Store, make: Any) -> None:
    """It is dealt with, whatever it says by now; what is stuck there is not."""
    dealt_with(store, "i2", known("5"), known("6", disposition=Disposition.QUARANTINED))

    rows = found(store, make, make.part(IC, 5, Message("a")), make.part(IC, 6, Message("b")), linked=())

    assert {part: (row.disposition, row.reason) for part, row in rows.items()} == {
        "5": (Disposition.ABSORBED, MOVED)
    }


def test_an_opening_that_came_along_has_its_second(store: Store, make: Any) -> None:
    """Messages and parts are counted apart: an equal number in another second is another part."""
    dealt_with(store, "i2", known(f"{OPENING_PREFIX}5"), known(f"{OPENING_PREFIX}6", created=AT - 1))

    rows = found(store, make, make.part(IC, 5, Message("a")), make.part(IC, 6, Message("b")), linked=())

    assert set(rows) == {"5"}


def test_an_opening_always_belongs_to_its_conversation(store: Store, make: Any) -> None:
    """A mailing begins many of them by one message."""
    dealt_with(store, "i2", known("5"))

    assert found(store, make, make.part(IC, 5, Message("a"), opening=True)) == {}


def test_each_part_there_stands_for_one_here(store: Store, make: Any) -> None:
    """Two that say the same in one second are two: a third one is new."""
    words = Message("Hi")
    dealt_with(store, "i2", known("5", words), known("6", words))

    rows = found(store, make, *(make.part(IC, n, words) for n in (15, 16, 17)))

    assert set(rows) == {"15", "16"}


def test_a_conversation_that_is_not_named_says_nothing(store: Store, make: Any) -> None:
    """The same words in the same second elsewhere are somebody else's."""
    dealt_with(store, "i2", known("5", Message("Hi")))

    assert found(store, make, make.part(IC, 15, Message("Hi")), linked=("i3",)) == {}


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        (known("5", Message("Hi")), (Message("Hi"),), True),
        (known("5", Message("Hi")), (Message("Hello"),), False),
        (known("5", Message("Hi"), created=AT - 1), (Message("Hi"),), False),
        (known("5"), (Message("Hi"),), False),
        (known("5"), (Event("closed"),), True),
        (known("5", type="close"), (Event("closed"),), False),
        (known("5", Message("Hi")), (Event("closed"),), False),
        (known("5", type=Operation.NOTE, ours=True), (Note("Hi"),), True),
        (known("5", type=Operation.NOTE, ours=True), (Message("Hi"),), False),
        (known("5", type=Operation.MESSAGE, ours=True), (Message("Hi"),), True),
        (known("5", type=Operation.MESSAGE, ours=True), (Note("Hi"),), False),
        (known("5", type=Operation.MESSAGE, ours=True), (Event("closed"),), False),
        (known("5", type=Operation.MESSAGE, ours=True, created=AT - 1), (Message("Hi"),), False),
        (known("5", type=Operation.MESSAGE), (Message("Hi"),), False),
    ],
)
def test_a_part_with_a_new_id_is_known_by_what_it_is(
    store: Store, make: Any, before: LedgerRow, now: tuple[Any, ...], *, same: bool
) -> None:
    """Its second, and its words, or its type where it has none; a copy of ours by its form."""
    dealt_with(store, "i2", before)

    assert bool(found(store, make, make.part(IC, 15, *now))) is same


def test_equal_words_prove_more_than_the_second_of_a_copy(store: Store, make: Any) -> None:
    """What a person said is matched first; our copy gets what is left."""
    dealt_with(store, "i2", known("5", type=Operation.MESSAGE, ours=True), known("6", Message("b")))

    rows = found(store, make, make.part(IC, 15, Message("b")), make.part(IC, 16, Message("a")))

    assert {part: (row.ours, row.reason) for part, row in rows.items()} == {
        "15": (False, MOVED),
        "16": (True, OWN),
    }


def test_what_was_left_out_there_stays_left_out(store: Store, make: Any) -> None:
    """For the same reason."""
    dealt_with(store, "i2", known("5", disposition=Disposition.SKIPPED, reason="why"))

    (row,) = found(store, make, make.part(IC, 5, Message("a"))).values()

    assert (row.disposition, row.reason) == (Disposition.SKIPPED, "why")
