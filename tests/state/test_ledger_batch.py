"""Rows of one conversation that are written together become as few stored rows as can hold them."""

from __future__ import annotations

from dataclasses import replace

from mappings.model import Loss, LossKind, Side
from state.ledger_batch import Batch, Stored
from state.records import OWN, Disposition, LedgerRow

D, IC = Side.DASHLY, Side.INTERCOM
PART = LedgerRow(D, "p", "reply_user", 3.0, Disposition.COPIED, counterpart="c", text_hash="ab")
COPY = LedgerRow(IC, "c", "message", 4.0, Disposition.ABSORBED, OWN, ours=True, counterpart="p")
TOGETHER = Stored(PART, 1, COPY, 2)


def saved(batch: Batch) -> set[Stored]:
    """Return what has to be saved."""
    return set(batch.changed)


def test_a_new_part_and_its_copy_are_one_stored_row() -> None:
    """Both are new, and the copy has its place in the row of its part, with its own run."""
    batch = Batch([])

    assert (batch.put(PART, 1), batch.put(COPY, 2)) == (True, True)
    assert saved(batch) == {TOGETHER}


def test_nothing_is_saved_that_nobody_wrote() -> None:
    """What was loaded only to look at stays as it is."""
    other = Stored(replace(PART, id="q", counterpart=None), 1)
    batch = Batch([TOGETHER, other])

    assert saved(batch) == set()
    assert not batch.put(replace(PART, reason="why"), 9)
    assert saved(batch) == {replace(TOGETHER, row=replace(PART, reason="why"))}


def test_a_second_copy_is_stored_separately() -> None:
    """A part has one first copy: a later piece of it has a row of its own."""
    piece = replace(COPY, id="c2")
    batch = Batch([TOGETHER])

    assert batch.put(piece, 3)
    assert saved(batch) == {Stored(piece, 3)}


def test_a_copy_with_more_to_say_moves_out() -> None:
    """A loss has no place beside the part: the copy gets its own row and keeps its run, the part stays."""
    loss = (Loss(LossKind.AUTHOR, "who"),)
    batch = Batch([TOGETHER])

    assert not batch.put(replace(COPY, losses=loss), 9)
    assert saved(batch) == {Stored(PART, 1), Stored(replace(COPY, losses=loss), 2)}
    assert not batch.put(COPY, 9)
    assert saved(batch) == {Stored(PART, 1), Stored(COPY, 2)}


def test_a_copy_that_is_in_the_row_of_its_part_may_be_removed_there() -> None:
    """That is known of a copy without a row of its own."""
    batch = Batch([TOGETHER])

    assert not batch.put(replace(COPY, removed=True), 9)
    assert saved(batch) == {replace(TOGETHER, copy=replace(COPY, removed=True))}


def test_a_part_that_points_elsewhere_lets_its_copy_out() -> None:
    """Its first copy is another one from now on: the old one keeps what it was, in a row of its own."""
    batch = Batch([TOGETHER])

    assert not batch.put(replace(PART, counterpart="d"), 9)
    assert saved(batch) == {Stored(replace(PART, counterpart="d"), 1), Stored(COPY, 2)}


def test_what_was_removed_stays_removed_without_a_hash() -> None:
    """A later row cannot bring words back; of an empty type and no counterpart the known ones stay."""
    gone = replace(PART, removed=True, text_hash=None)
    batch = Batch([Stored(gone, 1)])

    assert not batch.put(replace(PART, type="", counterpart=None, removed=False, created=9.0), 2)
    assert saved(batch) == {Stored(gone, 1)}


def test_ours_stays_ours() -> None:
    """What the connector wrote is never carried back, whatever is written of it later."""
    batch = Batch([Stored(COPY, 1)])

    assert not batch.put(replace(COPY, ours=False, reason="", disposition=Disposition.SKIPPED), 2)
    (stored,) = batch.changed
    assert (stored.row.ours, stored.row.disposition, stored.row.reason) == (True, Disposition.SKIPPED, "")


def test_a_copy_whose_part_does_not_point_back_is_stored_separately() -> None:
    """Also one of nobody, and a person's part that only claims to be a copy."""
    for row in (replace(COPY, id="x"), replace(COPY, counterpart=None), replace(COPY, ours=False)):
        batch = Batch([Stored(PART, 1)])

        assert batch.put(row, 3)
        assert saved(batch) == {Stored(row, 3)}
