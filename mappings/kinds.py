"""The kinds of parts that both sides are known to have, and the words in which the mapping table speaks.

``PUBLIC`` bounds what the table may ever show to a customer: nothing outside it can be a message, and
no type that starts with ``note`` is inside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mappings.model import Loss, Side

if TYPE_CHECKING:
    from mappings.sentences import Sentence

OPENING = "source"
ANYTHING_ELSE = "*"

DASHLY_TYPES = (
    "reply_user",
    "reply_django_user",
    "reply_admin",
    "auto_reply",
    "note",
    "tag_added",
    "tag_deleted",
    "assigned",
    "closed",
    "final_closed",
    "delayed",
    "channel_changed",
    "vote",
    "article",
    "chat_bot_admin",
    "chat_bot_user",
    "service",
)

INTERCOM_TYPES = (
    OPENING,
    "comment",
    "note",
    "note_and_reopen",
    "note_and_unsnooze",
    "note_and_close",
    "assignment",
    "assign_and_reopen",
    "assign_and_unsnooze",
    "default_assignment",
    "workflow_assignment",
    "away_mode_assignment",
    "message_strategy_assignment",
    "open",
    "close",
    "snoozed",
    "unsnoozed",
    "timer_unsnooze",
    "participant_added",
    "participant_removed",
    "participant",
    "conversation_rating_changed",
    "conversation_rating_remark_added",
    "quick_reply",
    "attribute_collector",
    "attribute_collected",
    "conversation_attribute_updated_by_admin",
    "conversation_attribute_updated_by_workflow",
    "conversation_attribute_updated_by_user",
    "conversation_tags_updated",
    "tag_added",
    "tag_removed",
    "custom_action_started",
    "custom_action_finished",
    "operator_workflow_event",
    "conversation_sla_applied_by_rule",
    "conversation_sla_applied_by_workflow",
    "conversation_sla_removed",
    "conversation_sla_target_missed",
    "conversation_sla_paused",
    "conversation_sla_unpaused",
    "priority_changed",
    "priority_changed_by_rule",
    "user_became_idle",
    "resolution_bot_found_no_answer",
    "language_detection_details",
    "merged_primary_conversation",
    "call_summary",
    "ticket_state_updated_by_admin",
    "ticket_attribute_updated_by_admin",
    "company_updated",
    "channel_and_reply_time_expectation",
    "fin_guidance_applied",
    "custom_answer_applied",
)

TYPES = {Side.DASHLY: DASHLY_TYPES, Side.INTERCOM: INTERCOM_TYPES}

PUBLIC = {
    Side.DASHLY: frozenset(
        {
            "reply_user",
            "reply_django_user",
            "reply_admin",
            "auto_reply",
            "article",
            "chat_bot_admin",
            "chat_bot_user",
        }
    ),
    Side.INTERCOM: frozenset(
        {
            OPENING,
            "comment",
            "open",
            "close",
            "assignment",
            "assign_and_reopen",
            "assign_and_unsnooze",
            "default_assignment",
            "workflow_assignment",
            "away_mode_assignment",
            "message_strategy_assignment",
            "snoozed",
            "unsnoozed",
            "quick_reply",
        }
    ),
}


class Meaning(StrEnum):
    """One entry that a part of a type yields."""

    MESSAGE = "message"
    MESSAGE_IF_WRITTEN = "message if written"
    NOTE = "note"
    OPENED = "opened"
    CLOSED = "closed"
    SNOOZED = "snoozed"
    UNSNOOZED = "unsnoozed"
    ASSIGNED = "assigned"
    TAGS = "tags"
    CHANNEL = "channel"
    EVENT = "event"
    EVENT_IF_SILENT = "event if silent"
    UNKNOWN = "unknown"

    @property
    def public(self) -> bool:
        """Return whether the customer sees it."""
        return self in {Meaning.MESSAGE, Meaning.MESSAGE_IF_WRITTEN}


class Carried(StrEnum):
    """How a part reaches the other side."""

    MESSAGE = "message"
    NOTE = "note"
    STATE = "state"
    EVENT = "event"
    SKIP = "skip"


class Writer(StrEnum):
    """Who counts as the author: whom the side names, or what the type implies."""

    NAMED = "as named"
    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Row:
    """What a type of part means and what becomes of it on the other side.

    ``losses`` are those of every such part, ``possible`` those that depend on the part or on who is mapped.
    ``say`` begins the line of an event, ``bare`` is the line when the part tells no more.
    """

    side: Side
    type: str
    means: tuple[Meaning, ...]
    author: Writer
    carried: Carried
    other_side: str
    reason: str = ""
    say: Sentence | None = None
    bare: Sentence | None = None
    losses: tuple[Loss, ...] = ()
    possible: tuple[Loss, ...] = ()
    overridden: bool = False
