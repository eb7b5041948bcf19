"""Dashly's conversations as they were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.helpdesk.records import Raw, Record

if TYPE_CHECKING:
    from connector.dashly.reader import Reader
    from mappings.model import Conversation, Customer


class DashlyRecords:
    """The raw reads of a ``DashlyHelpdesk``; what a list showed is not asked for again."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def take(self, conversation: str) -> Record:
        """Ask for a conversation with all its parts, oldest first."""
        raw, parts = self._reader.raw(conversation)
        return Record(raw, tuple(parts))

    def person(self, customer: str, record: Record) -> Raw | None:  # noqa: ARG002 - part of Records
        """Return the user, who is in the conversation."""
        user = record.conversation.get("user")
        return user if isinstance(user, dict) else None

    def view(self, record: Record) -> Conversation:
        """Read a record."""
        return self._reader.view(record.conversation, list(record.parts or ()))

    def customer(self, person: Raw) -> Customer | None:  # noqa: ARG002 - part of Records
        """Return None: a conversation shows all that is asked for."""
        return None
