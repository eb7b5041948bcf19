"""What customers are told, and what they never see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.sandbox.intercom import bodies
from connector.sandbox.record import Notification, Stamp

if TYPE_CHECKING:
    from connector.sandbox.intercom.model import Author, Contact, Conversation, IntercomState, Part

NOTES = frozenset({"note", "note_and_reopen", "note_and_unsnooze", "note_and_close"})
"""Part types that customers never see."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a customer is told: a part of a conversation, which may not exist yet."""

    conversation: str
    part: str
    text: str


def is_public(part: Part) -> bool:
    """Whether a part carries a message from the company to the customer."""
    offered = bool(part.metadata.get("quick_reply_options"))
    return part.part_type not in NOTES and not part.author.is_contact and (bool(part.body) or offered)


def notify(
    state: IntercomState, conversation: Conversation, stamp: Stamp, part: str, author: Author, text: str
) -> list[str]:
    """Record that a conversation's customers were told, and return who."""
    for key in conversation.contacts:
        shown = bodies.plain(text) or f"(by {author.kind})"
        announce(state, state.contacts[key], stamp, Notice(str(conversation.id), part, shown))
    return list(conversation.contacts)


def announce(state: IntercomState, contact: Contact, stamp: Stamp, notice: Notice) -> None:
    """Record that one customer was told something."""
    contact.last_contacted_at = int(stamp.at)
    state.record.notifications.append(
        Notification(
            side="intercom",
            conversation=notice.conversation,
            part=notice.part,
            recipient=contact.id,
            via=stamp.via,
            at=stamp.at,
            text=notice.text,
        )
    )
