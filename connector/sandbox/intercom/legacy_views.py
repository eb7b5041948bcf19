"""Intercom's objects as API 1.0 to 1.4 showed them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connector.sandbox.intercom import views

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.model import Author, Contact, Conversation, IntercomState, Part, Version

NOT_WAITING = 64_654_125_776
"""A date 2,000 years ahead, which meant "nobody waits" before 1.2."""


def row(state: IntercomState, item: Conversation, version: Version, *, plain: bool = False) -> JsonObject:
    """Show a conversation as lists do."""
    people = [_person(state, key) for key in item.contacts]
    waiting = NOT_WAITING if item.waiting_since is None and version < (1, 2) else item.waiting_since
    shown: JsonObject = {
        "type": "conversation",
        "id": str(item.id),
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "waiting_since": waiting,
        "snoozed_until": item.snoozed_until,
        "conversation_message": _message(state, item, version, plain=plain),
        "user": people[0],
        "customers": people,
        "assignee": _assignee(item),
        "open": item.state != "closed",
        "state": item.state,
        "read": item.read,
        "conversation_rating": _rating(item),
    }
    if version >= (1, 1):
        shown |= {"customer_first_reply": _first_reply(item), "tags": _tags(state, item, version)}
    return shown


def conversation(
    state: IntercomState, item: Conversation, version: Version, *, plain: bool = False
) -> JsonObject:
    """Show a conversation with its newest parts."""
    parts = views.visible_parts(state, item, version)
    return row(state, item, version, plain=plain) | {
        "tags": _tags(state, item, version),
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": [_part(state, entry, version, plain=plain) for entry in parts],
            "total_count": len(parts),
        },
    }


def person(item: Contact) -> JsonObject:
    """Show a user, or a lead, which as an object is called a contact."""
    return {
        "type": "user" if item.role == "user" else "contact",
        "id": item.id,
        "user_id": item.external_id if item.role == "user" else lead_user_id(item),
        "email": item.email,
        "phone": item.phone,
        "name": item.name,
        "anonymous": item.role != "user",
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "custom_attributes": dict(item.custom_attributes),
        "tags": {"type": "tag.list", "tags": []},
    }


def lead_user_id(item: Contact) -> str:
    """Return the UUID that the server gives every lead."""
    digest = hashlib.sha256(item.id.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"


def _person(state: IntercomState, key: str) -> JsonObject:
    return {"type": state.contacts[key].role, "id": key}


def _author(state: IntercomState, who: Author, version: Version) -> JsonObject:
    shown = views.author(state, who)
    return shown if version >= (1, 3) else {"type": shown["type"], "id": shown["id"]}


def _message(state: IntercomState, item: Conversation, version: Version, *, plain: bool) -> JsonObject:
    source = item.source
    shown: JsonObject = {
        "type": source.type if version >= (1, 1) else "conversation_message",
        "id": str(source.id),
        "subject": source.subject,
        "body": views.body(state, source.body, plain=plain),
        "author": _author(state, source.author, version),
        "attachments": [views.attachment(state, stored) for stored in source.attachments],
        "url": source.url,
    }
    return shown | ({"delivered_as": source.delivered_as} if version >= (1, 1) else {})


def _part(state: IntercomState, entry: Part, version: Version, *, plain: bool) -> JsonObject:
    newer = views.part(state, entry, version, plain=plain)
    names = ("type", "id", "part_type", "body", "created_at", "updated_at", "notified_at", "assigned_to")
    shown = {name: newer[name] for name in names}
    author = {"type": newer["author"]["type"]}
    return shown | {
        "author": _author(state, entry.author, version) | author,
        "attachments": newer["attachments"],
        "external_id": None,
    }


def _assignee(item: Conversation) -> JsonObject:
    if item.admin_assignee:
        return {"type": "admin", "id": str(item.admin_assignee)}
    if item.team_assignee:
        return {"type": "team", "id": str(item.team_assignee)}
    return {"type": "nobody_admin", "id": None}


def _rating(item: Conversation) -> JsonObject:
    nobody = {"type": None, "id": None}
    rating = item.rating or {}
    return {
        "rating": rating.get("rating"),
        "remark": rating.get("remark"),
        "created_at": rating.get("created_at"),
        "customer": {"type": "user", "id": rating["contact"]["id"]} if rating else nobody,
        "teammate": rating.get("teammate") or nobody,
    }


def _first_reply(item: Conversation) -> JsonObject | None:
    if item.first_contact_reply is None:
        return None
    return {"created_at": item.first_contact_reply, "type": "conversation", "url": item.source.url or ""}


def _tags(state: IntercomState, item: Conversation, version: Version) -> JsonObject:
    tags = [views.tag(state.tags[applied.tag], applied) for applied in item.tags]
    if version < (1, 1):
        tags = [{name: tag[name] for name in ("type", "id", "name")} for tag in tags]
    return {"type": "tag.list", "tags": tags}
