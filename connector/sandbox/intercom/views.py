"""Intercom's objects as API 2.x shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.intercom import bodies

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.files import StoredFile
    from connector.sandbox.intercom.model import (
        Admin,
        AppliedTag,
        Author,
        Contact,
        Conversation,
        IntercomState,
        Part,
        Tag,
        Team,
        Version,
    )

GRANULAR = frozenset(
    {
        "quick_reply",
        "attribute_collector",
        "attribute_collected",
        "custom_action_started",
        "custom_action_finished",
        "operator_workflow_event",
        "priority_changed",
        "priority_changed_by_rule",
        "user_became_idle",
        "resolution_bot_found_no_answer",
        "workflow_assignment",
    }
)
"""Event types that versions before 2.6 disguise as comments, besides all `conversation_...` ones."""


def admin(item: Admin) -> JsonObject:
    """Show a teammate."""
    return {
        "type": "admin",
        "id": str(item.id),
        "name": item.name,
        "email": item.email,
        "away_mode_enabled": False,
        "away_mode_reassign": False,
        "has_inbox_seat": item.has_inbox_seat,
        "team_ids": list(item.team_ids),
    }


def team(item: Team) -> JsonObject:
    """Show a team."""
    return {"type": "team", "id": str(item.id), "name": item.name, "admin_ids": list(item.admin_ids)}


def tag(item: Tag, applied: AppliedTag | None = None) -> JsonObject:
    """Show a tag, with when and by whom it was put on a conversation."""
    shown: JsonObject = {"type": "tag", "id": str(item.id), "name": item.name}
    by = None if applied is None else {"type": "admin", "id": applied.by}
    return shown | {"applied_at": None if applied is None else applied.at, "applied_by": by}


def author(state: IntercomState, who: Author) -> JsonObject:
    """Show who wrote something."""
    shown: JsonObject = {"id": who.id, "type": who.kind}
    if who.is_contact:
        contact = state.contacts[who.id]
        return shown | {"name": contact.name, "email": contact.email or ""}
    if who.kind == "team":
        return shown | {"name": state.teams[int(who.id)].name, "email": ""}
    found = state.admins[int(who.id)]
    return shown | {"name": found.name, "email": found.email}


def body(state: IntercomState, markup: str | None, *, plain: bool) -> str | None:
    """Show a text, as HTML or plain, with links to files that still work where they are signed."""
    if markup and state.switches.body_links_signed:
        markup = state.files.signed_anew(markup)
    return bodies.plain(markup) if plain else markup


def attachment(state: IntercomState, stored: StoredFile) -> JsonObject:
    """Show a file with an address that expires after half an hour."""
    shown: JsonObject = {
        "type": "upload",
        "name": stored.name,
        "url": state.files.url(stored),
        "content_type": stored.content_type,
        "filesize": len(stored.content),
    }
    picture = stored.content_type.startswith("image/")
    return shown | ({"width": 640, "height": 400} if picture else {})


def visible_parts(state: IntercomState, item: Conversation, version: Version) -> list[Part]:
    """Return the newest parts that a version shows, oldest first."""
    parts = item.ordered_parts()
    if version < (2, 6):
        parts = [entry for entry in parts if entry.part_type != "conversation_tags_updated"]
    return parts[-state.switches.parts_cap :]


def part_type(entry: Part, version: Version) -> str:
    """Return a part's type; before 2.6 many events pose as comments."""
    new = entry.part_type in GRANULAR or (
        entry.part_type.startswith("conversation_") and "_rating_" not in entry.part_type
    )
    return "comment" if new and version < (2, 6) else entry.part_type


def part(state: IntercomState, entry: Part, version: Version, *, plain: bool = False) -> JsonObject:
    """Show one entry of a conversation."""
    writer = author(state, entry.author)
    writer["type"] = "user" if entry.author.is_contact else entry.author.kind
    if version >= (2, 14):
        writer |= {"from_ai_agent": False, "is_ai_answer": False}
    target = entry.assigned_to
    shown: JsonObject = {
        "type": "conversation_part",
        "id": str(entry.id),
        "part_type": part_type(entry, version),
        "body": body(state, entry.body, plain=plain),
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
        "notified_at": entry.created_at,
        "assigned_to": None if target is None else {"type": target.kind, "id": target.id},
        "author": writer,
        "attachments": [attachment(state, stored) for stored in entry.attachments],
        "external_id": None,
        "redacted": entry.redacted,
    }
    return shown | _newer_part_fields(entry, version)


def row(state: IntercomState, item: Conversation, version: Version, *, plain: bool = False) -> JsonObject:
    """Show a conversation as lists do, without its parts."""
    shown: JsonObject = {
        "type": "conversation",
        "id": str(item.id),
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "waiting_since": item.waiting_since,
        "snoozed_until": item.snoozed_until,
        "source": _source(state, item, plain=plain),
        "contacts": {"type": "contact.list", "contacts": [_reference(state, key) for key in item.contacts]},
        "first_contact_reply": _first_reply(item),
        "admin_assignee_id": item.admin_assignee,
        "team_assignee_id": item.team_assignee,
        "open": item.state != "closed",
        "state": item.state,
        "read": item.read,
        "tags": {"type": "tag.list", "tags": [tag(state.tags[it.tag], it) for it in item.tags]},
        "priority": _priority(item, version),
        "sla_applied": None,
        "statistics": _statistics(item),
        "conversation_rating": _rating(item, version),
        "teammates": _teammates(item),
        "custom_attributes": dict(item.custom_attributes),
    }
    return shown | _newer_fields(item, version)


