"""The 2.x generation: search with cursors, contacts, and separate calls for state and assignment."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from connector.errors import AccessDenied, Rejected
from connector.http.pages import Page
from connector.intercom.client import quoted
from connector.intercom.generation import Contact, Started
from connector.intercom.paging import has_next_number, next_cursor, pagination
from connector.intercom.people import ModernPeople
from mappings.characters import clean
from mappings.wire.values import read_moment, read_optional_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.helpdesk.port import HistoryQuery
    from connector.intercom.answers import Json
    from mappings.model import Seconds

PAGE_SIZE = 150
DELETED_PAGE_SIZE = 60


class Modern(ModernPeople):
    """The calls of 2.x."""

    def changed_since(self, since: Seconds) -> Iterator[Json]:
        """Yield what the search finds from ``since`` on, with no upper bound, each once.

        No order is asked for, since the description knows none: a row that changes while pages are read is
        found by the next poll.
        """
        return self._search_conversations(_at_or_after("updated_at", since))

    def deleted_since(self, since: Seconds) -> Iterator[str]:
        """Yield the ids of conversations deleted at or after ``since``, newest first (2.16 and later).

        A token may lack the right to see the list: then a deletion shows when the conversation is read next.
        """
        if self._client.version.has("deleted list"):
            with contextlib.suppress(Rejected, AccessDenied):
                yield from self._deleted_since(since)

    def _deleted_since(self, since: Seconds) -> Iterator[str]:
        asked = "the list of deleted conversations"

        def page(cursor: int | None) -> Page[int]:
            number = cursor or 1
            params = {"page": str(number), "per_page": str(DELETED_PAGE_SIZE), "order": "desc"}
            body = self._client.call("GET", "/conversations/deleted", asked=asked, params=params)
            more = has_next_number(body, number)
            return Page(self._client.listed(body, asked=asked), number + 1 if more else None)

        for found in self._client.walker.pages(page):
            fresh = [row for row in found.rows if (read_moment(row.get("deleted_at")) or since) >= since]
            yield from (self._client.key(row, asked=asked) for row in fresh)
            if len(fresh) < len(found.rows):
                return

    def history(self, query: HistoryQuery) -> Iterator[Json]:
        """Yield what the search finds for the query."""
        filters = [_at_or_after("updated_at", query.since or 0.0)]
        if query.until is not None:
            filters.append(_filter("updated_at", "<", int(query.until) + 1))
        if query.status is not None:
            filters.append(_filter("state", "=", query.status.value))
        if query.assignee is not None and query.assignee.isdigit():
            filters.append(_filter("admin_assignee_id", "=", int(query.assignee)))
        if query.tag is not None:
            tag = self._client.find_tag(query.tag)
            if tag is None:
                return
            filters.append(_filter("tag_ids", "=", tag))
        yield from self._search_conversations(_all_of(filters))

    def begun_by(self, contact: str, since: Seconds) -> Iterator[Json]:
        """Yield the contact's conversations; the opening message stands in each row."""
        yield from self._search_conversations(
            _all_of([_filter("contact_ids", "=", contact), _at_or_after("created_at", since)])
        )

    def start(self, contact: Contact, message: str, created: Seconds | None) -> Started:
        """Open a conversation; the answer is its message."""
        body: Json = {"from": {"type": contact.role, "id": contact.id}, "body": clean(message)}
        if created is not None and self._client.version.has("create created_at"):
            body["created_at"] = int(created)
        asked = "the start of a conversation"
        made = self._client.call("POST", "/conversations", asked=asked, body=body)
        message_id = self._client.key(made, asked=asked, read=False)
        return Started(message_id, read_optional_id(made.get("conversation_id")))

    def act(self, conversation: str, body: Json) -> Json:
        """Change state or assignment."""
        path = f"/conversations/{quoted(conversation)}/parts"
        return self._client.call("POST", path, asked="a change of state or assignment", body=body)

    def _search_conversations(self, query: Json) -> Iterator[Json]:
        asked = "the search for conversations"

        def page(cursor: str | None) -> Page[str]:
            body = {"query": query, "pagination": pagination(PAGE_SIZE, cursor)}
            found = self._client.call("POST", "/conversations/search", asked=asked, body=body)
            return Page(self._client.listed(found, asked=asked), next_cursor(found))

        return self._client.walker.rows(page)


def _filter(field: str, operator: str, value: str | int) -> Json:
    return {"field": field, "operator": operator, "value": value}


def _at_or_after(field: str, since: Seconds) -> Json:
    """Return a filter that holds whether or not ``>`` includes equality, which sources dispute."""
    return _filter(field, ">", max(0, int(since) - 1))


def _all_of(filters: list[Json]) -> Json:
    return filters[0] if len(filters) == 1 else {"operator": "AND", "value": filters}
