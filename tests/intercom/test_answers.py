"""Where a list goes on, by what a page says."""

from __future__ import annotations

from typing import Any

import pytest

from connector.intercom.answers import following, has_next_number


@pytest.mark.parametrize(
    ("pages", "cursor", "following_page"),
    [
        ({"next": {"starting_after": "x"}}, None, ("starting_after", "x")),
        ({"next": {"starting_after": "x"}, "total_pages": 9}, ("page", "2"), ("starting_after", "x")),
        ({"total_pages": 3}, None, ("page", "2")),
        ({"total_pages": 3}, ("page", "2"), ("page", "3")),
        ({"total_pages": 3}, ("page", "3"), None),
        ({"total_pages": 1}, None, None),
        ({"next": "https://api.intercom.io/contacts?page=2"}, None, ("page", "2")),
        ({"next": None}, ("page", "2"), None),
        ({}, None, None),
    ],
)
def test_a_page_names_the_next_one_by_a_cursor_or_a_number(
    pages: dict[str, Any], cursor: Any, following_page: Any
) -> None:
    """The cursor goes first; by numbers the first page is 1, and the count says which is the last."""
    assert following({"pages": pages}, cursor) == following_page


@pytest.mark.parametrize(("total", "more"), [(1, False), (2, False), (3, True)])
def test_the_count_of_pages_goes_before_what_a_page_names(total: int, *, more: bool) -> None:
    """A list that names a next page for ever ends all the same."""
    assert has_next_number({"pages": {"total_pages": total, "next": "more"}}, 2) is more
