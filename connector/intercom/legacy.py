"""The 1.x generation: pages by number, users and leads, one endpoint for everything an agent does.

The unfiltered list has ``sort`` for the field and ``order`` for the direction; lists by person have them
swapped. ``pages.next`` loses the filters, so page numbers are counted here.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import Gone, RemoteError
from connector.http.lists import Page
from connector.http.service import segment
from connector.intercom.answers import Conflict, Json, has_next_number
from connector.intercom.generation import Contact, Started, details, known_details
from mappings.characters import clean
from mappings.wire.values import read_fields, read_moment, read_optional_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.helpdesk.query import HistoryQuery
    from connector.intercom.client import IntercomClient
    from mappings.model import Customer, Seconds

# The most that 1.x returns at once.
PAGE_SIZE = 60
_PEOPLE = (("/users", "user"), ("/contacts", "contact"))
_NEWEST_FIRST = {"sort": "updated_at", "order": "desc"}


class Legacy:
    """The calls of 1.x."""

    def __init__(self, client: IntercomClient) -> None:
        self._client = client

    def changed_since(self, since: Seconds) -> Iterator[Json]:
        """Yield the head of the list down to the first row that changed before ``since``, each once."""
        for row in self._pages(_NEWEST_FIRST):
            if _is_older(row, "updated_at", since):
                return
            yield row

    def deleted_since(self, since: Seconds) -> Iterator[str]:  # noqa: ARG002 - part of Generation
        """Yield nothing: 1.x has no list of what was deleted."""
        return iter(())

    def history(self, query: HistoryQuery) -> Iterator[Json]:
        """Yield the list down to ``since``; 1.x has no filter that could be trusted with the rest."""
        whole = query.tag is not None and not self._client.version.has("tags in lists")
        for row in self._pages(_NEWEST_FIRST):
            if _is_older(row, "updated_at", query.since or 0.0):
                return
            key = self._client.key(row, asked="the list of conversations") if whole else ""
            yield self._client.conversation(key) if whole else row

    def begun_by(self, contact: str, since: Seconds) -> Iterator[Json]:
        """Yield the person's conversations; leads, too, are asked for as ``user``."""
        for row in self._pages({"type": "user", "intercom_user_id": contact}):
            if not _is_older(row, "created_at", since):
                yield row

    def find(self, external_ids: tuple[str, ...]) -> Contact | None:
        """Return the user with one of these external ids, the best first; leads are not asked."""
        found = map(self.by_external_id, external_ids)
        return next((contact for contact in found if contact is not None), None)

    def by_external_id(self, external_id: str) -> Contact | None:
        """Return the user with this external id."""
        with contextlib.suppress(Gone):
            row = self._client.call("GET", "/users", asked="a user", params={"user_id": external_id})
            found = read_optional_id(row.get("id"))
            known = known_details(row)
            # Equal to the letter: who has nearly the same id is somebody else.
            if found and known["external_id"] in {None, external_id}:
                return Contact(found, "user", **known)
        return None

    def current(self, contact: str) -> Contact | None:
        """Return the user or lead; one that was converted or deleted is None."""
        found = self._found(contact)
        if found is None:
            return None
        role, row = found
        return Contact(self._client.key(row, asked="a user"), role, **known_details(row))

    def record(self, contact: str) -> Json | None:
        """Return the record of the user or lead."""
        found = self._found(contact)
        return None if found is None else found[1]

    def _found(self, contact: str) -> tuple[str, Json] | None:
        for path, role in _PEOPLE:
            with contextlib.suppress(Gone):
                return role, self._client.call("GET", f"{path}/{segment(contact)}", asked="a user")
        return None

    def by_address(self, addresses: tuple[str, ...]) -> Iterator[Contact]:  # noqa: ARG002 - part of Generation
        """Yield nobody: 1.x has no search that says how many have an address."""
        return iter(())

    def create(self, customer: Customer, *, by_email: bool) -> Contact | None:  # noqa: ARG002 - part of Generation
        """Create the user, never with an address: by that the call would take over somebody else's record."""
        body: Json = {"user_id": customer.external_id, **details(replace(customer, email=None))}
        asked = "the creation of a user"
        try:
            made = self._client.call("POST", "/users", asked=asked, body=body)
        except Conflict:
            return self.by_external_id(str(customer.external_id))
        return Contact(self._client.key(made, asked=asked, read=False), "user", **known_details(made))

    def rename(self, contact: str, name: str) -> Contact | None:  # noqa: ARG002 - part of Generation
        """Return None: the call that creates a user renames one who is there."""
        return None

    def start(self, contact: Contact, message: str, created: Seconds | None) -> Started:  # noqa: ARG002
        """Open a conversation; the answer names only the message, so the conversation is looked for."""
        body = {"from": {"type": contact.role, "id": contact.id}, "body": clean(message)}
        asked = "the start of a conversation"
        made = self._client.call("POST", "/messages", asked=asked, body=body)
        message_id = self._client.key(made, asked=asked, read=False)
        return Started(message_id, self._conversation_of(message_id, contact))

    def act(self, conversation: str, body: Json) -> Json:
        """Change state or assignment through the reply endpoint, as an admin."""
        return self._client.reply(
            conversation, {**body, "type": "admin"}, asked="a change of state or assignment"
        )

    def _conversation_of(self, message: str, contact: Contact) -> str | None:
        """Return the conversation that a message opened; no failure here may look like an unsent message."""
        with contextlib.suppress(RemoteError):
            for row in self.begun_by(contact.id, 0.0):
                if read_optional_id(read_fields(row.get("conversation_message"))) == message:
                    return read_optional_id(row.get("id"))
        return None

    def _pages(self, params: dict[str, str]) -> Iterator[Json]:
        asked = "the list of conversations"

        def page(cursor: int | None) -> Page[int]:
            number = cursor or 1
            paging = {"per_page": str(PAGE_SIZE), "page": str(number)}
            body = self._client.call("GET", "/conversations", asked=asked, params={**params, **paging})
            more = has_next_number(body, number)
            return Page(self._client.listed(body, asked=asked), number + 1 if more else None)

        return self._client.lists.rows(page)


def _is_older(row: Json, field: str, since: Seconds) -> bool:
    """Tell whether a row's time is before ``since``; one without a sensible time is not."""
    moment = read_moment(row.get(field))
    return moment is not None and 0 < moment < since
