"""The ledger and the journal of intents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.model import Author, AuthorKind, Loss, LossKind, Message, Part, Side
from state.counts.figures import Fate, Figures
from state.records import Disposition, Intent, LedgerRow, Operation, Queue, dump_rows, load_rows, row_of
from tests.stores import BROKEN

if TYPE_CHECKING:
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
SOURCE = LedgerRow(
    D,
    "5",
    "reply_user",
    3.0,
    Disposition.COPIED,
    losses=(Loss(LossKind.AUTHOR, "who"),),
    text_hash="ab" * 16,
    counterpart="c1",
)


@pytest.fixture
def row(store: Store) -> int:
    """A conversation to refer to."""
    return store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)


def intent(row: int, marker: str = "m", **changes: Any) -> Intent:
    """Return an intent about a conversation."""
    made = Intent(marker, row, IC, Operation.MESSAGE, "hash", "{}", "[]", sent_at=10.0, settle_at=130.0)
    return replace(made, **changes)


def test_a_part_has_one_row(store: Store, row: int) -> None:
    """Writing a part again changes its fate and adds nothing."""
    store.ledger.put(row, [SOURCE], "r1")
    store.ledger.put(row, [replace(SOURCE, disposition=Disposition.NOTE, counterpart=None)], "r2")

    assert store.ledger.of(row) == {D: {"5": replace(SOURCE, disposition=Disposition.NOTE)}, IC: {}}
    assert (store.ledger.count(row, D), store.ledger.count(row, IC)) == (1, 0)


def test_what_we_wrote_stays_ours(store: Store, row: int) -> None:
    """A row that is ours cannot become a person's part, so that it never echoes."""
    store.ledger.put(row, [replace(SOURCE, ours=True)], None)

    store.ledger.put(row, [replace(SOURCE, ours=False)], None)

    assert store.ledger.of(row)[D]["5"].ours


def test_the_same_id_on_both_sides_is_two_parts(store: Store, row: int) -> None:
    """Ids of the two sides never mix."""
    store.ledger.put(row, [SOURCE], None)

    assert (store.ledger.knows(D, "5"), store.ledger.knows(IC, "5")) == (True, False)


def test_an_unknown_disposition_cannot_be_stored(store: Store, row: int) -> None:
    """The file itself refuses a fate that the contract does not name."""
    store.ledger.put(row, [SOURCE], None)

    with pytest.raises(BROKEN), store.transaction() as db:
        db.execute("UPDATE parts SET disposition = 8")


def test_only_parts_of_people_are_counted(store: Store, row: int) -> None:
    """Our copies are no work that was done twice."""
    store.ledger.put(row, [SOURCE, replace(SOURCE, id="6"), replace(SOURCE, side=IC, ours=True)], None)

    assert store.ledger.counts() == {"copied": 2}


def test_a_part_becomes_a_row_with_its_losses() -> None:
    """Nothing that a translation lost is forgotten on the way to the ledger."""
    losses = (Loss(LossKind.BUTTONS, "Yes, No"),)
    part = Part(D, "5", "reply_user", 3.0, Author(AuthorKind.CUSTOMER), (Message("Hi"),), losses)

    expected = LedgerRow(D, "5", "reply_user", 3.0, Disposition.NOTE, "why", losses, text_hash="h")
    assert expected == row_of(part, Disposition.NOTE, "why", text_hash="h")


texts = st.text(max_size=20)
rows = st.builds(
    LedgerRow,
    side=st.sampled_from(Side),
    id=texts,
    type=texts,
    created=st.floats(0, 1e12),
    disposition=st.sampled_from(Disposition),
    reason=texts,
    losses=st.lists(st.builds(Loss, st.sampled_from(LossKind), texts), max_size=3).map(tuple),
    text_hash=st.none() | texts,
)


@given(st.lists(rows, max_size=5).map(tuple))
def test_what_an_intent_covers_comes_back_as_it_was(covers: tuple[LedgerRow, ...]) -> None:
    """Rows survive being kept as text in an intent."""
    assert covers == load_rows(dump_rows(covers))


