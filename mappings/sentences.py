"""The sentences that the connector itself writes into conversations, by name, in every language.

The table is data (``sentences.toml``). Whatever it says in one language is recognised when it is read back,
whichever language is chosen by then.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from importlib import resources
from string import Formatter
from typing import TYPE_CHECKING

from mappings.languages import Language, Told, form, told

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sentence(StrEnum):
    """The name of each sentence."""

    STUB = "stub"
    HISTORY = "history"
    TIMES_IN = "times_in"
    CONTINUED = "continued"
    SAID = "said"
    NOTED = "noted"
    FILES_OF = "files_of"
    UNKNOWN_TIME = "unknown_time"
    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    TEAM = "team"
    UNKNOWN = "unknown"
    AN_AGENT = "an_agent"
    A_BOT = "a_bot"
    SOMEBODY = "somebody"
    WROTE = "wrote"
    NOT_DELIVERED = "not_delivered"
    EDITED = "edited"
    EDITED_BY = "edited_by"
    PART_REMOVED = "part_removed"
    CONVERSATION_REMOVED = "conversation_removed"
    MATCHED_BY_EMAIL = "matched_by_email"
    ADDRESS_WITHHELD = "address_withheld"
    FILE_NOT_COPIED = "file_not_copied"
    FILE = "file"
    BYTES = "bytes"
    KILOBYTES = "kilobytes"
    MEGABYTES = "megabytes"
    NO_TEXT = "no_text"
    OPENED = "opened"
    CLOSED = "closed"
    SNOOZED = "snoozed"
    SNOOZED_UNTIL = "snoozed_until"
    ASSIGNED = "assigned"
    ASSIGNED_TO_NOBODY = "assigned_to_nobody"
    ASSIGNED_TO_TEAM = "assigned_to_team"
    MOVED = "moved"
    TAKEN_OUT = "taken_out"
    IN_SIDE = "in_side"
    TAGS_ADDED = "tags_added"
    TAGS_REMOVED = "tags_removed"
    TAGS_CHANGED = "tags_changed"
    LEFT_OUT = "left_out"
    REGISTER_CHANGED = "register_changed"
    THE_STATUS = "the_status"
    THE_ASSIGNEE = "the_assignee"
    THE_TEAM = "the_team"
    THE_TAGS = "the_tags"
    IS_OPEN = "is_open"
    IS_CLOSED = "is_closed"
    IS_SNOOZED = "is_snoozed"
    IS_SNOOZED_UNTIL = "is_snoozed_until"
    NO_TAGS = "no_tags"
    NOBODY = "nobody"
    SUBJECT = "subject"
    CHOICES_OFFERED = "choices_offered"
    CHOICE_TAKEN = "choice_taken"
    BUILT_CONTENT = "built_content"
    SCORE = "score"
    CHANGED_TO = "changed_to"
    NONE = "none"
    CHANGED_FROM = "changed_from"
    EMBEDDED_PAGE = "embedded_page"
    EMBEDDED_OBJECT = "embedded_object"
    VIDEO = "video"
    AUDIO = "audio"
    MEDIA = "media"
    LINK = "link"
    RATING = "rating"
    RATING_ASKED = "rating_asked"
    RATING_CHANGED = "rating_changed"
    RATING_REMARK = "rating_remark"
    PARTICIPANT_ADDED = "participant_added"
    PARTICIPANT_REMOVED = "participant_removed"
    PARTICIPANTS_CHANGED = "participants_changed"
    QUICK_REPLIES = "quick_replies"
    FORM_SENT = "form_sent"
    FORM_ANSWERED = "form_answered"
    ATTRIBUTE = "attribute"
    ATTRIBUTE_BY_WORKFLOW = "attribute_by_workflow"
    ATTRIBUTE_BY_CUSTOMER = "attribute_by_customer"
    ACTION_STARTED = "action_started"
    ACTION_FINISHED = "action_finished"
    WORKFLOW = "workflow"
    SLA_BY_RULE = "sla_by_rule"
    SLA_BY_WORKFLOW = "sla_by_workflow"
    SLA_REMOVED = "sla_removed"
    SLA_MISSED = "sla_missed"
    SLA_PAUSED = "sla_paused"
    SLA_RESUMED = "sla_resumed"
    PRIORITY = "priority"
    PRIORITY_BY_RULE = "priority_by_rule"
    IDLE = "idle"
    NO_ANSWER = "no_answer"
    LANGUAGE_DETECTED = "language_detected"
    MERGED = "merged"
    CALL_SUMMARY = "call_summary"
    TICKET_STATE = "ticket_state"
    TICKET_ATTRIBUTE = "ticket_attribute"
    COMPANY = "company"
    REPLY_TIME = "reply_time"
    GUIDANCE = "guidance"
    CUSTOM_ANSWER = "custom_answer"


Table = dict[Sentence, dict[Language, str]]


def load(text: str) -> Table:
    """Read and check a table written in TOML; ValueError names the row that is wrong."""
    raw = tomllib.loads(text)
    if wrong := sorted(raw.keys() ^ set(Sentence)):
        raise ValueError(f"{wrong[0]} is not a sentence, or has no row")
    return {sentence: _row(sentence, raw[sentence]) for sentence in Sentence}


def placeholders(text: str) -> set[str]:
    """Return the names of a sentence's placeholders."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _row(sentence: Sentence, raw: Mapping[str, str]) -> dict[Language, str]:
    row = {language: raw.get(language, "") for language in Language}
    if not all(row.values()) or len({frozenset(placeholders(text)) for text in row.values()}) > 1:
        raise ValueError(f"{sentence} must say the same in {', '.join(Language)}")
    return row


TABLE = load(resources.files("mappings").joinpath("sentences.toml").read_text(encoding="utf-8"))


def say(sentence: Sentence, language: Language, **values: str) -> str:
    """Return a sentence in a language."""
    return TABLE[sentence][language].format_map(values)


def tell(sentence: Sentence, **values: Told | str) -> Told:
    """Return a sentence in every language."""
    given = {name: told(value) if isinstance(value, str) else value for name, value in values.items()}
    return Told(
        tuple(
            say(sentence, one, **{name: form(value.forms, one) for name, value in given.items()})
            for one in Language
        )
    )


def beginnings(sentence: Sentence, **values: str) -> tuple[str, ...]:
    """Return how a sentence begins in every language, up to its first placeholder."""
    return tuple(_beginning(TABLE[sentence][language], values) for language in Language)


def _beginning(text: str, values: Mapping[str, str]) -> str:
    written = ""
    for literal, name, _, _ in Formatter().parse(text):
        written += literal
        if name is not None and name not in values:
            return written
        written += values[name] if name is not None else ""
    return written
