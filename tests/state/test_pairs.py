"""Conversation pairs and the list of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import CLOSED, Registers, Side, State, Status
from state.records import Disposition, LedgerRow, PairState, Queue
from tests.stores import BROKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
BIG = "1234567890123456789012"


def row_of(store: Store, side: Side, conversation: str) -> int:
    """Return the row of a conversation that has one."""
    pair = store.pairs.find(side, conversation)
    assert pair is not None
    return pair.row


def test_an_id_is_text_of_any_length(store: Store) -> None:
    """A Dashly id that no float can hold comes back digit for digit."""
    store.pairs.listed(D, BIG, due=1.0, queue=Queue.SYNC)

    found = store.pairs.find(D, BIG)

    assert found is not None
    assert found.ids == {D: BIG}
    assert (found.origin, found.mirror) == (D, IC)
    assert store.pairs.find(IC, BIG) is None


def test_listing_twice_keeps_one_row(store: Store) -> None:
    """A conversation has one row however often it is listed."""
    first = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)

    assert first == store.pairs.listed(D, "1", due=5.0, queue=Queue.SYNC)
    assert store.pairs.get(first).due == {D: 5.0}


@pytest.mark.parametrize(
    ("before", "again", "expected"),
    [
        (Queue.SYNC, Queue.BACKFILL, Queue.SYNC),
        (Queue.BACKFILL, Queue.SYNC, Queue.SYNC),
        (Queue.BACKFILL, Queue.BACKFILL, Queue.BACKFILL),
    ],
)
def test_what_a_sync_found_stays_with_the_sync(
    store: Store, before: Queue, again: Queue, expected: Queue
) -> None:
    """Live work is not taken for history because a backfill met it too."""
    row = store.pairs.listed(D, "1", due=1.0, queue=before)

    store.pairs.listed(D, "1", due=1.0, queue=again)

    assert expected == store.pairs.get(row).queue


def test_an_idle_conversation_may_go_to_the_backfill(store: Store) -> None:
    """Only work that is still due binds a conversation to the sync."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)
    store.pairs.set_due(row, {})

    store.pairs.listed(D, "1", due=2.0, queue=Queue.BACKFILL)

    assert store.pairs.get(row).queue is Queue.BACKFILL


def test_a_link_completes_a_pair(store: Store, linked: Callable[[str, str], int]) -> None:
    """A linked pair is found from both sides."""
    row = linked("1", "9")

    assert [row, row] == [pair.row for pair in (store.pairs.find(D, "1"), store.pairs.find(IC, "9")) if pair]
    assert store.pairs.get(row).linked


def test_a_link_takes_over_the_empty_row_of_the_same_conversation(store: Store) -> None:
    """A conversation that was listed on its own before its link was known ends in one pair."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)
    alone = store.pairs.listed(IC, "9", due=1.0, queue=Queue.SYNC)

    store.pairs.link(row, IC, "9", at=2.0, run="r")

    assert row == row_of(store, IC, "9")
    assert [row] == [r["id"] for r in store.file.read("SELECT id FROM conversations")]
    assert alone != row


def test_a_link_never_takes_over_a_conversation_with_parts(store: Store) -> None:
    """A row that the ledger refers to is somebody's pair: the link fails and changes nothing."""
    row = store.pairs.listed(D, "1", due=1.0, queue=Queue.SYNC)
    other = store.pairs.listed(IC, "9", due=1.0, queue=Queue.SYNC)
    store.ledger.put(other, [LedgerRow(IC, "p", "comment", 1.0, Disposition.COPIED)], None)

    with pytest.raises(BROKEN):
        store.pairs.link(row, IC, "9", at=2.0, run="r")

    assert not store.pairs.get(row).linked
    assert other == row_of(store, IC, "9")


def test_a_conversation_belongs_to_one_pair(store: Store, linked: Callable[[str, str], int]) -> None:
    """Pairing is one to one from both sides."""
    linked("1", "9")
    row = store.pairs.listed(D, "2", due=1.0, queue=Queue.SYNC)
    store.ledger.put(1, [LedgerRow(IC, "p", "comment", 1.0, Disposition.COPIED)], None)

    with pytest.raises(BROKEN):
        store.pairs.link(row, IC, "9", at=2.0, run="r")


def test_only_active_pairs_of_the_queue_that_are_due_are_given_out(store: Store) -> None:
    """What is not due yet, waits in another queue, or is quarantined or gone is not worked on."""
    rows = {
        name: store.pairs.listed(D, name, due=due, queue=queue)
        for name, due, queue in [
            ("now", 1.0, Queue.SYNC),
            ("later", 99.0, Queue.SYNC),
            ("history", 1.0, Queue.BACKFILL),
            ("poison", 1.0, Queue.SYNC),
            ("gone", 1.0, Queue.SYNC),
        ]
    }
    store.quarantine.put(rows["poison"], D, "", "bad", at=1.0)
    store.pairs.set_state(rows[PairState.GONE], PairState.GONE)

    assert [rows["now"]] == [
        pair.row for pair in store.pairs.due(Queue.SYNC, 5.0, linked=False, after=0, limit=10)
    ]
    assert store.pairs.next_due(Queue.SYNC, after=5.0) == 99.0
    assert store.pairs.count_due(Queue.SYNC) == 2


