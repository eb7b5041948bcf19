"""The order of parts inside a conversation."""

from __future__ import annotations

import pytest

from mappings.model import Author, AuthorKind, Part, Side


def part(name: str, *, opening: bool = False, created: float = 5.0) -> Part:
    """Return a part without words."""
    return Part(
        Side.INTERCOM, name, "comment", created, Author(AuthorKind.CUSTOMER, "1"), (), opening=opening
    )


@pytest.mark.parametrize(
    "ordered",
    [
        [part("source:90", opening=True), part("1")],
        [part("part"), part("1")],
        [part("9"), part("10")],
        [part("10", created=4.0), part("9")],
    ],
    ids=["the opening", "no number", "by number", "by time"],
)
def test_parts_of_one_second_stand_in_the_order_in_which_they_were_made(ordered: list[Part]) -> None:
    """The opening first, then as the numbers in their ids count up; another second says more than both."""
    assert sorted({*ordered}, key=lambda one: one.order) == ordered
