"""Every list of both sides: on while pages bring new ids, and no longer."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr

from connector.helpdesk.port import Person
from connector.helpdesk.query import HistoryQuery
from connector.http.lists import MOST_BARREN
from connector.http.pace import MemoryRequestLog
from connector.wiring import Wiring, open_dashly, open_intercom
from mappings.model import Customer
from tests.scripted import configuration

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.dashly.helpdesk import DashlyHelpdesk
    from connector.intercom.helpdesk import IntercomHelpdesk
    from tests.clock import VirtualClock

Rows = list[list[int]]

PEOPLE = {"contacts": {"contacts": [{"id": "c1"}]}}


class Pages:
    """A remote whose every list has these pages, by ids; ``cursors`` name the page after each."""

    def __init__(self, pages: Callable[[int], list[int] | None], cursor: Callable[[int], int]) -> None:
        self.asked: list[int] = []
        self._pages = pages
        self._cursor = cursor

    def serve(self, request: httpx.Request) -> httpx.Response:
        """Answer with the page that is asked for, or with the one thing that is not a list."""
        number = _number(request)
        if number is None:
            return _answer({"type": "conversation", "id": "77", "parts_count": 9, "last_update": 9}, request)
        self.asked.append(number)
        ids = self._pages(number) or []
        following = self._cursor(number + 1) if self._pages(number + 1) is not None else None
        return _answer([_row(found) for found in ids], request, following)


def _number(request: httpx.Request) -> int | None:
    path = request.url.path
    if path == "/v2/conversations/77":
        return None
    if request.method == "POST":
        return int(json.loads(request.content)["pagination"].get("starting_after", 1))
    params = request.url.params
    position = params.get("paginate_position")
    return json.loads(position)[0] if position else int(params.get("page") or params.get("starting_after", 1))


def _row(number: int) -> dict[str, Any]:
    found = {"id": str(number), "created": number, "type": "reply_user", "body": "x", "name": f"n{number}"}
    times = {"last_update": 9, "updated_at": 9, "created_at": 9, "deleted_at": 9}
    return {
        **found,
        **times,
        **PEOPLE,
        "external_id": "ext",
        "role": "user",
        "operators": [{"id": str(number)}],
    }


def _answer(data: Any, request: httpx.Request, following: int | None = None) -> httpx.Response:
    if request.url.path.startswith("/v2/"):
        position = {} if following is None else {"next_before_position": [following]}
        return httpx.Response(200, json={"meta": {"status": 200, **position}, "data": data})
    if request.method == "POST" or request.url.path in {"/admins", "/teams", "/tags"}:
        named = {"starting_after": str(following)}
        pages: dict[str, Any] = {"next": None if following is None else named}
    else:
        pages = {"next": None if following is None else "https://x.test/next"}
    keys = ("conversations", "admins", "teams", "tags", "data")
    return httpx.Response(200, json={"pages": pages, **dict.fromkeys(keys, data)})


def dashly(remote: Pages, clock: VirtualClock) -> DashlyHelpdesk:
    """Return a Dashly desk without a limit that matters."""
    wiring = Wiring(clock, transport=httpx.MockTransport(remote.serve))
    return open_dashly(configuration(), SecretStr("t"), MemoryRequestLog(), wiring)


def intercom(remote: Pages, clock: VirtualClock, version: str = "2.16") -> IntercomHelpdesk:
    """Return an Intercom desk."""
    wiring = Wiring(clock, transport=httpx.MockTransport(remote.serve))
    return open_intercom(configuration(api_version=version), SecretStr("t"), wiring)


def legacy(remote: Pages, clock: VirtualClock) -> IntercomHelpdesk:
    """Return an Intercom desk of the first generation."""
    return intercom(remote, clock, "1.4")


def ids_of(rows: Any) -> list[str]:
    """Return the ids of conversations, parts or people."""
    return sorted((row if isinstance(row, str) else row.id for row in rows), key=int)


CUSTOMER = Customer("500", external_id="ext")
LISTS: dict[str, tuple[Any, Callable[[Any], list[str]]]] = {
    "dashly changed": (dashly, lambda desk: ids_of(desk.changed_since(0))),
    "dashly history": (dashly, lambda desk: ids_of(desk.history(HistoryQuery()))),
    "dashly parts": (dashly, lambda desk: ids_of(desk.conversation("77").parts)),
    "dashly channels": (dashly, lambda desk: ids_of(desk.teams())),
    "intercom changed": (intercom, lambda desk: ids_of(desk.changed_since(0))),
    "intercom history": (intercom, lambda desk: ids_of(desk.history(HistoryQuery()))),
    "intercom begun": (intercom, lambda desk: ids_of(desk.begun_by(Person("c1"), 0))),
    "intercom deleted": (intercom, lambda desk: ids_of(desk.deleted_since(0))),
    "intercom tags": (intercom, lambda desk: sorted((name[1:] for name in desk.tags()), key=int)),
    "intercom admins": (intercom, lambda desk: ids_of(str(row["id"]) for row in desk.client.admins())),
    "legacy changed": (legacy, lambda desk: ids_of(desk.changed_since(0))),
    "legacy history": (legacy, lambda desk: ids_of(desk.history(HistoryQuery()))),
    "legacy begun": (legacy, lambda desk: ids_of(desk.begun_by(Person("c1"), 0))),
}


@pytest.fixture(params=list(LISTS.values()), ids=list(LISTS))
def read(request: pytest.FixtureRequest, clock: VirtualClock) -> Any:
    """Return a function that reads one list from a remote and tells how many lists were cut."""
    opened, ids = request.param

    def run(remote: Pages) -> tuple[list[str], int]:
        desk = opened(remote, clock)
        try:
            return ids(desk), desk.lists_cut
        finally:
            desk.close()

    return run


def test_an_empty_page_that_names_a_next_one_is_no_end(read: Any) -> None:
    """What stands behind it comes."""
    pages: Rows = [[9, 8], [], [], [7], []]
    remote = Pages(lambda n: pages[n - 1] if n <= len(pages) else None, lambda n: n)

    assert read(remote) == (["7", "8", "9"], 0)


def test_many_empty_pages_between_new_ids_are_no_end(read: Any) -> None:
    """Only pages in a row without anything new say that nothing will come."""
    remote = Pages(lambda n: ([n] if n % 2 else []) if n <= 3 * MOST_BARREN else None, lambda n: n)

    ids, cut = read(remote)

    assert (len(ids), cut) == (3 * MOST_BARREN / 2, 0)


def test_a_row_that_comes_again_comes_once(read: Any) -> None:
    """Lists move while they are read."""
    pages: Rows = [[9, 8], [8, 7], [9, 7], [6]]
    remote = Pages(lambda n: pages[n - 1] if n <= len(pages) else None, lambda n: n)

    assert read(remote) == (["6", "7", "8", "9"], 0)


def test_endless_pages_without_new_ids_end(read: Any) -> None:
    """Ever new cursors, the same rows: given up after a bounded number of pages, and told."""
    remote = Pages(lambda n: [9, 8] if n < 3 else ([] if n % 2 else [8]), lambda n: n)

    ids, cut = read(remote)

    assert (ids, cut) == (["8", "9"], remote.asked.count(1))
    assert max(remote.asked) <= 2 + MOST_BARREN


def test_the_walk_of_a_list_is_bounded_in_memory() -> None:
    """Of very many rows only the newest are remembered."""
    from connector.http import lists as module  # noqa: PLC0415 - to see what is remembered

    recent = module._Recent()
    for number in range(module._REMEMBERED + 10):
        assert recent.add(number)

    assert len(recent._seen) == module._REMEMBERED
    assert not recent.add(module._REMEMBERED)
    assert recent.add(0)


@pytest.mark.parametrize("name", ["dashly changed", "intercom changed", "dashly parts", "intercom begun"])
def test_a_cursor_that_comes_again_ends_the_list(name: str, clock: VirtualClock) -> None:
    """New rows or not: a side that names a page twice goes in a circle."""
    opened, ids = LISTS[name]
    numbers = itertools.count(100)
    remote = Pages(lambda _n: [next(numbers)], lambda n: 2 if n > 3 else n)
    desk = opened(remote, clock)

    found = ids(desk)

    assert desk.lists_cut == 1
    assert len(found) <= 8
    desk.close()


def test_contacts_on_a_later_page_are_found(clock: VirtualClock) -> None:
    """The search for a person goes on as well, through an empty page."""
    pages: Rows = [[], [7]]
    remote = Pages(lambda n: pages[n - 1] if n <= len(pages) else None, lambda n: n)
    desk = intercom(remote, clock)

    assert desk.find_customer("ext") == Person("7")
    desk.close()


def test_parts_of_a_list_that_was_cut_are_not_taken_for_all(clock: VirtualClock) -> None:
    """What did not come must not look removed."""
    desk = dashly(Pages(lambda _n: [9], lambda n: n), clock)

    found = desk.conversation("77")

    assert (found.complete, desk.lists_cut) == (False, 1)
    desk.close()
