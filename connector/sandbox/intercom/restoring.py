"""Puts Intercom's raw objects of 2.x back into a workspace: the inverse of `views`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Literal

from connector.sandbox.intercom import directory, documents
from connector.sandbox.intercom.model import (
    Admin,
    AppliedTag,
    Assignee,
    Author,
    Contact,
    Conversation,
    Part,
    Source,
    Team,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.files import StoredFile
    from connector.sandbox.intercom.model import IntercomState

Kind = Literal["user", "lead", "admin", "bot", "team"]


def restore(
    state: IntercomState,
    raw: JsonObject,
    people: Sequence[JsonObject],
    take: Callable[[JsonObject], StoredFile],
) -> None:
    """Put a conversation with its parts and contacts into a workspace; LookupError for one of 1.x."""
    at = int(raw["created_at"])
    for person in people:
        _meet(state, person, at)
    contacts = [str(one["id"]) for one in raw["contacts"]["contacts"]]
    for one in raw["contacts"]["contacts"]:
        _meet(state, one, at)
    parts = (raw.get("conversation_parts") or {}).get("conversation_parts") or ()
    made = Conversation(
        id=int(raw["id"]),
        created_at=at,
        updated_at=int(raw.get("updated_at") or at),
        source=_source(state, raw["source"], at, take),
        contacts=contacts,
        state=raw.get("state") or "open",
        snoozed_until=raw.get("snoozed_until"),
        waiting_since=raw.get("waiting_since"),
        first_contact_reply=(raw.get("first_contact_reply") or {}).get("created_at"),
        read=bool(raw.get("read")),
        title=raw.get("title"),
        priority=raw.get("priority") in {"high", "priority"},
        admin_assignee=_hired(state, raw.get("admin_assignee_id")),
        team_assignee=_team(state, raw.get("team_assignee_id")),
        custom_attributes=dict(raw.get("custom_attributes") or {}),
        rating=raw.get("conversation_rating"),
        parts=[_part(state, one, take) for one in parts],
    )
    made.tags = _tags(state, raw, at)
    state.conversations[made.id] = made
    _count_on(state, made)
    documents.index(state, made)


def _source(
    state: IntercomState, raw: JsonObject, at: int, take: Callable[[JsonObject], StoredFile]
) -> Source:
    return Source(
        id=int(raw["id"]) if str(raw["id"]).isdigit() else next(state.ids.sources),
        author=_author(state, raw["author"], at),
        body=raw.get("body") or "",
        delivered_as=raw.get("delivered_as") or "customer_initiated",
        via="human",
        type=raw.get("type") or "conversation",
        subject=raw.get("subject") or "",
        url=raw.get("url"),
        attachments=[take(one) for one in raw.get("attachments") or ()],
        redacted=bool(raw.get("redacted")),
    )


def _tags(state: IntercomState, raw: JsonObject, at: int) -> list[AppliedTag]:
    return [
        AppliedTag(
            directory.named_tag(state, str(one["name"])).id,
            int(one.get("applied_at") or at),
            str((one.get("applied_by") or {}).get("id") or state.bot.id),
        )
        for one in (raw.get("tags") or {}).get("tags") or ()
    ]


def _count_on(state: IntercomState, made: Conversation) -> None:
    """Give no new object an id that was exported."""
    ids = state.ids
    highest = max((part.id for part in made.parts), default=0)
    ids.conversations = itertools.count(max(made.id, next(ids.conversations)) + 1)
    ids.parts = itertools.count(max(highest, next(ids.parts)) + 1)
    ids.sources = itertools.count(max(made.source.id, next(ids.sources)) + 1)


def _part(state: IntercomState, raw: JsonObject, take: Callable[[JsonObject], StoredFile]) -> Part:
    target, at = raw.get("assigned_to"), int(raw["created_at"])
    return Part(
        id=int(raw["id"]),
        part_type=str(raw["part_type"]),
        author=_author(state, raw["author"], at),
        body=raw.get("body"),
        created_at=at,
        updated_at=int(raw.get("updated_at") or at),
        state=raw.get("state") or "open",
        via="human",
        assigned_to=None if not target else Assignee(str(target.get("type")), _text(target.get("id"))),
        attachments=[take(one) for one in raw.get("attachments") or ()],
        event_details=raw.get("event_details"),
        metadata=dict(raw.get("metadata") or {}),
        app_package_code=raw.get("app_package_code"),
        redacted=bool(raw.get("redacted")),
    )


def _author(state: IntercomState, raw: JsonObject, at: int) -> Author:
    key, kind = str(raw["id"]), str(raw["type"])
    if kind in {"admin", "bot"}:
        known = Admin(int(key), raw.get("name") or "", raw.get("email") or "", bot=kind == "bot")
        state.admins.setdefault(known.id, known)
        return Author("bot" if kind == "bot" else "admin", key)
    if kind == "team":
        _team(state, key)
        return Author("team", key)
    _meet(state, raw, at)
    return Author("lead" if state.contacts[key].role == "lead" else "user", key)


def _meet(state: IntercomState, raw: JsonObject, at: int) -> None:
    key = str(raw["id"])
    contact = Contact(
        key,
        raw.get("role") or ("lead" if raw.get("type") == "lead" else "user"),
        int(raw.get("created_at") or at),
        int(raw.get("updated_at") or at),
        "human",
        external_id=raw.get("external_id"),
        email=raw.get("email") or None,
        phone=raw.get("phone"),
        name=raw.get("name"),
    )
    known = state.contacts.setdefault(key, contact)
    # A conversation shows less of a contact than the part that they wrote.
    known.name, known.email = known.name or contact.name, known.email or contact.email


def _hired(state: IntercomState, key: Any) -> int:  # noqa: ANN401 - an id as a number, as text, or nothing
    found = int(key or 0)
    if found and found not in state.admins:
        state.admins[found] = Admin(found, "", "")
    return found


def _team(state: IntercomState, key: Any) -> int:  # noqa: ANN401 - an id as a number, as text, or nothing
    found = int(key or 0)
    if found:
        state.teams.setdefault(found, Team(found, ""))
    return found


def _text(value: Any) -> str | None:  # noqa: ANN401 - an id or nothing
    return None if value is None else str(value)
