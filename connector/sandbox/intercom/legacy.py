"""Intercom's endpoints of API 1.0 to 1.4 for conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from connector.sandbox.exchange import JsonObject, Route
from connector.sandbox.intercom import legacy_people, legacy_views, replies, views
from connector.sandbox.intercom.call import Call, find_contact
from connector.sandbox.intercom.errors import IntercomError, absent, invalid
from connector.sandbox.intercom.search import whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.intercom.model import Conversation

_ATTACHMENTS = 5
_FIELDS: dict[str, Callable[[Conversation], int]] = {
    "created_at": lambda item: item.created_at,
    "updated_at": lambda item: item.updated_at,
    "waiting_since": lambda item: item.waiting_since or 0,
}


def list_conversations(call: Call) -> JsonObject:
    """GET /conversations by pages; with `type`, `sort` and `order` swap their meaning."""
    filtered = call.query.get("type")
    found = _of_type(call, filtered) if filtered else list(call.state.conversations.values())
    names = ("order", "sort") if filtered else ("sort", "order")
    field, direction = (call.query.get(name) for name in names)
    key = _FIELDS.get(field or "updated_at", _FIELDS["updated_at"])
    if field == "waiting_since" and not filtered:
        found = [item for item in found if item.waiting_since is not None and item.state != "closed"]
    found.sort(key=lambda item: (key(item), item.id), reverse=(direction or "desc") == "desc")
    return _page(call, found)


def get(call: Call) -> JsonObject:
    """GET /conversations/{id}."""
    return _shown(call, call.conversation())


def mark_read(call: Call) -> JsonObject:
    """PUT /conversations/{id}."""
    conversation = call.conversation()
    if "read" in call.body:
        conversation.read = bool(call.body["read"])
    return _shown(call, conversation)


def reply(call: Call) -> JsonObject:
    """POST /conversations/{id}/reply, which also closes, opens, assigns and snoozes."""
    conversation = _target(call)
    kind = str(call.body.get("message_type", "comment"))
    since = (1, 0) if call.state.switches.created_at_honoured_in_1x else (2, 0)
    if len(call.body.get("attachment_urls") or []) > _ATTACHMENTS or call.body.get("attachment_files"):
        raise invalid("at most 5 attachment_urls are allowed")
    if call.body.get("type") == "user":
        if kind != "comment":
            raise invalid("message_type must be comment")
        replies.reply_as_contact(call, conversation, since=since)
    elif kind in {"comment", "note"}:
        replies.comment_or_note(call, conversation, silent=False, since=since)
    elif kind == "assignment":
        replies.assign(call, conversation, "admin")
    elif kind in {"close", "open", "snoozed"}:
        replies.change_state(call, conversation, kind)
    else:
        raise invalid("message_type is unknown")
    return _shown(call, conversation)


ROUTES: tuple[Route[Call, JsonObject], ...] = (
    Route("GET", "/conversations", list_conversations),
    Route("GET", "/conversations/{id}", get),
    Route("PUT", "/conversations/{id}", mark_read),
    Route("POST", "/conversations/{id}/reply", reply),
    *legacy_people.ROUTES,
)


def _target(call: Call) -> Conversation:
    if call.args["id"] != "last":
        return call.conversation()
    contact = find_contact(call.state, call.body)
    own = [item for item in call.state.conversations.values() if contact.id in item.contacts]
    if not own:
        raise IntercomError(404, "not_found", "Resource Not Found")
    return max(own, key=lambda item: (item.updated_at, item.id))


def _of_type(call: Call, kind: str) -> list[Conversation]:
    everything = list(call.state.conversations.values())
    if kind == "user":
        contact = find_contact(call.state, call.query)
        found = [item for item in everything if contact.id in item.contacts]
        return [item for item in found if not item.read] if call.query.get("unread") == "true" else found
    if kind != "admin":
        raise invalid("type must be admin or user")
    admin = call.query.get("admin_id") or call.query.get("id")
    if not admin:
        raise absent("admin_id")
    wanted = "0" if admin == "nobody" else admin
    assigned = [item for item in everything if wanted in {str(item.admin_assignee), str(item.team_assignee)}]
    if admin == "nobody":
        assigned = [item for item in everything if not item.admin_assignee and not item.team_assignee]
    shown = call.query.get("open")
    return [item for item in assigned if shown is None or (item.state != "closed") == (shown == "true")]


def _page(call: Call, found: list[Conversation]) -> JsonObject:
    old = call.version < (2, 0)
    page = whole_number(call.query.get("page", 1), "page")
    per_page = whole_number(call.query.get("per_page", 20), "per_page")
    if page < 1 or not 1 <= per_page <= (60 if old else 150):
        raise invalid("Per Page is too big")
    gap = int(call.state.switches.empty_pages and bool(found))
    cut = [] if page <= gap else found[(page - 1 - gap) * per_page : (page - gap) * per_page]
    total_pages = -(-len(found) // per_page) + gap
    query = urlencode({"per_page": per_page, "page": page + 1})
    following = f"{call.state.files.base_url}/conversations?{query}"
    show = legacy_views.row if old else views.row
    return {
        "type": "conversation.list",
        "pages": {
            "type": "pages",
            "page": page,
            "per_page": per_page,
            "total_pages": total_pages,
            "next": following if page < total_pages else None,
        },
        "conversations": [show(call.state, item, call.version, plain=call.plain) for item in cut],
    }


def _shown(call: Call, conversation: Conversation) -> JsonObject:
    return legacy_views.conversation(call.state, conversation, call.version, plain=call.plain)
