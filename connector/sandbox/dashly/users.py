"""Dashly's endpoints for users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.dashly import actions, filters, views
from connector.sandbox.dashly.errors import DashlyError, invalid
from connector.sandbox.dashly.model import Id, Sender, User
from connector.sandbox.dashly.params import Call, parse_id
from connector.sandbox.dashly.reads import Result, check_app

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject

_POPUPS = frozenset({"popup_chat", "popup_small", "popup_big"})
_MOST_OPERATIONS = 250


def list_users(call: Call) -> Result:
    """GET /apps/{app_id}/users: leads only, those that `filters` chooses, by offset and limit."""
    check_app(call)
    leads = [user for user in _leads(call) if filters.matches(call.mapping("filters"), user)]
    leads.sort(key=lambda user: (user.created, user.id), reverse=call.text("sort_order") != "asc")
    offset = call.integer("offset", 0, 0, 10**9)
    limit = call.integer("limit", 20, 1, 50)
    shown = [views.user(call.state, user) for user in leads[offset : offset + limit]]
    return {"users": shown, "total": len(leads)}, {}


def list_active_users(call: Call) -> Result:
    """GET /apps/{app_id}/activeusers."""
    check_app(call)
    online = [user for user in call.state.users.values() if user.presence == "online"]
    return [views.user(call.state, user) for user in online], {"next_before_position": None}


def get_user(call: Call) -> Result:
    """GET /users/{id}; with `by_user_id` an unknown user is created, which the record notes."""
    known = len(call.state.users)
    user = _user(call, create=True)
    if len(call.state.users) > known:
        user.made_by_reading = True
        call.state.record.made_by_reading.append(str(user.id))
    shown = views.user(call.state, user)
    if not call.flag("props", default=True):
        shown.pop("props")
    extras: JsonObject = {
        "props_custom": dict(user.props_custom),
        "props_events": {},
        "presence_details": {},
        "events": [],
        "segments": [],
        "notes": [],
        "tags": [],
        "email_status": None,
        "timezone_offset": 0,
    }
    return shown | {name: value for name, value in extras.items() if call.flag(name)}, {}


def set_props(call: Call) -> Result:
    """POST /users/{id}/props: apply each operation, skip the bad ones and say so in `meta`."""
    operations = call.objects("operations")
    if operations is None or len(operations) > _MOST_OPERATIONS:
        raise invalid("operations", f"must be a list of at most {_MOST_OPERATIONS}")
    user = _user(call, create=True)
    affected: list[str] = []
    unchanged: list[str] = []
    ignored: list[JsonObject] = []
    for operation in operations:
        problem = _problem(operation)
        if problem:
            ignored.append({**operation, "reason": problem})
        elif _apply(user, operation):
            affected.append(operation["key"])
        else:
            unchanged.append(operation["key"])
    return {}, {
        "affected_props": affected,
        "not_changed_props": unchanged,
        "ignored_operations": ignored,
    }


def start_conversation(call: Call) -> Result:
    """POST /users/{id}/startconversation: as the visitor."""
    upload = call.upload("file", "filename")
    body = call.message()
    if upload is not None and not call.text("filename"):
        raise invalid("filename", "is required with a file")
    if not body and upload is None:
        raise invalid("body", "a text or a file is needed")
    actions.check_body(call.state, body)
    user = _user(call, create=True)
    uploads = () if upload is None else (upload,)
    draft = actions.Draft("reply_user", Sender("user", user.id), body=body, uploads=uploads)
    return {"id": Id(actions.start(call.state, user, call.stamp, draft).id)}, {}


def send_message(call: Call) -> Result:
    """POST /users/{id}/sendmessage: as the company; stays out of the list until the user answers."""
    kind = call.text("type") or "popup_chat"
    if kind not in _POPUPS:
        raise invalid("type", "must be popup_chat, popup_small or popup_big")
    user = _user(call, create=False)
    message = call.state.ids.next(call.stamp.at)
    sender = Sender("default_admin", name=call.state.default_sender)
    draft = actions.Draft("reply_admin", sender, body=call.required("body", 10**6), sent_via="message_manual")
    conversation = actions.start(call.state, user, call.stamp, draft, message=message)
    conversation.type = kind
    return {"conversation": Id(conversation.id), "message": Id(message)}, {}


def _leads(call: Call) -> list[User]:
    talking = {item.user for item in call.state.conversations.values()}
    seen = call.stamp.at - call.state.switches.users_delay
    users = [user for user in call.state.users.values() if user.removed is None and user.created <= seen]
    return [user for user in users if user.is_lead or user.id in talking]


def _user(call: Call, *, create: bool) -> User:
    if not call.flag("by_user_id"):
        return call.state.user(parse_id("id", call.args["id"]))
    found = call.state.user_by_own_id(call.args["id"])
    if found is None and not create:
        raise DashlyError("LookupError", f"user {call.args['id']} does not exist")
    return found or actions.make_user(call.state, call.stamp, call.args["id"])


def _problem(operation: JsonObject) -> str | None:
    if not isinstance(operation, dict) or not operation.get("key"):
        return "no key"
    if operation.get("op") not in {"update_or_create", "set_once", "add", "delete"}:
        return "unknown op"
    if operation["op"] == "add" and not isinstance(operation.get("value"), (int, float)):
        return "not a number"
    return None


def _apply(user: User, operation: JsonObject) -> bool:
    key, value = str(operation["key"]), operation.get("value")
    props = user.props if key.startswith("$") else user.props_custom
    before = props.get(key)
    match operation["op"]:
        case "delete":
            props.pop(key, None)
        case "add":
            props[key] = (before or 0) + operation["value"]
        case "set_once":
            props.setdefault(key, value)
        case _:
            props[key] = value
    return bool(props.get(key) != before)
