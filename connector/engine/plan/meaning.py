"""What a row of the table of notices says: a sentence, how serious it is, and what a person does about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How serious a notice is."""

    INFORMATION = "information"
    ATTENTION = "attention"
    QUARANTINE = "quarantine"


class NoticeKind(StrEnum):
    """What a notice is about."""

    NOT_DELIVERED = "not-delivered"
    NOT_SENT = "not-sent"
    MAYBE_OURS = "maybe-ours"
    COPIES_FOUND = "copies-found"
    PART_REMOVED = "part-removed"
    COPY_STAYS = "copy-stays"
    PART_VANISHED = "part-vanished"
    CONVERSATION_DELETED = "conversation-deleted"
    COPIES_STAY = "copies-stay"
    COPIES_REDACTED = "copies-redacted"
    REMOVE_BY_HAND = "remove-by-hand"
    REDACTION_REFUSED = "redaction-refused"
    FILES_REFUSED = "files-refused"
    FILE_NOT_COPIED = "file-not-copied"
    REGISTER_REFUSED = "register-refused"
    AGENT_CANNOT_WRITE = "agent-cannot-write"
    CUSTOMER_CANNOT_WRITE = "customer-cannot-write"
    BOTH_CHANGED = "both-changed"
    TEXT_TOO_LONG = "text-too-long"
    TOO_MANY_PARTS = "too-many-parts"
    LINKED_AGAIN = "linked-again"
    NO_COPY_FOUND = "no-copy-found"
    NO_ORIGINAL_FOUND = "no-original-found"
    NO_MIRROR_FOUND = "no-mirror-found"
    WITHOUT_ID = "without-id"
    NOT_UNDONE = "not-undone"
    CONTACT_NOT_UNDONE = "contact-not-undone"
    UNDO_BY_HAND = "undo-by-hand"
    NOTHING_FITS = "nothing-fits"
    LIST_CUT = "list-cut"
    LIST_REFUSED = "list-refused"
    LEFT_FOR_NEXT_RUN = "left-for-next-run"
    STOPPED_EARLY = "stopped-early"
    QUARANTINED = "quarantined"
    STILL_QUARANTINED = "still-quarantined"
    CLOCK_DOUBTED = "clock-doubted"
    WATERMARK_IN_FUTURE = "watermark-in-future"
    HELD = "held"
    LIMIT_REACHED = "limit-reached"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of the table: the sentence, how serious it is, and what a person does about it."""

    sentence: str
    severity: Severity
    remedy: str
