"""The search index: flat documents of conversations and contacts, seen with a delay."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.model import Contact, Conversation, IntercomState


FIELDS = frozenset(
    [
        "id",
        "created_at",
        "updated_at",
        "source.type",
        "source.id",
        "source.delivered_as",
        "source.subject",
        "source.body",
        "source.url",
        "source.author.id",
        "source.author.type",
        "source.author.name",
        "source.author.email",
        "contact_ids",
        "teammate_ids",
        "admin_assignee_id",
        "team_assignee_id",
        "channel_initiated",
        "open",
        "read",
        "state",
        "waiting_since",
        "snoozed_until",
        "tag_ids",
        "priority",
        "statistics.count_conversation_parts",
        "conversation_rating.score",
        "conversation_rating.remark",
        "conversation_rating.requested_at",
        "ai_agent_participated",
    ]
)
"""What conversations can be searched by, besides their custom attributes."""


def index(state: IntercomState, conversation: Conversation) -> None:
    """Note that a conversation changed, for searches that lag behind."""
    if state.switches.search_delay > 0:
        conversation.index.append((state.clock.now(), of_conversation(state, conversation)))


def indexed(state: IntercomState, conversation: Conversation) -> JsonObject | None:
    """Return what a search sees of a conversation now, None when it does not see it yet."""
    if state.switches.search_delay <= 0:
        return of_conversation(state, conversation)
    visible = state.clock.now() - state.switches.search_delay
    seen = [document for at, document in conversation.index if at <= visible]
    return seen[-1] if seen else None


def of_conversation(state: IntercomState, item: Conversation) -> JsonObject:
    """Flatten a conversation into searchable fields."""
    author = item.source.author
    person = state.contacts.get(author.id) or state.admins.get(int(author.id) if author.id.isdigit() else 0)
    rating = item.rating or {}
    teammates = {int(part.author.id) for part in item.parts if part.author.kind == "admin"}
    return {
        "id": item.id,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "source.type": item.source.type,
        "source.id": item.source.id,
        "source.delivered_as": item.source.delivered_as,
        "source.subject": item.source.subject,
        "source.body": item.source.body,
        "source.url": item.source.url,
        "source.author.id": author.id,
        "source.author.type": author.kind,
        "source.author.name": person.name if person else None,
        "source.author.email": person.email if person else None,
        "contact_ids": list(item.contacts),
        "teammate_ids": sorted(teammates),
        "admin_assignee_id": item.admin_assignee,
        "team_assignee_id": item.team_assignee,
        "channel_initiated": "messenger",
        "open": item.state != "closed",
        "read": item.read,
        "state": item.state,
        "waiting_since": item.waiting_since,
        "snoozed_until": item.snoozed_until,
        "tag_ids": [str(applied.tag) for applied in item.tags],
        "priority": "priority" if item.priority else "not_priority",
        "statistics.count_conversation_parts": len(item.parts),
        "conversation_rating.score": rating.get("rating"),
        "conversation_rating.remark": rating.get("remark"),
        "conversation_rating.requested_at": rating.get("created_at"),
        "ai_agent_participated": False,
        **{f"custom_attributes.{name}": value for name, value in item.custom_attributes.items()},
    }


def of_contact(item: Contact) -> JsonObject:
    """Flatten a contact into searchable fields."""
    return {
        "id": item.id,
        "role": item.role,
        "external_id": item.external_id,
        "email": item.email,
        "email_domain": item.email.rpartition("@")[2] if item.email else None,
        "phone": item.phone,
        "name": item.name,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "last_replied_at": item.last_replied_at,
        "last_contacted_at": item.last_contacted_at,
        "signed_up_at": None,
        "last_seen_at": None,
        "owner_id": None,
        **{f"custom_attributes.{name}": value for name, value in item.custom_attributes.items()},
    }
