"""A sample shows as many kinds of conversations as it has room for."""

from __future__ import annotations

from dataclasses import replace

from connector.engine.past.spread import spread
from mappings.model import CLOSED, Conversation, Registers, Side

PLAIN = Conversation(Side.DASHLY, "1", 0.0, 0.0, Registers(), None, parts_count=3)
CLOSED_ONE = replace(PLAIN, registers=Registers(CLOSED))
LONG_AND_TAGGED = replace(PLAIN, registers=Registers(tags=frozenset({"vip"})), parts_count=300)


def listed(*kinds: Conversation) -> list[Conversation]:
    """Give each conversation an id."""
    return [replace(kind, id=str(number)) for number, kind in enumerate(kinds, 10)]


def ids(found: object) -> list[str]:
    """Return the ids of conversations."""
    return [one.id for one in found]  # type: ignore[attr-defined]


def test_the_rare_is_not_lost_among_the_many() -> None:
    """One closed, one long and tagged, and forty alike: a sample of three shows each kind."""
    rows = listed(*[PLAIN] * 40, CLOSED_ONE, LONG_AND_TAGGED)

    assert set(ids(spread(rows, 3))) == {"10", "50", "51"}


def test_the_same_sample_is_found_in_another_order() -> None:
    """A list that moved while people worked gives the same conversations."""
    rows = listed(PLAIN, CLOSED_ONE, PLAIN, LONG_AND_TAGGED, PLAIN)

    assert ids(spread(rows, 4)) == ids(spread(reversed(rows), 4))


def test_a_sample_is_never_larger_than_the_list_or_the_number() -> None:
    """No conversation twice, and no end by running out."""
    rows = listed(PLAIN, PLAIN, CLOSED_ONE)

    assert sorted(ids(spread(rows, 10))) == ["10", "11", "12"]
    assert len(ids(spread(rows, 2))) == 2
    assert ids(spread([], 2)) == []
