"""What can happen to an Intercom conversation, whoever does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.sandbox.intercom import bodies, documents, notices, topics
from connector.sandbox.intercom.errors import IntercomError, invalid
from connector.sandbox.intercom.model import (
    AppliedTag,
    Assignee,
    Author,
    Contact,
    Conversation,
    IntercomState,
    Part,
    Source,
)
from connector.sandbox.record import Stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.sandbox.exchange import JsonObject, Upload
    from connector.sandbox.files import StoredFile


@dataclass(slots=True)
class Draft:
    """A part to be written; `body` is already sanitised."""

    part_type: str
    author: Author
    body: str | None = None
    uploads: Sequence[Upload] = ()
    created_at: int | None = None
    assigned_to: Assignee | None = None
    event_details: JsonObject | None = None
    metadata: JsonObject = field(default_factory=dict)
    silent: bool = False
    moves_updated_at: bool = True


def append(state: IntercomState, conversation: Conversation, stamp: Stamp, draft: Draft) -> Part:
    """Write a part as it stands, without any effect on the conversation but its time."""
    created_at = int(stamp.at) if draft.created_at is None else draft.created_at
    by_api = stamp.via == "api" and state.switches.app_package_code
    part = Part(
        id=next(state.ids.parts),
        part_type=draft.part_type,
        author=draft.author,
        body=draft.body,
        created_at=created_at,
        updated_at=created_at,
        state=conversation.state,
        via=stamp.via,
        assigned_to=draft.assigned_to,
        attachments=keep(state, draft.uploads, stamp),
        event_details=draft.event_details,
        metadata=draft.metadata,
        app_package_code=state.package_code if by_api else None,
    )
    conversation.parts.append(part)
    if draft.moves_updated_at:
        to_now = state.switches.backdated_reply_moves_updated_at_to_now
        touch(state, conversation, int(stamp.at) if to_now else created_at)
    if not draft.silent and notices.is_public(part):
        part.notified = notices.notify(state, conversation, stamp, str(part.id), part.author, part.body or "")
    documents.index(state, conversation)
    topics.tell(state, conversation, part)
    return part


def contact_reply(state: IntercomState, conversation: Conversation, stamp: Stamp, draft: Draft) -> Part:
    """Write as a customer, which wakes a closed or snoozed conversation."""
    if conversation.state == "closed":
        draft.part_type = "open"
    set_state(state, conversation, "open")
    conversation.read = False
    part = append(state, conversation, stamp, draft)
    if conversation.waiting_since is None:
        conversation.waiting_since = part.created_at
    if conversation.first_contact_reply is None:
        conversation.first_contact_reply = part.created_at
    contact = state.contacts[draft.author.id]
    contact.last_replied_at = part.created_at
    documents.index(state, conversation)
    return part


def admin_reply(state: IntercomState, conversation: Conversation, stamp: Stamp, draft: Draft) -> Part:
    """Write a message as a teammate or the bot."""
    if conversation.state == "closed" and state.switches.admin_reply_reopens:
        set_state(state, conversation, "open")
    conversation.waiting_since = None
    return append(state, conversation, stamp, draft)


def note(state: IntercomState, conversation: Conversation, stamp: Stamp, draft: Draft) -> Part:
    """Leave a note; a snoozed conversation of somebody else wakes up."""
    foreign = str(conversation.admin_assignee) not in {"0", draft.author.id}
    if conversation.state == "snoozed" and foreign:
        set_state(state, conversation, "open")
        draft.part_type = "note_and_unsnooze"
    return append(state, conversation, stamp, draft)


def change_state(
    state: IntercomState, conversation: Conversation, stamp: Stamp, draft: Draft, until: int | None = None
) -> Part:
    """Close, open or snooze by a draft of that part type."""
    target = {"close": "closed", "open": "open", "snoozed": "snoozed"}[draft.part_type]
    if conversation.state == target != "snoozed" and state.switches.repeated_state_is_error:
        raise invalid(f"Conversation is already {target}")
    if target == "open" and conversation.state == "snoozed":
        draft.part_type = "unsnoozed"
    set_state(state, conversation, target, until)
    if target == "closed":
        conversation.waiting_since = None
    return append(state, conversation, stamp, draft)


def assign(state: IntercomState, conversation: Conversation, stamp: Stamp, draft: Draft) -> Part:
    """Assign to the draft's `assigned_to`, waking the conversation."""
    target = draft.assigned_to or Assignee("nobody_admin", None)
    if target.kind == "team":
        conversation.team_assignee = int(target.id or 0)
    else:
        conversation.admin_assignee = int(target.id or 0)
    waking = {"closed": "assign_and_reopen", "snoozed": "assign_and_unsnooze"}
    draft.part_type = waking.get(conversation.state, draft.part_type)
    set_state(state, conversation, "open")
    return append(state, conversation, stamp, draft)


