"""Dashly's objects as the API shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.sandbox.dashly.actions import PUBLIC_OUTGOING, REPLIES
from connector.sandbox.dashly.model import Channel, Conversation, DashlyState, Id, Part, Sender, User

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.files import StoredFile

_UNIMPORTANT = frozenset({"tag_added", "tag_deleted", "channel_changed", "vote", "service"})
_REDUCED = ("id", "created", "conversation", "type", "sent_via", "from", "body")
_AVATAR = "https://files.dashly.app/avatars/default-v4.png"


def admin(state: DashlyState, key: int | None) -> JsonObject | None:
    """Show an operator."""
    if key is None:
        return None
    found = state.admins[key]
    return {
        "type": found.type,
        "id": Id(found.id),
        "name": found.name,
        "avatar": _AVATAR,
        "name_internal": found.name_internal,
    }


def sender(state: DashlyState, who: Sender) -> object:
    """Show a part's `from`: an id, an object or nothing, by who it is."""
    if who.kind == "user":
        return Id(who.id)
    if who.kind == "admin":
        return admin(state, who.id)
    if who.kind == "default_admin":
        return {"type": "default_admin", "name": who.name, "avatar": _AVATAR}
    if who.kind == "message_sender":
        return {
            "type": "message_sender",
            "id": Id(who.id),
            "name": who.name,
            "email_name": "bot",
            "is_default": False,
            "is_removed": False,
            "is_bot": True,
            "avatar": _AVATAR,
        }
    return None


def part(state: DashlyState, item: Part) -> JsonObject:
    """Show one entry of a conversation."""
    shown: JsonObject = {
        "id": Id(item.id),
        "created": int(item.created),
        "edited": _seconds(item.edited),
        "removed": _seconds(item.removed),
        "conversation": Id(item.conversation),
        "part_group": Id(item.part_group),
        "body": item.body,
        "body_json": item.body_json,
        "direction": "u2a" if item.type in {"reply_user", "vote"} else "a2u",
        "type": item.type,
        "sent_via": item.sent_via,
        "meta_data": item.meta_data,
        "reply_type": "text" if item.type == "reply_user" else "no",
        "actions": item.actions,
        "external_id": item.external_id if state.switches.external_id_returned else None,
        "from": sender(state, item.sender) if _says_who(state, item) else None,
    }
    return shown | _part_extras(state, item)


def conversation(
    state: DashlyState, item: Conversation, include: Collection[str], *, full: bool
) -> JsonObject:
    """Show a conversation with the optional fields asked for."""
    replies = [entry for entry in item.parts if entry.type in REPLIES]
    reply = replies[-1] if replies else None
    shown: JsonObject = {
        "id": Id(item.id),
        "created": int(item.created),
        "replied": item.replied,
        "delayed_until": _seconds(item.delayed_until),
        "closed": item.closed,
        "message": None if item.message is None else Id(item.message),
        "type": item.type,
        "reply_type": "text",
        "removed": _seconds(item.removed),
        "reply_last_type": _reply_type(reply),
        "parts_count": len(item.parts),
        "replies_count": len(replies),
        "assignee": admin(state, item.assignee),
        "last_admin": admin(state, item.last_admin),
        "sended_time": _iso(item.created),
        "last_update": int(item.last_update),
        "last_user_reply_time": _reply_time(state, item),
        "tags": list(item.tags),
        "important": False,
        "external_service": None,
        "external_id": None,
        "status": None,
        "assistant_type": item.assistant_type,
        "recipient_type": "web",
    }
    return shown | _counters(item) | _optional(state, item, include, full=full)


def user(state: DashlyState, item: User) -> JsonObject:
    """Show a user as conversations carry it."""
    return {
        "id": Id(item.id),
        "app": Id(state.app_id),
        "user_id": item.user_id,
        "presence": item.presence,
        "removed": _seconds(item.removed),
        "props": dict(item.props),
    }


def channel(state: DashlyState, item: Channel, *, operators: bool = True) -> JsonObject:
    """Show a channel."""
    shown: JsonObject = {
        "id": Id(item.id),
        "name": item.name,
        "avatar": "",
        "type": item.type,
        "priority": item.priority,
    }
    if operators:
        unassigned = [c for c in state.conversations.values() if c.channel == item.id and c.assignee is None]
        shown |= {
            "droppable": item.type == "manual",
            "operators": [admin(state, key) for key in item.operators],
            "not_assigned_count": len(unassigned),
            "not_read_count": 0,
            "read_permission": True,
            "auto_set": False,
            "auto_set_settings": {},
        }
    return shown


def _part_extras(state: DashlyState, item: Part) -> JsonObject:
    extras: JsonObject = {}
    if item.type == "assigned" and (item.assignee or state.switches.unassigned_shows_null):
        extras["assignee"] = admin(state, item.assignee)
    if item.type in {"tag_added", "tag_deleted"}:
        extras["tag"] = item.tag
    if item.type == "channel_changed":
        extras["channel"] = Id(item.channel) if item.channel else 0
    if item.inbound_email is not None:
        extras["inbound_email"] = Id(item.inbound_email)
    if item.first:
        extras["first"] = True
    if item.type == "reply_user":
        extras["read"] = True
    if item.attachments:
        extras["attachments"] = [_attachment(state, stored) for stored in item.attachments]
    return extras


def _attachment(state: DashlyState, stored: StoredFile) -> JsonObject:
    return {
        "id": Id(stored.id),
        "type": "file",
        "filename": stored.name,
        "mime_type": stored.content_type,
        "size": len(stored.content),
        "url": state.files.url(stored),
        "created": stored.created,
    }


def _optional(state: DashlyState, item: Conversation, include: Collection[str], *, full: bool) -> JsonObject:
    replies = [entry for entry in item.parts if entry.type in REPLIES]
    important = [entry for entry in item.parts if entry.type not in _UNIMPORTANT]

    def last(entries: list[Part]) -> JsonObject | None:
        if not entries:
            return None
        shown = part(state, max(entries, key=lambda entry: entry.id))
        return shown if full else {key: shown[key] for key in _REDUCED}

    fields: dict[str, Callable[[], Any]] = {
        "user": lambda: user(state, state.users[item.user]),
        "channel": lambda: (
            None if item.channel is None else channel(state, state.channels[item.channel], operators=False)
        ),
        "part_last": lambda: last(item.parts),
        "important_part_last": lambda: last(important),
        "reply_last": lambda: last(replies),
    }
    return {name: show() for name, show in fields.items() if name in include}


def _counters(item: Conversation) -> JsonObject:
    since_admin, since_user = 0, 0
    for entry in item.parts:
        if entry.type == "reply_user":
            since_admin, since_user = since_admin + 1, 0
        elif entry.type in PUBLIC_OUTGOING:
            since_admin, since_user = 0, since_user + 1
    return {
        "admin_unread_count": since_admin,
        "user_unread_count": since_user,
        "unread_parts_count": since_user,
        "not_answered_admin_replies": since_user,
    }


def _says_who(state: DashlyState, item: Part) -> bool:
    return state.switches.system_entries_from or item.type in REPLIES | PUBLIC_OUTGOING | {"note"}


def _reply_time(state: DashlyState, item: Conversation) -> int | str | None:
    if item.last_user_reply is None or not state.switches.user_reply_time_iso:
        return _seconds(item.last_user_reply)
    return _iso(item.last_user_reply)


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _reply_type(reply: Part | None) -> str | None:
    if reply is None:
        return None
    return "reply_user" if reply.type == "reply_user" else "reply_admin"


def _seconds(value: float | None) -> int | None:
    return None if value is None else int(value)
