"""Raw conversations, for an export: taken from a side, and read later as if it had just sent them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mappings.model import Conversation, Customer

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One raw conversation; ``parts`` where the side sends them apart, None where they are in it."""

    conversation: Raw
    parts: tuple[Raw, ...] | None = None


class Records(Protocol):
    """The raw reads of one side."""

    def take(self, conversation: str) -> Record:
        """Ask for a conversation with all its parts; Gone when it does not exist."""

    def person(self, customer: str, record: Record) -> Raw | None:
        """Return what the side tells of the customer of a conversation, or None."""

    def view(self, record: Record) -> Conversation:
        """Read a record; Unreadable when it is none of this side."""

    def customer(self, person: Raw) -> Customer | None:
        """Read what ``person`` returned; None for something else."""
