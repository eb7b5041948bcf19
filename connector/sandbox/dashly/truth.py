"""The ground truth of a Dashly app."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connector.sandbox.dashly.actions import PUBLIC_OUTGOING

if TYPE_CHECKING:
    from connector.sandbox.dashly.model import Conversation, DashlyState, Part, Sender, User
    from connector.sandbox.exchange import JsonObject

_PUBLIC = PUBLIC_OUTGOING | {"reply_user", "vote"}


def dump(state: DashlyState) -> JsonObject:
    """Dump the whole app as JSON."""
    return {
        "admins": [
            {"id": str(item.id), "name": item.name, "left": item.left} for item in state.admins.values()
        ],
        "users": [_user(user) for user in state.users.values()],
        "conversations": [_conversation(state, item) for item in state.conversations.values()],
    }


def _user(user: User) -> JsonObject:
    return {
        "id": str(user.id),
        "user_id": user.user_id,
        "props": dict(user.props),
        "props_custom": dict(user.props_custom),
        "removed": user.removed,
        "merged_into": None if user.merged_into is None else str(user.merged_into),
        "made_by_reading": user.made_by_reading,
        "via": user.via,
        "reachable": user.reachable,
    }


def _conversation(state: DashlyState, item: Conversation) -> JsonObject:
    return {
        "id": str(item.id),
        "created": item.created,
        "last_update": item.last_update,
        "user": str(item.user),
        "closed": item.closed,
        "delayed_until": item.delayed_until,
        "assignee": None if item.assignee is None else str(item.assignee),
        "channel": None if item.channel is None else str(item.channel),
        "tags": list(item.tags),
        "replied": item.replied,
        "removed": item.removed,
        "message": None if item.message is None else str(item.message),
        "vanished": [str(key) for key in item.vanished],
        "parts": [_part(state, part) for part in sorted(item.parts, key=lambda part: part.id)],
    }


def _part(state: DashlyState, part: Part) -> JsonObject:
    return {
        "id": str(part.id),
        "type": part.type,
        "public": part.type in _PUBLIC,
        "author": _author(state, part.sender),
        "body": part.body,
        "created": part.created,
        "via": part.via,
        "external_id": part.external_id,
        "notified": [str(user) for user in part.notified],
        "assignee": None if part.assignee is None else str(part.assignee),
        "tag": part.tag,
        "edited": part.edited,
        "removed": part.removed,
        "attachments": [
            {
                "name": stored.name,
                "size": len(stored.content),
                "sha256": hashlib.sha256(stored.content).hexdigest(),
            }
            for stored in part.attachments
        ],
    }


def _author(state: DashlyState, sender: Sender) -> JsonObject:
    name = state.admins[sender.id].name if sender.kind == "admin" else sender.name
    return {"kind": sender.kind, "id": str(sender.id), "name": name}
