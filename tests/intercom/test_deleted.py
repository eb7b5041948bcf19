"""The list of deleted conversations: which order may end it before it is read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.intercom.deleted import MOST_PAGES, newest_first

if TYPE_CHECKING:
    from connector.intercom.helpdesk import IntercomHelpdesk
    from tests.scripted import Remote

LIST = "GET /conversations/deleted"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("7", 30.0), ("9", 20.0), ("8", 10.0)], True),
        ([("9", 30.0), ("8", 20.0), ("7", 10.0)], False),
        ([("11", 30.0), ("10", 20.0), ("9", 10.0)], False),
        ([("9", 30.0), ("11", 20.0), ("10", 10.0)], False),
        ([("9", 10.0), ("8", 30.0), ("7", 20.0)], False),
        ([("7", 10.0), ("9", 20.0), ("8", 30.0)], False),
        ([("7", 30.0), ("9", None), ("8", 10.0)], False),
    ],
)
def test_only_an_order_that_no_id_explains_is_one_of_time(
    rows: list[tuple[str, float | None]], *, told: bool
) -> None:
    """Ids that fall, as numbers or as words, may bring falling times by chance."""
    assert newest_first(rows) is told


def test_the_reading_of_a_list_without_an_order_is_bounded(
    intercom: IntercomHelpdesk, remote: Remote
) -> None:
    """However long it is: the sweep finds what stands further down."""
    for number in range(MOST_PAGES + 5):
        row = {"id": str(9_000 - number), "deleted_at": 5}
        remote.on(LIST, {"conversations": [row], "pages": {"next": "https://api.test/more"}})

    assert list(intercom.deleted_since(1_000)) == []
    assert len(remote.requests) == MOST_PAGES
    assert intercom.lists_cut == 0
