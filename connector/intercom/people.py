"""Contacts of 2.x: found by external id; created; a conflict adopted when it is they; a merge followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import Gone, Rejected
from connector.http.pages import Page
from connector.intercom.answers import Conflict, Json, Merged
from connector.intercom.client import IntercomClient, quoted
from connector.intercom.generation import Contact, details, known_details
from connector.intercom.paging import next_cursor, pagination

if TYPE_CHECKING:
    from mappings.model import Customer

_PAGE_SIZE = 50
_INVALID = frozenset({400, 422})


class ModernPeople:
    """The calls of 2.x about contacts."""

    def __init__(self, client: IntercomClient) -> None:
        self._client = client

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
        asked = "a contact"
        try:
            return self._contact(self._client.call("GET", f"/contacts/{quoted(contact)}", asked=asked))
        except Merged as merged:
            path = f"/contacts/{quoted(merged.canonical)}"
            return self._contact(self._client.call("GET", path, asked=asked))
        except Gone:
            return None

    def create(self, customer: Customer) -> Contact | None:
        """Create the user; without the phone or e-mail when Intercom finds them invalid.

        An address may be unique among users: it is left out when somebody has it, since it proves nothing.
        """
        body: Json = {"role": "user", "external_id": customer.external_id, **details(customer)}
        for doubtful in [key for key in ("phone", "email") if key in body]:
            try:
                return self._create(body)
            except Conflict:
                body.pop("email", None)
                return self._created_or_none(body)
            except Rejected as error:
                if error.status not in _INVALID:
                    raise
                body.pop(doubtful)
        return self._created_or_none(body)

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
        return self._contact(made, read=False)

    def _adopted(self, conflict: Conflict, external_id: str) -> Contact:
        """Return the contact in the way if it is the very one, which search may not show yet; or Conflict."""
        named = self.current(conflict.existing) if conflict.existing else self.by_external_id(external_id)
        if named is None or named.role != "user" or named.external_id != external_id:
            raise conflict
        if conflict.archived:
            path = f"/contacts/{quoted(named.id)}/unarchive"
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
            body = {"query": query, "pagination": pagination(_PAGE_SIZE, cursor)}
            found = self._client.call("POST", "/contacts/search", asked=asked, body=body)
            return Page(tuple(self._client.rows(found, "data", asked=asked)), next_cursor(found))

        rows = self._client.walker.rows(page)
        return [row for row in rows if row.get("id") and not row.get("archived")]