def test_an_intent_is_open_until_it_is_known(store: Store, row: int) -> None:
    """An intent goes from sent to done and is then no longer looked for."""
    store.journal.begin(intent(row), "r1")
    opened = store.journal.open(row)

    store.journal.done("m", "c7")

    assert [intent(row)] == opened
    assert store.journal.open(row) == []
    assert intent(row, state="done", copy="c7") == store.journal.get("m")


def test_a_write_cannot_be_begun_twice(store: Store, row: int) -> None:
    """One marker stands for one write."""
    store.journal.begin(intent(row), "r1")

    with pytest.raises(BROKEN):
        store.journal.begin(intent(row), "r1")


def test_open_intents_come_oldest_first(store: Store, row: int) -> None:
    """They are settled in the order in which they were sent, each conversation by itself."""
    other = store.pairs.listed(D, "2", due=1.0, queue=Queue.SYNC)
    store.journal.begin(intent(row, "late", sent_at=20.0), None)
    store.journal.begin(intent(row, "early", sent_at=10.0), None)
    store.journal.begin(intent(other, "other", sent_at=15.0), None)

    assert [found.marker for found in store.journal.open(row)] == ["early", "late"]
    assert [found.marker for found in store.journal.open()] == ["early", "other", "late"]


def test_finished_intents_are_forgotten_with_their_plan(store: Store, row: int) -> None:
    """Clearing a conversation keeps what is still unclear and what belongs to others."""
    other = store.pairs.listed(D, "2", due=1.0, queue=Queue.SYNC)
    for marker, conversation in [("done", row), ("open", row), ("other", other)]:
        store.journal.begin(intent(conversation, marker), None)
    for marker in ("done", "other"):
        store.journal.done(marker, "c")

    store.journal.clear_done(row)

    assert tuple(
        getattr(store.journal.get(marker), "state", None) for marker in ("done", "open", "other")
    ) == (None, "sent", "done")


def test_a_dropped_intent_is_forgotten(store: Store, row: int) -> None:
    """A write that surely was not applied may be begun again."""
    store.journal.begin(intent(row), None)

    store.journal.drop("m")
    store.journal.begin(intent(row, sent_at=99.0), None)

    assert [found.sent_at for found in store.journal.open()] == [99.0]


def test_an_intent_needs_its_conversation(store: Store) -> None:
    """No intent stands for a conversation that nobody knows."""
    with pytest.raises(BROKEN):
        store.journal.begin(intent(99), None)


def test_what_became_of_parts_is_counted_by_type(store: Store, row: int) -> None:
    """What people made, in the order of its words; copies of ours are not theirs."""
    store.ledger.put(row, [SOURCE, replace(SOURCE, id="6"), replace(SOURCE, id="7", ours=True)], "r")
    store.ledger.put(row, [replace(SOURCE, id="8", type="note", disposition=Disposition.NOTE)], "r")

    assert Figures(store.file).fates() == (
        Fate(D, "note", Disposition.NOTE, 1),
        Fate(D, "reply_user", Disposition.COPIED, 2),
    )
    assert Figures(store.file).losses() == {LossKind.AUTHOR: 4}


def test_what_was_passed_over_is_forgotten_by_its_reason_and_its_side(store: Store, row: int) -> None:
    """Anything else that was left out stays so."""
    skipped = replace(SOURCE, disposition=Disposition.SKIPPED, counterpart=None, losses=())
    store.ledger.put(row, [replace(skipped, id="1", reason="one way")], None)
    store.ledger.put(row, [replace(skipped, id="2", reason="by hand")], None)
    store.ledger.put(row, [replace(skipped, id="3", side=IC, reason="one way")], None)

    assert store.ledger.forget_skipped(D, "one way") == [row]
    assert {one: set(rows) for one, rows in store.ledger.of(row).items()} == {D: {"2"}, IC: {"3"}}


def test_a_removal_that_was_passed_over_is_taken_up_again(store: Store, row: int) -> None:
    """Only where its reason says so: a part that was treated stays a tombstone."""
    store.ledger.put(row, [replace(SOURCE, removed=True, text_hash=None, reason="one way")], None)
    store.ledger.put(row, [replace(SOURCE, id="6", removed=True, text_hash=None, counterpart="c2")], None)

    assert store.ledger.take_up_removals(D, "one way") == [row]
    rows = store.ledger.of(row)[D]
    assert (rows["5"].removed, rows["6"].removed) == (False, True)
