"""The 2.x generation: search with cursors, contacts, and separate calls for state and assignment."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import AccessDenied, Gone, Rejected
from connector.http.lists import Page
from connector.http.service import segment
from connector.intercom.answers import Conflict, Json, Merged, next_cursor, pagination
from connector.intercom.deleted import deleted_since
from connector.intercom.generation import Contact, Started, details, is_found_by, known_details
from mappings.characters import clean
from mappings.model import State
from mappings.wire.values import read_optional_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.helpdesk.query import HistoryQuery
    from connector.intercom.client import IntercomClient
    from mappings.model import Customer, Seconds

# The most that a search returns at once.
PAGE_SIZE = 150
_CONTACTS_PAGE_SIZE = 50
_MOST_FILTERS = 15
_INVALID = frozenset({400, 422})


class Modern:
    """The calls of 2.x."""

    def __init__(self, client: IntercomClient) -> None:
        self._client = client

    def changed_since(self, since: Seconds) -> Iterator[Json]:
        """Yield what the search finds from ``since`` on, with no upper bound, each once.

        No order is asked for, since the description knows none: a row that changes while pages are read is
        found by the next poll.
        """
        return self._search_conversations(_at_or_after("updated_at", since))

    def deleted_since(self, since: Seconds) -> Iterator[str]:
        """Yield the ids of conversations deleted at or after ``since`` (2.16 and later).

        A token may lack the right to see the list: then a deletion shows when the conversation is read next.
        """
        if self._client.version.has("deleted list"):
            with contextlib.suppress(Rejected, AccessDenied):
                yield from deleted_since(self._client, since)

    def history(self, query: HistoryQuery) -> Iterator[Json]:
        """Yield what the search finds for the query."""
        filters = [_at_or_after("updated_at", query.since or 0.0)]
        if query.until is not None:
            filters.append(_filter("updated_at", "<", int(query.until) + 1))
        if query.status is not None:
            filters.append(_filter("state", "=", query.status.value))
        if query.closed is not None:
            filters.append(_filter("state", "=" if query.closed else "!=", State.CLOSED.value))
        if query.team is not None and query.team.isdigit():
            filters.append(_filter("team_assignee_id", "=", int(query.team)))
        if query.assignee is not None and query.assignee.isdigit():
            filters.append(_filter("admin_assignee_id", "=", int(query.assignee)))
        if query.tag is not None:
            tag = self._client.find_tag(query.tag)
            if tag is None:
                return
            filters.append(_filter("tag_ids", "=", tag))
        yield from self._search_conversations(_all_of(filters))

    def begun_by(self, contact: str, since: Seconds) -> Iterator[Json]:
        """Yield the contact's conversations; the opening message is in each row."""
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
        path = f"/conversations/{segment(conversation)}/parts"
        return self._client.call("POST", path, asked="a change of state or assignment", body=body)

    def find(self, external_ids: tuple[str, ...]) -> Contact | None:
        """Return the one user with one of these external ids; a lead chooses ids, several prove nothing."""
        rows = self._search_contacts([("external_id", external_id) for external_id in external_ids])
        for external_id in external_ids:
            matches = [row for row in rows if row.get("external_id") == external_id]
            if len(matches) == 1 and matches[0].get("role") == "user":
                return self._contact(matches[0])
        return None

    def by_external_id(self, external_id: str) -> Contact | None:
        """Return the user with this external id."""
        return self.find((external_id,))

    def current(self, contact: str) -> Contact | None:
        """Return the contact, following a merge."""
        found = self.record(contact)
        return None if found is None else self._contact(found)

    def record(self, contact: str) -> Json | None:
        """Return the contact's record, following a merge."""
        try:
            return self._client.contact(contact)
        except Merged as merged:
            return self._client.contact(merged.canonical)
        except Gone:
            return None

    def by_address(self, addresses: tuple[str, ...]) -> Iterator[Contact]:
        """Yield whoever has one of these addresses, in any role."""
        for begin in range(0, len(addresses), _MOST_FILTERS):
            wanted = [("email", address) for address in addresses[begin : begin + _MOST_FILTERS]]
            yield from map(self._contact, self._search_contacts(wanted))

    def create(self, customer: Customer, *, by_email: bool) -> Contact | None:
        """Create the user; without the phone or e-mail when Intercom finds them invalid.

        An address may be unique among users: it is left out when somebody has it, since it proves nothing,
        unless whoever has it may be taken for the customer ``by_email``.
        """
        body: Json = {"role": "user", "external_id": customer.external_id, **details(customer)}
        for doubtful in [key for key in ("phone", "email") if key in body]:
            try:
                return self._create(body)
            except Conflict as conflict:
                address = body.pop("email", None)
                bearer = self._bearer(conflict, address) if by_email and address else None
                return bearer or self._created_or_none(body)
            except Rejected as error:
                if error.status not in _INVALID:
                    raise
                body.pop(doubtful)
        return self._created_or_none(body)

    def _search_conversations(self, query: Json) -> Iterator[Json]:
        asked = "the search for conversations"

        def page(cursor: str | None) -> Page[str]:
            body = {"query": query, "pagination": pagination(PAGE_SIZE, cursor)}
            found = self._client.call("POST", "/conversations/search", asked=asked, body=body)
            return Page(self._client.listed(found, asked=asked), next_cursor(found))

        return self._client.lists.rows(page)

    def rename(self, contact: str, name: str) -> Contact | None:
        """Give a contact a name; None when there is none."""
        path, asked = f"/contacts/{segment(contact)}", "the name of a contact"
        with contextlib.suppress(Gone):
            return self._contact(self._client.call("PUT", path, asked=asked, body={"name": name}), read=False)
        return None

    def _created_or_none(self, body: Json) -> Contact | None:
        try:
            return self._create(body)
        except Conflict:
            return None

    def _create(self, body: Json) -> Contact:
        try:
            made = self._client.call("POST", "/contacts", asked="the creation of a contact", body=body)
        except Conflict as conflict:
            return self._adopted(conflict, str(body["external_id"]))
        return replace(self._contact(made, read=False), email=body.get("email"), made=True)

    def _bearer(self, conflict: Conflict, address: str) -> Contact | None:
        """Return who is in the way if they may be taken for an address's bearer; search may not show them."""
        named = self.current(conflict.existing) if conflict.existing and not conflict.archived else None
        if named is None or not is_found_by(address, named):
            return None
        others = [one for one in self.by_address((address,)) if one.role == "user" and one.id != named.id]
        return None if others else replace(named, by_email=True)

    def _adopted(self, conflict: Conflict, external_id: str) -> Contact:
        """Return the contact in the way if it is the very one, which search may not show yet; or Conflict."""
        named = self.current(conflict.existing) if conflict.existing else self.by_external_id(external_id)
        if named is None or named.role != "user" or named.external_id != external_id:
            raise conflict
        if conflict.archived:
            path = f"/contacts/{segment(named.id)}/unarchive"
            self._client.call("POST", path, asked="the return of an archived contact")
        return named

    def _contact(self, row: Json, *, read: bool = True) -> Contact:
        found = self._client.key(row, asked="a contact", read=read)
        lead = "lead" if self._client.version.has("lead as author") else "contact"
        role = lead if row.get("role") == "lead" else "user"
        return Contact(found, role, **known_details(row))

    def _search_contacts(self, wanted: list[tuple[str, str]]) -> list[Json]:
        filters: list[Json] = [{"field": field, "operator": "=", "value": value} for field, value in wanted]
        query: Json = filters[0] if len(filters) == 1 else {"operator": "OR", "value": filters}
        asked = "the search for a contact"

        def page(cursor: str | None) -> Page[str]:
            body = {"query": query, "pagination": pagination(_CONTACTS_PAGE_SIZE, cursor)}
            found = self._client.call("POST", "/contacts/search", asked=asked, body=body)
            return Page(tuple(self._client.rows(found, "data", asked=asked)), next_cursor(found))

        rows = self._client.lists.rows(page)
        return [row for row in rows if row.get("id") and not row.get("archived")]


def _filter(field: str, operator: str, value: str | int) -> Json:
    return {"field": field, "operator": operator, "value": value}


def _at_or_after(field: str, since: Seconds) -> Json:
    """Return a filter that holds whether or not ``>`` includes equality, which sources dispute."""
    return _filter(field, ">", max(0, int(since) - 1))


def _all_of(filters: list[Json]) -> Json:
    return filters[0] if len(filters) == 1 else {"operator": "AND", "value": filters}
