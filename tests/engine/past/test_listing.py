"""Reading what a backfill was asked for from its side."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from connector.engine.past.choice import Choice, Order
from connector.engine.past.listing import NAMED, chosen, first
from connector.errors import ConfigError, Gone, Rejected
from connector.helpdesk.query import HistoryQuery
from mappings.model import CLOSED, Registers, Side

D, IC = Side.DASHLY, Side.INTERCOM
GONE = Gone("Not found.", status=404, code="not_found")


def helpdesk(*refusals: Rejected) -> Any:
    """Return a side that refuses the conversations that it is asked for, one after the other."""
    left = iter(refusals)

    def conversation(_id: str) -> None:
        raise next(left)

    return SimpleNamespace(side=Side.INTERCOM, conversation=conversation)


def test_an_id_that_cannot_be_one_is_unknown() -> None:
    """Some sides say that it does not exist, others that it looks wrong."""
    refusals = (
        Gone("Not found.", status=404, code="not_found"),
        Rejected("Not an id.", status=400, code="parameter_invalid"),
    )
    choice = Choice(Side.INTERCOM, ids=("5", "x"))

    with pytest.raises(ConfigError, match="has no conversation 5, x; nothing was written"):
        list(chosen(helpdesk(*refusals), choice, lambda _id: False))


def test_only_the_first_of_many_unknown_ids_are_named() -> None:
    """The rest is counted, each id once; what is known and gone since is the sync's business."""
    ids = [str(number) for number in range(NAMED + 2)]
    choice = Choice(IC, ids=("gone", *ids, *ids))

    with pytest.raises(ConfigError, match="0, 1, 2, 3, 4 and 2 more; nothing"):
        list(chosen(helpdesk(*[GONE] * 8), choice, lambda one: one == "gone"))


class Desk:
    """A side with lists, which remembers how it was asked."""

    def __init__(self, side: Side = IC, *, hides_tags: bool = False) -> None:
        self.side = side
        self.lists_refused = frozenset({"tags"} if hides_tags else ())
        self.asked: list[bool | None] = []
        self.known = ["7"]

    def history(self, query: Any) -> list[Any]:
        """Return the conversations of a query, which tells of closed or open ones."""
        self.asked.append(query.closed)
        return [f"closed {query.closed}"]

    def teams(self) -> list[Any]:
        """Return the teams."""
        return [SimpleNamespace(id=one) for one in self.known]

    agents = teams

    def tags(self) -> list[str]:
        """Return the tags."""
        return ["VIP client"]


@pytest.mark.parametrize(
    ("choice", "asked"),
    [
        (Choice(D), [None]),
        (Choice(D, limit=3), [True, False]),
        (Choice(D, limit=3, order=Order.NEWEST), [None]),
        (Choice(D, HistoryQuery(status="open"), limit=3), [None]),  # type: ignore[arg-type]
    ],
    ids=["all", "a few", "newest", "by status"],
)
def test_a_few_of_many_are_asked_for_closed_ones_first(choice: Choice, asked: list[bool | None]) -> None:
    """A second list costs less than reading the first to its end."""
    desk: Any = Desk(D)

    found: list[Any] = list(chosen(desk, choice, lambda _id: False))

    assert (desk.asked, found) == (asked, [f"closed {one}" for one in asked])


@pytest.mark.parametrize(
    ("side", "query", "problem"),
    [
        (D, {"team": "8"}, "Dashly has no channel 8"),
        (IC, {"team": "8"}, "Intercom has no team 8"),
        (IC, {"assignee": "8"}, "Intercom has no teammate 8"),
        (IC, {"tag": "vop"}, "Intercom has no tag 'vop'"),
    ],
)
def test_what_a_side_does_not_have_is_refused(side: Side, query: dict[str, str], problem: str) -> None:
    """A typing error would match nothing."""
    desk: Any = Desk(side)

    with pytest.raises(ConfigError, match=problem):
        list(chosen(desk, Choice(side, HistoryQuery(**query)), lambda _id: False))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("desk", "query"),
    [
        (Desk(D), {"team": "7"}),
        (Desk(D), {"assignee": "8"}),
        (Desk(D), {"tag": "vop"}),
        (Desk(), {"team": "7", "assignee": "7", "tag": "vip CLIENT"}),
        (Desk(hides_tags=True), {"tag": "vop"}),
    ],
)
def test_what_a_side_may_have_is_asked_for(desk: Any, query: dict[str, str]) -> None:
    """Dashly lists neither its tags nor everybody, and a list may be hidden from a token."""
    assert list(chosen(desk, Choice(desk.side, HistoryQuery(**query)), lambda _id: False)) != []  # type: ignore[arg-type]


def test_a_list_that_is_empty_says_nothing() -> None:
    """The token may not see who works there."""
    desk: Any = Desk()
    desk.known = []

    for query in (HistoryQuery(team="8"), HistoryQuery(assignee="8")):
        assert list(chosen(desk, Choice(IC, query), lambda _id: False)) != []


def test_those_that_come_first_are_taken(make: Any) -> None:
    """By the order that was asked for, where the list does not bring it."""
    rows = [replace(make.view(IC, registers=Registers(CLOSED)), updated=at) for at in (3.0, 9.0, 5.0)]

    def taken(choice: Choice) -> list[float]:
        return [row.updated for row, _ in first(choice, iter([(row, None) for row in rows]))]

    assert taken(Choice(IC, limit=2)) == [3.0, 9.0]
    assert taken(Choice(IC, order=Order.NEWEST)) == [3.0, 9.0, 5.0]
    assert taken(Choice(IC, order=Order.NEWEST, limit=2)) == [9.0, 5.0]
    assert taken(Choice(IC, order=Order.OLDEST, limit=2)) == [3.0, 5.0]