def test_work_is_given_out_in_batches_without_repeating(store: Store) -> None:
    """Going on after the last row meets every pair once."""
    rows = [store.pairs.listed(D, str(number), due=1.0, queue=Queue.SYNC) for number in range(5)]
    met: list[int] = []
    while batch := store.pairs.due(Queue.SYNC, 2.0, linked=False, after=met[-1] if met else 0, limit=2):
        met += [pair.row for pair in batch]

    assert rows == met


def test_nothing_due_has_no_next_time(store: Store) -> None:
    """Without work there is nothing to wait for."""
    assert store.pairs.next_due(Queue.SYNC, after=0.0) is None


def test_a_side_that_is_not_named_is_not_due(store: Store, linked: Callable[[str, str], int]) -> None:
    """Setting what is due replaces both sides."""
    row = linked("1", "9")

    store.pairs.set_due(row, {IC: 7.0})

    assert store.pairs.get(row).due == {IC: 7.0}


def test_registers_come_back_as_they_were_kept(store: Store, linked: Callable[[str, str], int]) -> None:
    """Every register survives the file, whatever its text."""
    row = linked("1", "9")
    kept = Registers(Status(State.SNOOZED, 12.5), "151204", "9001", frozenset({"Zoë", "b,c", '"'}))

    store.pairs.set_base(row, D, kept)
    store.pairs.set_base(row, IC, Registers(CLOSED))

    assert store.pairs.get(row).base == {D: kept, IC: Registers(CLOSED)}


def test_the_sweep_meets_the_pairs_that_wait_longest(store: Store, linked: Callable[[str, str], int]) -> None:
    """Only idle, linked, active pairs are swept, the longest unchecked first."""
    rows = [linked(str(number), f"9{number}") for number in range(4)]
    alone = store.pairs.listed(D, "alone", due=1.0, queue=Queue.SYNC)
    for at, row in enumerate([*rows, alone]):
        store.pairs.set_due(row, {})
        store.pairs.set_seen(row, D, "seen", 100.0 - at)
    store.pairs.set_due(rows[3], {D: 1.0})
    store.pairs.set_state(rows[2], PairState.GONE)

    assert [rows[1], rows[0]] == [pair.row for pair in store.pairs.longest_unchecked(5)]


def test_the_pairs_are_counted_by_what_became_of_them(
    store: Store, linked: Callable[[str, str], int]
) -> None:
    """Every row counts once."""
    linked("1", "9")
    store.pairs.listed(D, "2", due=1.0, queue=Queue.SYNC)
    store.pairs.set_state(linked("3", "8"), PairState.GONE)
    store.quarantine.put(linked("4", "7"), D, "", "bad", at=1.0)

    assert store.pairs.counts() == {"linked": 1, "unpaired": 1, "gone": 1, "quarantined": 1}


def test_the_tags_of_all_pairs(store: Store, linked: Callable[[str, str], int]) -> None:
    """Each tag of a side once, however it is spelled; not those of conversations that are gone."""
    tagged = [frozenset({"VIP", 'größe "1"'}), frozenset({"VIP", "vip"}), frozenset(), frozenset({"old"})]
    rows = [linked(f"d{number}", f"i{number}") for number in range(len(tagged))]
    for row, tags in zip(rows, tagged, strict=True):
        store.pairs.set_base(row, D, Registers(tags=tags))
    store.pairs.set_base(rows[0], IC, Registers(tags=frozenset({"theirs"})))
    store.pairs.set_state(rows[-1], PairState.GONE)
    store.pairs.listed(D, "unpaired", due=1.0, queue=Queue.SYNC)

    assert store.pairs.tags(D) == {"VIP", "vip", 'größe "1"'}
    assert store.pairs.tags(IC) == {"theirs"}


def test_what_a_limit_holds_keeps_its_number(store: Store) -> None:
    """It is held by its number, and a backfill that lists it does not let it go."""
    held = store.pairs.listed(D, "1", due=2.0, queue=Queue.BACKFILL)
    other = store.pairs.listed(D, "2", due=1.0, queue=Queue.BACKFILL)
    store.meta.set_held([("max_creates", 1, held)])

    store.pairs.number_anew(Queue.BACKFILL, due=5.0)

    assert row_of(store, D, "1") == held
    assert row_of(store, D, "2") > other


def test_due_rows_are_those_of_one_queue(store: Store) -> None:
    """Whenever they are due; a pair that is in step is none."""
    rows = [store.pairs.listed(D, str(number), due=9e9, queue=Queue.SYNC) for number in range(3)]
    store.pairs.listed(D, "9", due=1.0, queue=Queue.BACKFILL)
    store.pairs.set_due(rows[1], {})

    assert list(store.pairs.due_rows(Queue.SYNC)) == [rows[0], rows[2]]
