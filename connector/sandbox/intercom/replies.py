"""Intercom's endpoints that write into a conversation, 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.intercom import actions, bodies, views
from connector.sandbox.intercom.call import find_contact
from connector.sandbox.intercom.errors import IntercomError, absent, invalid, not_found
from connector.sandbox.intercom.model import Assignee, Conversation, Part, Version

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.call import Call

_LATEST_SECONDS = 10**11
"""A Unix time above this was given in milliseconds."""


def reply(call: Call) -> JsonObject:
    """POST /conversations/{id}/reply; `last` is the contact's latest conversation."""
    conversation = _latest(call) if call.args["id"] == "last" else call.conversation()
    kind = call.body.get("type")
    if kind == "user":
        reply_as_contact(call, conversation, since=(2, 11))
    elif kind == "admin":
        _reply_as_admin(call, conversation)
    else:
        raise invalid("type must be admin or user")
    return call.shown(conversation)


def manage(call: Call) -> JsonObject:
    """POST /conversations/{id}/parts: close, open, snooze or assign."""
    conversation = call.conversation()
    kind = str(call.body.get("message_type"))
    if kind == "assignment":
        assign(call, conversation, str(call.body.get("type", "admin")))
    elif kind in {"close", "open", "snoozed"}:
        change_state(call, conversation, kind)
    else:
        raise invalid("message_type must be close, open, snoozed or assignment")
    return call.shown(conversation)


def add_tag(call: Call) -> JsonObject:
    """POST /conversations/{id}/tags."""
    conversation = _tagged(call)
    author = call.admin_author()
    if call.body.get("id") is None:
        raise absent("id")
    tag = call.state.tag(call.body["id"])
    return views.tag(tag, actions.add_tag(call.state, conversation, call.stamp, tag.id, author.id))


def remove_tag(call: Call) -> JsonObject:
    """DELETE /conversations/{id}/tags/{tag_id}; repeating it does no harm."""
    conversation = _tagged(call)
    author = call.admin_author()
    tag = call.state.tag(call.args["tag_id"])
    return views.tag(tag, actions.remove_tag(call.state, conversation, call.stamp, tag.id, author.id))


def add_customer(call: Call) -> JsonObject:
    """POST /conversations/{id}/customers."""
    conversation, author = call.conversation(), call.admin_author()
    contact = find_contact(call.state, call.body.get("customer") or {})
    if contact.id not in conversation.contacts:
        conversation.contacts.append(contact.id)
        draft = actions.Draft("participant_added", author)
        actions.append(call.state, conversation, call.stamp, draft)
    return _customers(conversation)


def remove_customer(call: Call) -> JsonObject:
    """DELETE /conversations/{id}/customers/{contact_id}."""
    conversation, author = call.conversation(), call.admin_author()
    if call.args["contact_id"] not in conversation.contacts:
        raise not_found("User Not Found")
    if len(conversation.contacts) == 1:
        raise IntercomError(422, "parameter_invalid", "Removing the last customer is not allowed")
    conversation.contacts.remove(call.args["contact_id"])
    draft = actions.Draft("participant_removed", author)
    actions.append(call.state, conversation, call.stamp, draft)
    return _customers(conversation)


def reply_as_contact(call: Call, conversation: Conversation, *, since: Version) -> Part:
    """Write as the contact named in the body; later versions accept a time."""
    if call.body.get("message_type", "comment") not in {"comment", "quick_reply"}:
        raise invalid("message_type must be comment")
    author = call.contact_author()
    if author.id not in conversation.contacts:
        raise not_found("User Not Found")
    chosen = call.body.get("reply_options") or []
    body = str(chosen[0]["text"]) if chosen else call.message_text()
    as_html = call.state.switches.contact_reply_html
    draft = actions.Draft(
        "comment",
        author,
        body=_sanitised(call, body) if as_html else bodies.from_text(body),
        uploads=call.uploads(),
        created_at=call.created_at(honoured=call.version >= since),
        metadata={"quick_reply_uuid": chosen[0].get("uuid")} if chosen else {},
    )
    return actions.contact_reply(call.state, conversation, call.stamp, draft)


