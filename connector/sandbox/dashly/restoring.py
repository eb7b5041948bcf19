"""Puts Dashly's raw objects back into an app: the inverse of `views`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.sandbox.dashly.model import Admin, Channel, Conversation, Part, Sender, User

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.sandbox.dashly.model import DashlyState
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.files import StoredFile

NOBODY = Sender("nobody")


def restore(
    state: DashlyState,
    raw: JsonObject,
    parts: Sequence[JsonObject],
    people: Sequence[JsonObject],
    take: Callable[[JsonObject], StoredFile],
) -> None:
    """Put a conversation with its parts and its user into an app."""
    for person in (*people, raw.get("user")):
        _meet(state, person, created=float(raw["created"]))
    channel = raw.get("channel")
    if isinstance(channel, dict):
        key = int(channel["id"])
        known = Channel(key, channel.get("name") or "", channel.get("type") or "manual", list(state.admins))
        state.channels.setdefault(key, known)
    made = Conversation(
        id=int(raw["id"]),
        created=float(raw["created"]),
        user=_user_of(raw, parts),
        part_group=int(parts[-1].get("part_group") or raw["id"]) if parts else int(raw["id"]),
        last_update=float(raw.get("last_update") or raw["created"]),
        channel=int(channel["id"]) if isinstance(channel, dict) else None,
        message=_number(raw.get("message")),
        type=raw.get("type") or "popup_chat",
        replied=bool(raw.get("replied")),
        closed=bool(raw.get("closed")),
        delayed_until=_seconds(raw.get("delayed_until")),
        removed=_seconds(raw.get("removed")),
        assignee=_hired(state, raw.get("assignee")),
        last_admin=_hired(state, raw.get("last_admin")),
        last_user_reply=_moment(raw.get("last_user_reply_time")),
        assistant_type=raw.get("assistant_type"),
        tags=list(raw.get("tags") or ()),
        parts=[_part(state, one, int(raw["id"]), take) for one in parts],
    )
    state.users.setdefault(made.user, User(made.user, made.created, "human"))
    state.conversations[made.id] = made


def _part(
    state: DashlyState, raw: JsonObject, conversation: int, take: Callable[[JsonObject], StoredFile]
) -> Part:
    channel = raw.get("channel")
    return Part(
        id=int(raw["id"]),
        conversation=conversation,
        part_group=int(raw.get("part_group") or raw["id"]),
        type=str(raw["type"]),
        created=float(raw["created"]),
        sender=_sender(state, raw.get("from")),
        sent_via=raw.get("sent_via") or "web",
        via="human",
        first=bool(raw.get("first")),
        body=raw.get("body") or "",
        body_json=raw.get("body_json") or {},
        meta_data=raw.get("meta_data") or {},
        actions=raw.get("actions"),
        external_id=raw.get("external_id"),
        assignee=_hired(state, raw.get("assignee")),
        tag=raw.get("tag"),
        channel=_number(channel.get("id") if isinstance(channel, dict) else channel),
        attachments=[take(one) for one in raw.get("attachments") or ()],
        edited=_seconds(raw.get("edited")),
        removed=_seconds(raw.get("removed")),
    )


def _user_of(raw: JsonObject, parts: Sequence[JsonObject]) -> int:
    user = raw.get("user")
    if isinstance(user, dict):
        return int(user["id"])
    said = (one.get("from") for one in parts if one.get("type") == "reply_user")
    return next((int(one) for one in said if isinstance(one, int | str)), int(raw["id"]))


def _meet(state: DashlyState, raw: Any, *, created: float) -> None:  # noqa: ANN401 - whatever stood in the file
    if not isinstance(raw, dict) or _number(raw.get("id")) is None:
        return
    user = User(
        int(raw["id"]),
        created,
        "human",
        user_id=raw.get("user_id"),
        props=dict(raw.get("props") or {}),
        presence=raw.get("presence") or "offline",
        removed=_seconds(raw.get("removed")),
    )
    state.users.setdefault(user.id, user)


def _sender(state: DashlyState, raw: Any) -> Sender:  # noqa: ANN401 - an id, an object, or nothing
    if isinstance(raw, int | str):
        return Sender("user", int(raw))
    if not isinstance(raw, dict):
        return NOBODY
    name = raw.get("name") or ""
    match raw.get("type"):
        case "default_admin":
            return Sender("default_admin", name=name)
        case "message_sender":
            return Sender("message_sender", int(raw["id"]), name)
    hired = _hired(state, raw)
    return NOBODY if hired is None else Sender("admin", hired, name)


def _hired(state: DashlyState, raw: Any) -> int | None:  # noqa: ANN401 - an operator, an id, or nothing
    if not isinstance(raw, dict):
        key = _number(raw)
        return key if key in state.admins else None
    key = _number(raw.get("id"))
    if key is not None:
        name = raw.get("name") or ""
        state.admins.setdefault(key, Admin(key, name, raw.get("name_internal") or name))
    return key


def _number(value: Any) -> int | None:  # noqa: ANN401 - an id as a number or as text
    return int(value) if value not in {None, "", 0} else None


def _moment(value: Any) -> float | None:  # noqa: ANN401 - a number or an ISO time, by the switch of the app
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    return _seconds(value)


def _seconds(value: Any) -> float | None:  # noqa: ANN401 - a time or nothing
    return None if value is None else float(value)
