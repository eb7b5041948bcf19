"""The rows that a run met: how many, which, and how often each, in a byte a row."""

from __future__ import annotations

import tracemalloc

import pytest

from connector.engine.run.rows import MOST_TIMES, Rows


def test_rows_are_met_in_any_order_and_counted_once() -> None:
    """A row that was met again is still one row."""
    rows = Rows()

    assert [rows.add(row) for row in (7, 2, 7, 7)] == [1, 1, 2, 3]
    assert (len(rows), 7 in rows, 2 in rows, 3 in rows, 1000 in rows) == (2, True, True, False, False)


def test_a_discarded_row_was_never_met() -> None:
    """Also one that was not met, or lies behind all that were."""
    rows = Rows()
    rows.add(5)

    for row in (5, 5, 4, 900):
        rows.discard(row)

    assert (len(rows), 5 in rows, rows.add(5)) == (0, False, 1)


def test_a_count_ends_at_what_a_byte_holds() -> None:
    """More is never asked for, and nothing overflows."""
    rows = Rows()

    times = [rows.add(1) for _ in range(MOST_TIMES + 3)]

    assert (times[-1], len(rows)) == (MOST_TIMES, 1)


@pytest.mark.long
def test_a_row_takes_a_byte() -> None:
    """A set would take a hundred."""
    tracemalloc.start()
    rows = Rows()
    for row in range(100_000):
        rows.add(row)

    held, _most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(rows), held < 200_000) == (100_000, True)


def test_rows_that_two_met_are_counted() -> None:
    """However often each met them."""
    assert Rows.of([1, 5, 5, 9]).common_with(Rows.of([5, 9, 200])) == 2


def test_rows_are_kept_as_text_and_read_back() -> None:
    """The state file keeps them between two processes; anything else is refused."""
    rows = Rows()
    for row in (3, 70, 3):
        rows.add(row)

    back = Rows.parse(rows.dump())

    assert (len(back), 3 in back, 70 in back, 4 in back) == (2, True, True, False)
    with pytest.raises(ValueError, match=r"."):
        Rows.parse("no rows")
    with pytest.raises(ValueError, match=r"."):
        Rows.parse("bm8gcm93cw==")