def comment_or_note(call: Call, conversation: Conversation, *, silent: bool, since: Version) -> Part:
    """Write a teammate's comment or note."""
    is_note = call.body.get("message_type") == "note"
    draft = actions.Draft(
        "note" if is_note else "comment",
        call.admin_author(),
        body=_sanitised(call, call.message_text(), note=is_note),
        uploads=call.uploads(),
        created_at=call.created_at(honoured=call.version >= since),
        silent=silent,
    )
    write = actions.note if is_note else actions.admin_reply
    return write(call.state, conversation, call.stamp, draft)


def change_state(call: Call, conversation: Conversation, kind: str) -> Part:
    """Close, open or snooze; closing and opening may carry a text."""
    author = call.admin_author()
    until = None
    if kind == "snoozed":
        until = _snooze_end(call)
    body = call.body.get("body")
    draft = actions.Draft(kind, author, body=bodies.sanitise(str(body)) if body and until is None else None)
    return actions.change_state(call.state, conversation, call.stamp, draft, until)


def assign(call: Call, conversation: Conversation, kind: str) -> Part:
    """Assign to a teammate, a team or, with `0`, to nobody."""
    author = call.admin_author()
    target = _assignee(call, kind)
    body = call.body.get("body")
    draft = actions.Draft(
        "assignment", author, body=bodies.sanitise(str(body)) if body else None, assigned_to=target
    )
    if target.kind == "nobody_admin" and kind == "team":
        conversation.team_assignee = 0
    return actions.assign(call.state, conversation, call.stamp, draft)


def _sanitised(call: Call, body: str, *, note: bool = False) -> str:
    return bodies.sanitise(body, note=note, markup=call.state.switches.sanitiser_keeps_markup)


def _reply_as_admin(call: Call, conversation: Conversation) -> None:
    silent = bool(call.body.get("skip_notifications")) and call.version >= (2, 15)
    kind = call.body.get("message_type")
    if kind in {"comment", "note"}:
        comment_or_note(call, conversation, silent=silent, since=(2, 7))
    elif kind == "quick_reply" and call.version >= (2, 14):
        options = call.body.get("reply_options")
        if not options:
            raise absent("reply_options")
        offered: JsonObject = {"quick_reply_options": options}
        draft = actions.Draft("quick_reply", call.admin_author(), metadata=offered, silent=silent)
        actions.admin_reply(call.state, conversation, call.stamp, draft)
    else:
        raise invalid("message_type must be comment, note or quick_reply")


def _assignee(call: Call, kind: str) -> Assignee:
    if call.body.get("assignee_id") is None:
        raise absent("assignee_id")
    key = str(call.body["assignee_id"])
    if key == "0":
        return Assignee("nobody_admin", None)
    number = int(key) if key.isdigit() else -1
    if number in call.state.teams and (kind == "team" or number not in call.state.admins):
        return Assignee("team", key)
    admin = call.state.admins.get(number)
    if admin is None:
        raise not_found("Assignee not found", "assignee_not_found")
    if admin.left:
        raise call.state.about_former_admin("Assignee not found", "assignee_not_found")
    return Assignee("admin", key)


def _snooze_end(call: Call) -> int:
    value = str(call.body.get("snoozed_until") or "")
    if not value:
        raise absent("snoozed_until")
    if not value.isdigit() or int(value) <= call.stamp.at:
        raise invalid("snoozed_until must be a time in the future")
    if int(value) > _LATEST_SECONDS:
        raise IntercomError(500, "server_error", "Server Error")
    return int(value)


def _latest(call: Call) -> Conversation:
    key = call.contact_author().id
    own = [item for item in call.state.conversations.values() if key in item.contacts]
    if not own:
        raise not_found()
    return max(own, key=lambda item: (item.updated_at, item.id))


def _tagged(call: Call) -> Conversation:
    key = call.args["id"]
    found = call.state.conversations.get(int(key)) if key.isdigit() else None
    if found is None:
        raise not_found("Conversation not found")
    return found


def _customers(conversation: Conversation) -> JsonObject:
    return {"customers": [{"type": "user", "id": key} for key in conversation.contacts]}
