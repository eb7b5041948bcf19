"""Merges: of a contact into another one, and of a conversation into another one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.sandbox.intercom import actions, documents
from connector.sandbox.intercom.errors import IntercomError
from connector.sandbox.intercom.model import Author, Part
from connector.sandbox.switches import MergedContact, MergedParts

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.call import Call
    from connector.sandbox.intercom.model import Contact, Conversation, IntercomState, Source
    from connector.sandbox.record import Stamp


def merge(call: Call) -> JsonObject:
    """POST /conversations/{id}/merge: the path's conversation goes into another one, which is shown."""
    key = str(call.body.get("merge_into_conversation_id") or "")
    into = call.state.conversations.get(int(key)) if key.isdigit() else None
    merge_conversations(call.state, call.conversation(), into, call.stamp)
    return call.shown(call.state.conversation(key))


def merge_contacts(state: IntercomState, source: Contact, into: Contact, stamp: Stamp) -> None:
    """Merge a contact, whose id becomes invalid; the switch says what goes to the other one."""
    source.merged_into = into.id
    into.updated_at = int(stamp.at)
    if state.switches.merged_contact is MergedContact.LOST:
        return
    for conversation in state.conversations.values():
        if source.id not in conversation.contacts:
            continue
        moved = [into.id if key == source.id else key for key in conversation.contacts]
        conversation.contacts = list(dict.fromkeys(moved))
        items: list[Source | Part] = [conversation.source, *conversation.parts]
        for item in items:
            if item.author.id == source.id:
                item.author = Author("user", into.id)
        documents.index(state, conversation)


def merge_conversations(
    state: IntercomState, source: Conversation, into: Conversation | None, stamp: Stamp
) -> None:
    """Close a conversation and link it to the surviving one, which may take its parts."""
    if into is None or into is source or source.merged_into is not None:
        raise IntercomError(422, "merge_failed", "These conversations cannot be merged")
    taken = [_opening(source), *source.parts]
    match state.switches.merge_parts:
        case MergedParts.STAY:
            taken = []
        case MergedParts.MOVED:
            source.parts = []
        case MergedParts.COPIED:
            taken = [replace(part) for part in taken]
        case MergedParts.COPIED_ANEW:
            taken = [replace(part, id=next(state.ids.parts)) for part in taken]
    into.parts += taken
    into.contacts = list(dict.fromkeys([*into.contacts, *source.contacts]))
    source.merged_into = into.id
    source.linked.append(into.id)
    into.linked.append(source.id)
    actions.set_state(state, source, "closed")
    bot = Author("bot", str(state.bot.id))
    actions.append(state, into, stamp, actions.Draft("merged_primary_conversation", bot))
    actions.touch(state, source, int(stamp.at))


def _opening(conversation: Conversation) -> Part:
    """Return the opening message as the part that it is in another conversation, under its own id."""
    source = conversation.source
    return Part(
        id=source.id,
        part_type="comment",
        author=source.author,
        body=source.body,
        created_at=conversation.created_at,
        updated_at=conversation.created_at,
        state="open",
        via=source.via,
        attachments=list(source.attachments),
        redacted=source.redacted,
        notified=list(source.notified),
    )
