"""Contacts of 2.x: found by external id, then e-mail; created; a conflict adopted; a merge followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import Gone, Rejected
from connector.http.pages import Page
from connector.intercom.answers import Conflict, Json, Merged
from connector.intercom.client import IntercomClient, quoted
from connector.intercom.generation import Contact, details, external_ids, known_details
from connector.intercom.paging import next_cursor, pagination

if TYPE_CHECKING:
    from mappings.model import Customer

_PAGE_SIZE = 50
_INVALID = frozenset({400, 422})


class ModernPeople:
    """The calls of 2.x about contacts."""

    def __init__(self, client: IntercomClient) -> None:
        self._client = client

    def find(self, customer: Customer) -> Contact | None:
        """Return the contact with the customer's external id, else with ours, else with the e-mail."""
        wanted = [("external_id", external_id) for external_id in external_ids(customer)]
        if customer.email:
            wanted.append(("email", customer.email))
        rows = self._search_contacts(wanted)
        for field, value in wanted:
            matches = [row for row in rows if _same(row.get(field), value)]
            if matches:
                return self._contact(min(matches, key=lambda row: row.get("role") != "user"))
        return None

    def by_external_id(self, external_id: str) -> Contact | None:
        """Return the contact with this external id."""
        rows = self._search_contacts([("external_id", external_id)])
        return self._contact(rows[0]) if rows else None

    def current(self, contact: str) -> Contact | None:
        """Return the contact, following a merge."""
        asked = "a contact"
        try:
            return self._contact(self._client.call("GET", f"/contacts/{quoted(contact)}", asked=asked))
        except Merged as merged:
            path = f"/contacts/{quoted(merged.canonical)}"
            return self._contact(self._client.call("GET", path, asked=asked))
        except Gone:
            return None

    def create(self, customer: Customer) -> Contact:
        """Create the contact; without the phone or e-mail when Intercom finds them invalid."""
        body = {"role": "user", "external_id": external_ids(customer)[0], **details(customer)}
        for doubtful in ("phone", "email"):
            try:
                return self._create(body, customer)
            except Conflict:
                raise
            except Rejected as error:
                if error.status not in _INVALID or doubtful not in body:
                    raise
                body = {key: value for key, value in body.items() if key != doubtful}
        return self._create(body, customer)

    def _create(self, body: Json, customer: Customer) -> Contact:
        try:
            made = self._client.call("POST", "/contacts", asked="the creation of a contact", body=body)
        except Conflict as conflict:
            return self._adopt(conflict, customer)
        return self._contact(made, read=False)

    def _adopt(self, conflict: Conflict, customer: Customer) -> Contact:
        """Return the contact in the way: search does not see a new or archived one, the answer names it."""
        if conflict.existing is None:
            found = self.find(customer)
            if found is None:
                raise conflict
            return found
        if conflict.archived:
            path = f"/contacts/{quoted(conflict.existing)}/unarchive"
            self._client.call("POST", path, asked="the return of an archived contact")
        return self.current(conflict.existing) or Contact(conflict.existing)

    def _contact(self, row: Json, *, read: bool = True) -> Contact:
        found = self._client.key(row, asked="a contact", read=read)
        role = "lead" if row.get("role") == "lead" else "user"
        return Contact(found, role, **known_details(row))

    def _search_contacts(self, wanted: list[tuple[str, str]]) -> list[Json]:
        filters: list[Json] = [{"field": field, "operator": "=", "value": value} for field, value in wanted]
        query: Json = filters[0] if len(filters) == 1 else {"operator": "OR", "value": filters}
        asked = "the search for a contact"

        def page(cursor: str | None) -> Page[str]:
            body = {"query": query, "pagination": pagination(_PAGE_SIZE, cursor)}
            found = self._client.call("POST", "/contacts/search", asked=asked, body=body)
            return Page(tuple(self._client.rows(found, "data", asked=asked)), next_cursor(found))

        rows = self._client.walker.rows(page)
        return [row for row in rows if row.get("id") and not row.get("archived")]


def _same(value: object, wanted: str) -> bool:
    return isinstance(value, str) and value.strip().casefold() == wanted.strip().casefold()
