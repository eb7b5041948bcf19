"""The ground truth of an Intercom workspace."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connector.sandbox.intercom.notices import NOTES

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.files import StoredFile
    from connector.sandbox.intercom.model import Author, Contact, Conversation, IntercomState, Part


def dump(state: IntercomState) -> JsonObject:
    """Dump the whole workspace as JSON."""
    return {
        "admins": [
            {"id": str(item.id), "name": item.name, "left": item.left} for item in state.admins.values()
        ],
        "contacts": [_contact(item) for item in state.contacts.values()],
        "conversations": [_conversation(state, item) for item in state.conversations.values()],
        "deleted": [{"id": str(key), "deleted_at": at} for key, at in state.deleted.items()],
        "tags": [{"id": str(item.id), "name": item.name} for item in state.tags.values()],
    }


def _contact(item: Contact) -> JsonObject:
    return {
        "id": item.id,
        "role": item.role,
        "external_id": item.external_id,
        "email": item.email,
        "name": item.name,
        "via": item.via,
        "archived": item.archived,
        "deleted": item.deleted,
        "merged_into": item.merged_into,
    }


def _conversation(state: IntercomState, item: Conversation) -> JsonObject:
    source = item.source
    return {
        "id": str(item.id),
        "created": item.created_at,
        "updated_at": item.updated_at,
        "contacts": list(item.contacts),
        "merged_into": None if item.merged_into is None else str(item.merged_into),
        "state": item.state,
        "snoozed_until": item.snoozed_until,
        "admin_assignee": str(item.admin_assignee) if item.admin_assignee else None,
        "team_assignee": str(item.team_assignee) if item.team_assignee else None,
        "tags": [state.tags[applied.tag].name for applied in item.tags],
        "rating": item.rating,
        "source": {
            "id": str(source.id),
            "public": True,
            "author": _author(state, source.author),
            "body": source.body,
            "via": source.via,
            "redacted": source.redacted,
            "notified": list(source.notified),
            "attachments": [_file(stored) for stored in source.attachments],
        },
        "parts": [_part(state, part) for part in item.ordered_parts()],
    }


def _part(state: IntercomState, part: Part) -> JsonObject:
    target = part.assigned_to
    return {
        "id": str(part.id),
        "type": part.part_type,
        "public": bool(part.body) and part.part_type not in NOTES,
        "author": _author(state, part.author),
        "body": part.body,
        "created": part.created_at,
        "updated": part.updated_at,
        "via": part.via,
        "notified": list(part.notified),
        "assigned_to": None if target is None else {"type": target.kind, "id": target.id},
        "event_details": part.event_details,
        "redacted": part.redacted,
        "attachments": [_file(stored) for stored in part.attachments],
    }


def _author(state: IntercomState, author: Author) -> JsonObject:
    names: dict[str, str | None] = {str(item.id): item.name for item in state.admins.values()}
    names |= {item.id: item.name for item in state.contacts.values() if item.id == author.id}
    return {"kind": author.kind, "id": author.id, "name": names.get(author.id)}


def _file(stored: StoredFile) -> JsonObject:
    digest = hashlib.sha256(stored.content).hexdigest()
    return {"name": stored.name, "size": len(stored.content), "sha256": digest}
