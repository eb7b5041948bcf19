"""Intercom's endpoints that list, find, read, create, change and delete conversations, 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connector.sandbox.intercom import actions, documents, search, views
from connector.sandbox.intercom.errors import IntercomError, forbidden, invalid, not_found
from connector.sandbox.intercom.model import Author, Conversation

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.call import Call

_SORTABLE = frozenset({"id", "created_at", "updated_at", "waiting_since", "snoozed_until"})
_DELETED_MOST = 60


def list_conversations(call: Call) -> JsonObject:
    """GET /conversations, newest change first."""
    rows: list[search.Row[Conversation]] = [
        ((item.updated_at, item.id), item) for item in call.state.conversations.values()
    ]
    return _listed(call, rows, dict(call.query), descending=True)


def find(call: Call) -> JsonObject:
    """POST /conversations/search."""
    query = call.body.get("query")
    sort = call.body.get("sort") or {}
    field = sort.get("field", "updated_at")
    if field not in _SORTABLE:
        raise invalid(f"{field} cannot be sorted by")
    if not call.state.switches.sort_honoured:
        field, sort = "id", {"order": "ascending"}
    search.check(query, documents.FIELDS)
    rows: list[search.Row[Conversation]] = []
    for item in call.state.conversations.values():
        document = documents.indexed(call.state, item)
        strict = not call.state.switches.greater_includes_equal
        if document is not None and search.matches(query or {}, document, strict=strict):
            rows.append(((document[field] or 0, item.id), item))
    descending = sort.get("order", "descending") != "ascending"
    pagination = call.body.get("pagination") or {}
    return _listed(call, rows, pagination, descending=descending)


def get(call: Call) -> JsonObject:
    """GET /conversations/{id}."""
    return call.shown(call.conversation())


def update(call: Call) -> JsonObject:
    """PUT /conversations/{id}: read, title and attributes, each of which the bot logs."""
    conversation = call.conversation()
    if "read" in call.body:
        conversation.read = bool(call.body["read"])
    if "title" in call.body and call.version >= (2, 13):
        conversation.title = call.body["title"]
    attributes = call.body.get("custom_attributes") or {}
    unknown = [name for name in attributes if name not in call.state.conversation_attributes]
    if unknown:
        raise invalid(f"Custom attribute '{unknown[0]}' does not exist")
    for name, value in attributes.items():
        _set_attribute(call, conversation, name, value)
    documents.index(call.state, conversation)
    return call.shown(conversation)


def delete(call: Call) -> JsonObject:
    """DELETE /conversations/{id}."""
    conversation = call.conversation()
    actions.delete(call.state, conversation, call.stamp)
    return {"id": str(conversation.id), "object": "conversation", "deleted": True}


def list_deleted(call: Call) -> JsonObject:
    """GET /conversations/deleted, by pages."""
    if not call.state.switches.deleted_readable:
        raise forbidden("The token is not allowed to read this")
    page = search.whole_number(call.query.get("page", 1), "page")
    per_page = search.whole_number(call.query.get("per_page", 20), "per_page")
    if not 1 <= per_page <= _DELETED_MOST:
        raise invalid("Per Page is too big")
    order = call.query.get("order", "desc")
    by_time = call.state.switches.deleted_by_time
    gone = sorted(
        call.state.deleted.items(),
        key=lambda item: (item[1] if by_time else 0, item[0]),
        reverse=order != "asc",
    )
    cut = gone[(page - 1) * per_page : page * per_page]
    query = urlencode({"per_page": per_page, "order": order, "page": page + 1})
    following = f"{call.state.files.base_url}/conversations/deleted?{query}"
    return {
        "type": "conversations.list",
        "total_count": len(gone),
        "pages": {
            "type": "pages",
            "next": following if page * per_page < len(gone) else None,
            "page": page,
            "per_page": per_page,
            "total_pages": -(-len(gone) // per_page),
        },
        "conversations": [
            {"type": "conversation", "id": str(key), "metrics_retained": True, "deleted_at": at}
            for key, at in cut
        ],
    }


def redact(call: Call) -> JsonObject:
    """POST /conversations/redact."""
    missing = "conversation_part_or_message_not_found"
    key = str(call.body.get("conversation_id") or "")
    conversation = call.state.conversations.get(int(key)) if key.isdigit() else None
    if conversation is None:
        raise not_found("Conversation part or message not found", missing)
    if call.body.get("type") == "conversation_part":
        actions.redact(call.state, conversation, call.stamp, str(call.body.get("conversation_part_id")))
    elif call.body.get("type") == "source":
        if str(call.body.get("source_id")) != str(conversation.source.id):
            raise not_found("Conversation part or message not found", missing)
        actions.redact_source(call.state, conversation, call.stamp)
    else:
        raise IntercomError(400, "type_mismatch", "type must be conversation_part or source")
    return call.shown(conversation)


def _listed(
    call: Call, rows: list[search.Row[Conversation]], pagination: JsonObject, *, descending: bool
) -> JsonObject:
    gaps = call.state.switches.empty_pages
    found, pages, total = search.page_of(rows, pagination, descending=descending, default=20, gaps=gaps)
    shown = [views.row(call.state, item, call.version, plain=call.plain) for item in found]
    return {"type": "conversation.list", "pages": pages, "total_count": total, "conversations": shown}


def _set_attribute(call: Call, conversation: Conversation, name: str, value: object) -> None:
    previous = conversation.custom_attributes.get(name)
    if previous == value:
        return
    conversation.custom_attributes[name] = value
    details: JsonObject = {"attribute": {"name": name}, "value": {"name": value, "previous": previous}}
    author = Author("bot", str(call.state.bot.id))
    draft = actions.Draft("conversation_attribute_updated_by_admin", author, event_details=details)
    actions.append(call.state, conversation, call.stamp, draft)
