"""Dashly's writing endpoints for conversations."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from connector.sandbox.dashly import actions
from connector.sandbox.dashly.errors import invalid, missing
from connector.sandbox.dashly.model import Conversation, Id, Part, Sender
from connector.sandbox.dashly.params import Call, parse_id
from connector.sandbox.dashly.reads import Result, conversation_of

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject

_ADMIN_TYPES = frozenset({"reply_admin", "note", "article"})


def reply(call: Call) -> Result:
    """POST /conversations/{id}/reply."""
    conversation = conversation_of(call)
    draft = _draft(call, conversation)
    actions.check_body(call.state, draft.body)
    _check_external_id(call, conversation, draft.external_id)
    if call.state.switches.body_escaped:
        draft.body = html.escape(draft.body, quote=False)
    assignee = call.object_id("auto_assign")
    if assignee is None:
        actions.auto_assign(call.state, conversation, call.stamp, draft)
    else:
        admin = call.state.admin(assignee)
        actions.assign(call.state, conversation, call.stamp, admin.id, draft.sender)
    part = actions.write(call.state, conversation, call.stamp, draft)
    return (_made(call, part) if call.state.switches.reply_returns_id else {}), {}


def assign(call: Call) -> Result:
    """POST /conversations/{id}/assign; without `admin` it removes the assignee."""
    conversation = conversation_of(call)
    if call.text("from_admin") is None:
        raise invalid("from_admin", "is required")
    key = call.object_id("admin") if call.text("admin") else None
    admin = None if key is None else call.state.admin(key).id
    return _made(call, actions.assign(call.state, conversation, call.stamp, admin, call.sender())), {}


def close(call: Call) -> Result:
    """POST /conversations/{id}/close."""
    return _made(call, actions.close(call.state, conversation_of(call), call.stamp, call.sender())), {}


def tag(call: Call) -> Result:
    """POST /conversations/{id}/tag; the deprecated `action` can make it a removal."""
    if call.text("action") == "delete":
        return untag(call)
    conversation, name = conversation_of(call), call.required("tag")
    return _made(call, actions.add_tag(call.state, conversation, call.stamp, name, call.sender())), {}


def untag(call: Call) -> Result:
    """DELETE /conversations/{id}/tag."""
    conversation, name = conversation_of(call), call.required("tag")
    return _made(call, actions.remove_tag(call.state, conversation, call.stamp, name, call.sender())), {}


def set_typing(call: Call) -> Result:
    """POST /conversations/{id}/settyping, which leaves no trace."""
    conversation_of(call)
    return {}, {}


def _draft(call: Call, conversation: Conversation) -> actions.Draft:
    upload = call.upload("attachment", "attachment_file_name")
    body = call.message()
    body_json = call.mapping("body_json")
    if not body and not body_json and upload is None:
        raise invalid("body", "a text or a file is needed")
    from_user = call.text("from_user")
    kind = "reply_user" if from_user else call.text("type") or "reply_admin"
    if kind not in _ADMIN_TYPES and not from_user:
        raise invalid("type", "must be reply_admin, note or article")
    return actions.Draft(
        kind,
        _visitor(conversation, from_user) if from_user else call.sender(),
        body=body,
        body_json=body_json,
        uploads=() if upload is None else (upload,),
        actions=call.objects("actions"),
        external_id=call.text("external_id"),
    )


def _check_external_id(call: Call, conversation: Conversation, external_id: str | None) -> None:
    used = {part.external_id for part in conversation.parts}
    if external_id and external_id in used and call.state.switches.external_id_unique:
        raise invalid("external_id", "is used already")


def _visitor(conversation: Conversation, value: str) -> Sender:
    if value != "default_user" and parse_id("from_user", value) != conversation.user:
        raise missing("user", value)
    return Sender("user", conversation.user)


def _made(call: Call, part: Part | None) -> JsonObject:
    if part is None:
        return {}
    made: JsonObject = {"id": Id(part.id), "part_group": Id(part.part_group)}
    random_id = call.integer("random_id", 0, -(2**31), 2**32 - 1)
    return made | ({"random_id": random_id} if random_id else {})
