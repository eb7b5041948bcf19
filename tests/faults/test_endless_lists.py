"""Lists that never end: what they showed is carried, and what they did not show is not given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.http.lists import Lists, Page
from mappings.model import Side
from tests.faults.conversations import begin, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tests.faults.conftest import Theatre


@pytest.mark.parametrize("side", list(Side))
def test_a_list_that_goes_in_a_circle_moves_no_watermark(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch, side: Side
) -> None:
    """The run says so, carries what it saw, and the next one reads from the same moment on."""
    lab = theatre.bound(settings={"sync": {"sweep": 0}})
    begin(lab, side.value, "hello.")
    with lab.memory() as store:
        before = store.watermarks.get(side)
    pages = Lists.pages

    def circling(self: Lists, fetch: Callable[[Any], Page[Any]]) -> Iterator[Page[Any]]:
        first = fetch(None)
        return pages(self, lambda _cursor: Page(first.rows, "again"))

    monkeypatch.setattr(Lists, "pages", circling)
    ran = lab.sync()
    monkeypatch.setattr(Lists, "pages", pages)

    with lab.memory() as store:
        assert store.watermarks.get(side) == before
    assert told(lab, side.other.value, "hello.") == 1
    lab.until_clean(lab.sync)
    with lab.memory() as store:
        assert (store.watermarks.get(side) or 0) > (before or 0)
    assert ran.error is None
