"""The webhook topics of what happens in a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.intercom.notices import NOTES

if TYPE_CHECKING:
    from connector.sandbox.intercom.model import Conversation, IntercomState, Part

BEGUN = {True: "conversation.user.created", False: "conversation.admin.single.created"}
"""By whether a contact began it."""

DELETED = "conversation.deleted"

_EVENTS = {
    "assignment": "conversation.admin.assigned",
    "assign_and_unsnooze": "conversation.admin.assigned",
    "assign_and_reopen": "conversation.admin.open.assigned",
    "close": "conversation.admin.closed",
    "open": "conversation.admin.opened",
    "snoozed": "conversation.admin.snoozed",
    "unsnoozed": "conversation.admin.unsnoozed",
    "timer_unsnooze": "conversation.admin.unsnoozed",
    "participant_added": "conversation.contact.attached",
    "participant_removed": "conversation.contact.detached",
    "conversation_rating_changed": "conversation.rating.added",
}
_REPLIED = {"admin": "conversation.admin.replied", "bot": "conversation.operator.replied"}


def tell(state: IntercomState, conversation: Conversation, part: Part) -> None:
    """Push what a new part means, if any topic does; tags have one of their own."""
    topic = _topic(part)
    if topic is not None:
        state.pushes.emit(topic, conversation.id, part.id)


def _topic(part: Part) -> str | None:
    if part.part_type in NOTES:
        return "conversation.admin.noted"
    if part.author.is_contact and part.part_type in {"comment", "open"}:
        return "conversation.user.replied"
    if part.part_type in {"comment", "quick_reply"}:
        return _REPLIED.get(part.author.kind)
    return _EVENTS.get(part.part_type)