def conversation(
    state: IntercomState, item: Conversation, version: Version, *, plain: bool = False
) -> JsonObject:
    """Show a conversation with its newest parts."""
    parts = visible_parts(state, item, version)
    return row(state, item, version, plain=plain) | {
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": [part(state, entry, version, plain=plain) for entry in parts],
            "total_count": len(parts),
        }
    }


def contact(state: IntercomState, item: Contact) -> JsonObject:
    """Show a contact."""
    empty = ("avatar", "owner_id", "signed_up_at", "last_seen_at", "language_override", "os")
    browser = ("browser", "browser_version", "browser_language")
    lists = {"tags": "tags", "notes": "notes", "companies": "companies"}
    place = ("country", "region", "city", "country_code", "continent_code")
    return {
        "type": "contact",
        "id": item.id,
        "workspace_id": state.workspace_id,
        "external_id": item.external_id,
        "role": item.role,
        "email": item.email or "",
        "phone": item.phone,
        "name": item.name,
        **dict.fromkeys((*empty, *browser)),
        "social_profiles": {"type": "list", "data": []},
        "has_hard_bounced": False,
        "marked_email_as_spam": False,
        "unsubscribed_from_emails": False,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "last_replied_at": item.last_replied_at,
        "last_contacted_at": item.last_contacted_at,
        "last_email_opened_at": None,
        "last_email_clicked_at": None,
        "location": {"type": "location", **dict.fromkeys(place)},
        "custom_attributes": dict(item.custom_attributes),
        **{name: _addressable(item.id, path) for name, path in lists.items()},
    }


def _newer_part_fields(entry: Part, version: Version) -> JsonObject:
    fields: JsonObject = {}
    if version >= (2, 13):
        richer = version >= (2, 15) or entry.part_type != "conversation_tags_updated"
        fields |= {
            "email_message_metadata": None,
            "state": entry.state,
            "tags": [],
            "event_details": entry.event_details if richer else None,
            "app_package_code": entry.app_package_code,
        }
    if version >= (2, 14):
        fields["metadata"] = entry.metadata
    return fields


def _newer_fields(item: Conversation, version: Version) -> JsonObject:
    fields: JsonObject = {"topics": {}, "title": item.title}
    if version >= (2, 10):
        linked = [{"type": "conversation", "id": str(key), "category": None} for key in item.linked]
        links = {"type": "list", "data": linked, "total_count": len(linked), "has_more": False}
        fields |= {"linked_objects": links, "ticket": None}
    if version >= (2, 11):
        fields |= {"ai_agent": None, "ai_agent_participated": False}
    if version >= (2, 15):
        fields["company"] = None
    if version >= (2, 16):
        fields["channel"] = {"initial": "messenger", "current": "messenger"}
    return fields


def _source(state: IntercomState, item: Conversation, *, plain: bool) -> JsonObject:
    source = item.source
    return {
        "type": source.type,
        "id": str(source.id),
        "delivered_as": source.delivered_as,
        "subject": source.subject,
        "body": body(state, source.body, plain=plain),
        "author": author(state, source.author),
        "attachments": [attachment(state, stored) for stored in source.attachments],
        "url": source.url,
        "redacted": source.redacted,
    }


def _reference(state: IntercomState, key: str) -> JsonObject:
    return {"type": "contact", "id": key, "external_id": state.contacts[key].external_id}


def _first_reply(item: Conversation) -> JsonObject | None:
    if item.first_contact_reply is None:
        return None
    return {"created_at": item.first_contact_reply, "type": "conversation", "url": item.source.url}


def _priority(item: Conversation, version: Version) -> str:
    if version >= (2, 16):
        return "high" if item.priority else "none"
    return "priority" if item.priority else "not_priority"


def _rating(item: Conversation, version: Version) -> JsonObject | None:
    if item.rating is None or version >= (2, 14):
        return item.rating
    return {name: value for name, value in item.rating.items() if name != "updated_at"}


def _statistics(item: Conversation) -> JsonObject:
    types = [entry.part_type for entry in item.parts]
    return {
        "type": "conversation_statistics",
        "count_reopens": sum(kind in {"open", "assign_and_reopen"} for kind in types),
        "count_assignments": sum("assign" in kind for kind in types),
        "count_conversation_parts": len(types),
    }


def _teammates(item: Conversation) -> JsonObject | None:
    keys = sorted({entry.author.id for entry in item.parts if entry.author.kind == "admin"})
    if not keys:
        return None
    return {"type": "admin.list", "admins": [{"type": "admin", "id": key} for key in keys]}


def _addressable(contact_id: str, path: str) -> JsonObject:
    url = f"/contacts/{contact_id}/{path}"
    return {"type": "list", "data": [], "url": url, "total_count": 0, "has_more": False}
