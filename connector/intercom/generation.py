"""What differs between the two generations of Intercom's API, as one protocol that both implement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypedDict

from mappings.text import address_key
from mappings.wire.values import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.helpdesk.query import HistoryQuery
    from connector.intercom.answers import Json
    from mappings.model import Customer, Seconds


@dataclass(frozen=True, slots=True)
class Contact:
    """A person in Intercom: the id, whether they are a ``user`` or a ``lead``, and what is known of them.

    ``by_email`` says that they were taken for somebody because of their address alone.
    """

    id: str
    role: str = "user"
    external_id: str | None = field(default=None, compare=False)
    name: str | None = field(default=None, compare=False)
    email: str | None = field(default=None, compare=False)
    phone: str | None = field(default=None, compare=False)
    made: bool = field(default=False, compare=False)
    by_email: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Started:
    """A conversation just opened: the id of its message, and its own id where that is known."""

    message: str
    conversation: str | None


class Generation(Protocol):
    """The calls that a ``IntercomHelpdesk`` makes in another way in each generation."""

    def changed_since(self, since: Seconds) -> Iterator[Json]:
        """Yield listed conversations that changed at or after ``since``, each once."""

    def deleted_since(self, since: Seconds) -> Iterator[str]:
        """Yield the ids of conversations that were deleted at or after ``since``, as far as a list tells."""

    def history(self, query: HistoryQuery) -> Iterator[Json]:
        """Yield listed conversations that may fit the query."""

    def begun_by(self, contact: str, since: Seconds) -> Iterator[Json]:
        """Yield the contact's conversations created at or after ``since``."""

    def find(self, external_ids: tuple[str, ...]) -> Contact | None:
        """Return the one user with one of these external ids, the best first."""

    def by_address(self, addresses: tuple[str, ...]) -> Iterator[Contact]:
        """Yield whoever has one of these addresses, in any role."""

    def create(self, customer: Customer, *, by_email: bool) -> Contact | None:
        """Create the user with the customer's external id; None when somebody else holds it.

        ``by_email`` adopts the user with their address and without an external id who is in the way.
        """

    def rename(self, contact: str, name: str) -> Contact | None:
        """Give a contact a name; None when there is none, or when ``create`` is the call that renames."""

    def by_external_id(self, external_id: str) -> Contact | None:
        """Return the contact with this external id."""

    def record(self, contact: str) -> Json | None:
        """Return a contact's own record as it was sent, after merges; None when there is none any more."""

    def current(self, contact: str) -> Contact | None:
        """Return the contact as they are now, after merges; None when there is none any more."""

    def start(self, contact: Contact, message: str, created: Seconds | None) -> Started:
        """Open a conversation as the contact."""

    def act(self, conversation: str, body: Json) -> Json:
        """Change state or assignment by a body of ``bodies`` and return the conversation."""


def details(customer: Customer) -> Json:
    """Return what a new contact is told about the customer; nothing that is unknown."""
    known = {"email": customer.email, "name": customer.name, "phone": customer.phone}
    return {key: value for key, value in known.items() if value}


class Details(TypedDict):
    """What a person's own record says of them, as fields of ``Contact``."""

    name: str | None
    email: str | None
    phone: str | None
    external_id: str | None


def is_found_by(address: str, contact: Contact) -> bool:
    """Tell whether a contact may be taken for whoever has an address: a user without an external id."""
    same = address_key(contact.email or "") == address_key(address)
    return same and contact.role == "user" and contact.external_id is None


def known_details(row: Json) -> Details:
    """Return what a person's own record says of them."""
    return {
        "name": read_text(row.get("name")).strip() or None,
        "email": read_text(row.get("email")).strip() or None,
        "phone": read_text(row.get("phone")).strip() or None,
        "external_id": read_text(row.get("external_id") or row.get("user_id")) or None,
    }
