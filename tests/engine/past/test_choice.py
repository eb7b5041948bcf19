"""Which past conversations are carried, in which order, and what cannot be chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.engine.past.choice import Choice, Order, refuse_contradictions, refuse_unread
from connector.errors import ConfigError
from connector.helpdesk.query import HistoryQuery
from mappings.model import CLOSED, OPEN, Registers, Side

D, IC = Side.DASHLY, Side.INTERCOM
NOW = 1000.0


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(D), True),
        (Choice(IC), True),
        (Choice(D, order=Order.NEWEST), True),
        (Choice(IC, order=Order.NEWEST), False),
        (Choice(D, order=Order.OLDEST), False),
        (Choice(D, ids=("1",)), False),
        (Choice(D, sample=3), False),
        (Choice(D, sample=0), False),
    ],
    ids=lambda value: str(value) if isinstance(value, bool) else "",
)
def test_only_a_list_that_comes_in_order_need_not_be_sorted(choice: Choice, *, expected: bool) -> None:
    """Closed ones are asked for first; Dashly promises the newest first, Intercom nothing."""
    assert choice.comes_in_order is expected


def test_conversations_are_ranked_as_was_asked(make: Any) -> None:
    """By their last change either way, or what is closed before what moves still, each as it was listed."""
    old = replace(make.view(D, registers=Registers(OPEN)), updated=5.0)
    new = replace(make.view(D, registers=Registers(CLOSED)), updated=9.0)

    def ranked(order: Order) -> list[float]:
        rows = enumerate((old, new, old, new))
        return [
            row.updated
            for position, row in sorted(rows, key=lambda one: Choice(D, order=order).rank(one[1], one[0]))
        ]

    assert ranked(Order.OLDEST) == [5.0, 5.0, 9.0, 9.0]
    assert ranked(Order.NEWEST) == [9.0, 9.0, 5.0, 5.0]
    assert ranked(Order.CLOSED_FIRST) == [9.0, 9.0, 5.0, 5.0]
    closed_first = Choice(D)
    assert closed_first.rank(new, 1) < closed_first.rank(new, 3) < closed_first.rank(old, 0)


def query(**given: Any) -> Choice:
    """Return a choice by filters."""
    return Choice(D, HistoryQuery(**given))


@pytest.mark.parametrize(
    ("choice", "problem"),
    [
        (query(since=5.0, until=4.0), "--since is after --until"),
        (query(since=NOW + 1), "in the future"),
        (Choice(D, HistoryQuery(tag="vip"), ids=("1",)), "--tag chooses them"),
        (Choice(D, HistoryQuery(team="7"), ids=("1",)), "--channel chooses them"),
        (Choice(D, ids=("1",), sample=3), "--sample chooses them"),
        (Choice(D, sample=3, limit=3), "--limit too"),
        (query(tag=" "), "--tag is empty"),
        (query(assignee=" "), "--assignee is empty"),
        (query(team=" "), "--channel is empty"),
        (query(assignee="Nora"), "Nora is not"),
        (query(team="\u0661"), "takes an id"),
        (Choice(D, folder=Path("files")), "--source is missing"),
        (Choice(D, ids=("1", " ")), "--id is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_match_nothing_is_refused(choice: Choice, problem: str) -> None:
    """Before anything is read, in a sentence about the option."""
    with pytest.raises(ConfigError, match=problem) as refused:
        refuse_contradictions(choice, NOW)

    assert refused.value.hint


@pytest.mark.parametrize(
    "choice",
    [
        Choice(D),
        query(since=4.0, until=4.0),
        query(since=NOW),
        query(tag="vip", assignee="1", team="7"),
        Choice(D, ids=("1",), limit=3),
        Choice(D, sample=3),
        Choice(D, file=Path("export"), folder=Path("files")),
    ],
)
def test_what_can_match_something_is_not_refused(choice: Choice) -> None:
    """Bounds belong to what they bound."""
    refuse_contradictions(choice, NOW)


def test_a_side_that_is_not_copied_has_no_past_either() -> None:
    """The other one is named."""
    refuse_unread(Choice(D), frozenset({D}))

    with pytest.raises(ConfigError, match="nothing is copied from Dashly") as refused:
        refuse_unread(Choice(D), frozenset({IC}))
    assert refused.value.hint == "connector backfill --from intercom"