def add_tag(
    state: IntercomState, conversation: Conversation, stamp: Stamp, tag: int, admin: str
) -> AppliedTag:
    """Attach a tag; nothing happens when it is there."""
    found = next((item for item in conversation.tags if item.tag == tag), None)
    if found is None:
        found = AppliedTag(tag, int(stamp.at), admin)
        conversation.tags.append(found)
        _tags_changed(state, conversation, stamp, admin, {"tags_added": [state.tags[tag].name]})
    return found


def remove_tag(
    state: IntercomState, conversation: Conversation, stamp: Stamp, tag: int, admin: str
) -> AppliedTag | None:
    """Detach a tag; nothing happens when it is not there."""
    found = next((item for item in conversation.tags if item.tag == tag), None)
    if found is not None:
        conversation.tags.remove(found)
        _tags_changed(state, conversation, stamp, admin, {"tags_removed": [state.tags[tag].name]})
    return found


def start(
    state: IntercomState, contact: Contact, stamp: Stamp, source: Source, created_at: int
) -> Conversation:
    """Begin a conversation with its opening message."""
    by_contact = source.author.is_contact
    conversation = Conversation(
        id=next(state.ids.conversations),
        created_at=created_at,
        updated_at=int(stamp.at) if stamp.via == "api" else created_at,
        source=source,
        contacts=[contact.id],
        waiting_since=created_at if by_contact else None,
        first_contact_reply=created_at if by_contact else None,
    )
    state.conversations[conversation.id] = conversation
    state.pushes.emit(topics.BEGUN[by_contact], conversation.id, source.id)
    if not by_contact:
        text = source.body
        source.notified = notices.notify(state, conversation, stamp, str(source.id), source.author, text)
    documents.index(state, conversation)
    return conversation


def redact(state: IntercomState, conversation: Conversation, stamp: Stamp, part_id: str) -> None:
    """Replace a part's content for good."""
    part = next((item for item in conversation.parts if str(item.id) == part_id), None)
    if part is None:
        code = "conversation_part_or_message_not_found"
        raise IntercomError(404, code, "Conversation part or message not found")
    if not part.body:
        raise IntercomError(400, "conversation_part_not_redactable", "This part cannot be redacted")
    part.body, part.redacted, part.updated_at = bodies.REDACTED, True, int(stamp.at)
    state.pushes.emit("conversation_part.redacted", conversation.id, part.id)
    _drop_files(state, part)
    touch(state, conversation, part.updated_at)


def redact_source(state: IntercomState, conversation: Conversation, stamp: Stamp) -> None:
    """Replace a customer's opening message for good."""
    if not conversation.source.author.is_contact:
        raise IntercomError(400, "conversation_part_not_redactable", "This message cannot be redacted")
    conversation.source.body, conversation.source.redacted = bodies.REDACTED, True
    _drop_files(state, conversation.source)
    touch(state, conversation, int(stamp.at))


def delete(state: IntercomState, conversation: Conversation, stamp: Stamp) -> None:
    """Delete a conversation; only its id remains."""
    del state.conversations[conversation.id]
    state.snoozed.discard(conversation.id)
    state.deleted[conversation.id] = int(stamp.at)
    state.pushes.emit(topics.DELETED, conversation.id)


def fire_timers(state: IntercomState) -> None:
    """Wake what was snoozed until now."""
    now = state.clock.now()
    for key in sorted(state.snoozed):
        conversation = state.conversations[key]
        until = conversation.snoozed_until or 0
        if until <= now:
            set_state(state, conversation, "open")
            author = Author("bot", str(state.bot.id))
            append(state, conversation, Stamp(until, "human"), Draft("timer_unsnooze", author))


def set_state(
    state: IntercomState, conversation: Conversation, target: str, until: int | None = None
) -> None:
    """Put a conversation into a state, keeping the snooze timers in step."""
    conversation.state = target  # type: ignore[assignment]
    conversation.snoozed_until = until
    (state.snoozed.add if target == "snoozed" else state.snoozed.discard)(conversation.id)


def touch(state: IntercomState, conversation: Conversation, at: int) -> None:
    """Move the conversation's `updated_at` forward."""
    conversation.updated_at = max(conversation.updated_at, at)
    documents.index(state, conversation)


def keep(state: IntercomState, uploads: Sequence[Upload], stamp: Stamp) -> list[StoredFile]:
    """Store the files of a message."""
    return [state.files.keep(next(state.ids.files), upload, stamp.at) for upload in uploads]


def _tags_changed(
    state: IntercomState, conversation: Conversation, stamp: Stamp, admin: str, change: JsonObject
) -> None:
    if change.get("tags_added"):
        state.pushes.emit("conversation_part.tag.created", conversation.id)
    if state.switches.tag_writes_part:
        details = {"tags_added": [], "tags_removed": [], **change}
        draft = Draft("conversation_tags_updated", Author("admin", admin), event_details=details)
        draft.moves_updated_at = state.switches.tag_moves_updated_at
        append(state, conversation, stamp, draft)
    elif state.switches.tag_moves_updated_at:
        touch(state, conversation, int(stamp.at))
    documents.index(state, conversation)


def _drop_files(state: IntercomState, item: Part | Source) -> None:
    for stored in item.attachments:
        state.files.drop(stored)
    item.attachments = []
