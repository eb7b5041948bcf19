"""What a limit holds, and when it goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.plan.notices import NoticeKind
from connector.engine.run.limits import LimitKey
from connector.engine.run.report import Report
from connector.engine.sync.holding import Holding, in_turn
from mappings.model import Side
from tests.clock import BEGIN

LATER = BEGIN + 60


def holding(store: Any, *, most: int = 2) -> Holding:
    """Return what the limits of a run hold."""
    limits: Any = SimpleNamespace(max_creates=most, max_removals=most)
    return Holding(store=store, limits=limits, report=Report("r", "sync", BEGIN))


def test_what_is_held_leaves_the_queue_and_is_told_every_time(store: Any, pair: Any) -> None:
    """It is an alarm once; the next run holds the same without one."""
    first = holding(store)
    first.hold([pair.row], LimitKey.CREATES)
    again = holding(store)
    again.hold([pair.row], LimitKey.CREATES)
    again.tell()

    assert store.pairs.get(pair.row).due == {}
    assert (first.report.limited, again.report.limited) == (True, False)
    assert again.holds(pair.row)
    assert [(one.kind, one.part, one.detail) for one in again.report.notices] == [
        (NoticeKind.HELD, "max_creates", "1")
    ]


@pytest.mark.parametrize(
    ("most", "accept", "goes_on"), [(2, False, False), (3, False, True), (2, True, True)]
)
def test_a_raised_limit_or_a_person_lets_it_go_on(
    store: Any, pair: Any, most: int, *, accept: bool, goes_on: bool
) -> None:
    """Both of its sides are read anew."""
    holding(store).hold([pair.row], LimitKey.CREATES)
    later = holding(store, most=most)

    later.release(LATER, accept=accept)

    assert store.pairs.get(pair.row).due == (dict.fromkeys(Side, LATER) if goes_on else {})
    assert later.holds(pair.row) is not goes_on
    assert holding(store).holds(pair.row) is not goes_on


def test_a_held_conversation_that_is_gone_is_held_no_more(store: Any, pair: Any) -> None:
    """Its row may have been joined with that of its mirror; the others are released all the same."""
    store.meta.set_held([(LimitKey.CREATES.value, 2, 99), (LimitKey.CREATES.value, 2, pair.row)])

    holding(store).release(LATER, accept=True)

    assert store.meta.held() == []
    assert set(store.pairs.get(pair.row).due.values()) == {LATER}


def test_a_held_conversation_that_is_listed_again_stays_off_the_queue(store: Any, pair: Any) -> None:
    """Its release reads all of it."""
    held = holding(store)
    held.hold([pair.row], LimitKey.CREATES)
    store.pairs.set_due(pair.row, {Side.DASHLY: BEGIN})

    held.put_off(pair.row)

    assert store.pairs.get(pair.row).due == {}


def test_the_first_of_each_customer_comes_before_the_second_of_any() -> None:
    """Whoever begins many makes nobody else wait."""
    assert in_turn({"a": [1, 2, 3], "b": [4], "c": [5, 6]}) == [1, 4, 5, 2, 6, 3]
