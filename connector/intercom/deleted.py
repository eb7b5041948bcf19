"""The list of deleted conversations: its order is not promised, so only one that is seen ends it early."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from connector.http.lists import Page
from connector.intercom.answers import has_next_number
from mappings.wire.values import read_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from connector.intercom.client import IntercomClient
    from mappings.model import Seconds

PAGE_SIZE = 60
MOST_PAGES = 100  # six thousand deletions; the sweep finds those that stand further down
_ASKED = "the list of deleted conversations"


def deleted_since(client: IntercomClient, since: Seconds) -> Iterator[str]:
    """Yield the ids of conversations deleted at or after ``since``.

    Older rows end the list where the newest deletions are seen to come first; else it is read on.
    """
    read: list[tuple[str, Seconds | None]] = []
    for number, found in enumerate(client.lists.pages(lambda cursor: _page(client, cursor)), start=1):
        rows = [(client.key(row, asked=_ASKED), read_moment(row.get("deleted_at"))) for row in found.rows]
        fresh = [key for key, at in rows if at is None or at >= since]
        yield from fresh
        read += rows
        if number >= MOST_PAGES or (len(fresh) < len(rows) and newest_first(read)):
            return


def newest_first(rows: Sequence[tuple[str, Seconds | None]]) -> bool:
    """Tell whether rows go by the time of their deletion; where the ids fall too, they may go by those."""
    times = [at for _, at in rows if at is not None]
    ids = [key for key, _ in rows]
    by_id = _falls(ids) or _falls([(len(key), key) for key in ids])
    return len(times) == len(rows) and _falls(times) and not by_id


def _page(client: IntercomClient, cursor: int | None) -> Page[int]:
    number = cursor or 1
    params = {"page": str(number), "per_page": str(PAGE_SIZE), "order": "desc"}
    body = client.call("GET", "/conversations/deleted", asked=_ASKED, params=params)
    more = has_next_number(body, number)
    return Page(client.listed(body, asked=_ASKED), number + 1 if more else None)


def _falls(values: Sequence[Any]) -> bool:
    return all(one >= other for one, other in pairwise(values))
