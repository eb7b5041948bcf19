"""What a breaker counts, and how long it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import Side
from state.breaker import MOST_DOUBLINGS, QUIET

if TYPE_CHECKING:
    from collections.abc import Callable

    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
WINDOW = 600.0


@pytest.fixture
def row(linked: Callable[[str, str], int]) -> int:
    """A linked pair."""
    return linked("d1", "i1")


def test_each_copy_counts_as_answered_once(store: Store, row: int) -> None:
    """One that arrived inside of the span, on the side of the answer."""
    store.breaker.arrived(row, IC, 10.0, since=0.0)

    store.breaker.answered(row, D, 5.0, 15.0, now=15.0)
    store.breaker.answered(row, IC, 10.0, 15.0, now=15.0)
    store.breaker.answered(row, IC, 5.0, 10.0, now=15.0)
    assert store.breaker.count(row, 0.0) == 0
    for _ in range(2):
        store.breaker.answered(row, IC, 5.0, 15.0, now=15.0)

    assert (store.breaker.count(row, 14.0), store.breaker.count(row, 15.0)) == (1, 0)
    assert store.breaker.count(row + 1, 0.0) == 0


def test_a_second_write_for_one_source_counts_at_once(store: Store, row: int) -> None:
    """There is nothing to wait for."""
    store.breaker.refused(row, IC, now=10.0)
    store.breaker.refused(row, IC, now=11.0)

    assert store.breaker.count(row, 0.0) == 2


def test_it_holds_twice_as_long_each_time_up_to_its_longest(store: Store, row: int) -> None:
    """Every trip begins a new count."""
    now, held = 1000.0, []
    for _ in range(MOST_DOUBLINGS + 3):
        store.breaker.refused(row, IC, now=now)
        until = store.breaker.trip(row, now, WINDOW)
        held.append((until - now) / WINDOW)
        now = until
        assert store.breaker.count(row, 0.0) == 0

    assert held == [*(2.0**n for n in range(MOST_DOUBLINGS + 1)), *[2.0**MOST_DOUBLINGS] * 2]


@pytest.mark.parametrize(("pause", "times"), [(QUIET - 1, 2), (QUIET, 1)])
def test_a_quiet_day_makes_it_forget(store: Store, row: int, pause: float, times: int) -> None:
    """Whoever behaves for so long begins anew."""
    until = store.breaker.trip(row, 0.0, WINDOW)

    again = until + pause

    assert store.breaker.trip(row, again, WINDOW) - again == times * WINDOW
