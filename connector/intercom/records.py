"""Intercom's conversations and contacts as they were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.helpdesk.records import Raw, Record
from connector.intercom.generation import known_details
from mappings.model import Customer
from mappings.roles import Role
from mappings.wire.values import read_optional_id

if TYPE_CHECKING:
    from connector.intercom.client import IntercomClient
    from connector.intercom.generation import Generation
    from connector.intercom.views import Views
    from mappings.model import Conversation


class IntercomRecords:
    """The raw reads of an ``IntercomHelpdesk``."""

    def __init__(self, client: IntercomClient, generation: Generation, views: Views) -> None:
        self._client = client
        self._generation = generation
        self._views = views

    def take(self, conversation: str) -> Record:
        """Ask for a conversation with its newest 500 parts."""
        return Record(self._client.conversation(conversation))

    def person(self, customer: str, record: Record) -> Raw | None:  # noqa: ARG002 - part of Records
        """Ask for the contact, of whom a conversation shows little more than the id."""
        return self._generation.record(customer)

    def view(self, record: Record) -> Conversation:
        """Read a record."""
        return self._views.whole(record.conversation)

    def customer(self, person: Raw) -> Customer | None:
        """Read a contact."""
        found = read_optional_id(person.get("id"))
        if found is None:
            return None
        # 1.x tells by the type what 2.x tells by the role.
        role = Role.USER if "user" in {person.get("role"), person.get("type")} else Role.LEAD
        return Customer(found, **known_details(person), role=role)
