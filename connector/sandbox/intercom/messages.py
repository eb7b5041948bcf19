"""Intercom's opening messages: what a contact or a teammate begins a conversation with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.intercom import actions, bodies, legacy_people, notices
from connector.sandbox.intercom.call import find_contact
from connector.sandbox.intercom.errors import absent, invalid, not_found
from connector.sandbox.intercom.model import Author, Source
from connector.sandbox.switches import LeadAsUser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.call import Call
    from connector.sandbox.intercom.model import Contact

_PERSONS = frozenset({"user", "lead", "contact"})


def create_conversation(call: Call) -> JsonObject:
    """POST /conversations: from a contact; the text is no HTML."""
    sender: JsonObject = call.body.get("from") or {}
    if not sender.get("id"):
        raise absent("from")
    if sender.get("type") not in _PERSONS:
        raise invalid("from.type must be user, lead or contact")
    contact = call.state.contact(sender["id"])
    _check_role(call, contact, sender["type"])
    return _begin(call, contact, call.created_at(honoured=call.version >= (2, 11)))


def create_message(call: Call) -> JsonObject:
    """POST /messages: from a person it begins a conversation, whose id 1.x does not tell."""
    sender: JsonObject = call.body.get("from") or {}
    if sender.get("type") == "admin":
        return _from_admin(call, sender)
    if sender.get("type") not in _PERSONS:
        raise invalid("from.type must be a person or an admin")
    if call.body.get("to"):
        raise invalid("to is not allowed here")
    return _begin(call, _person(call, sender), None)


def _check_role(call: Call, contact: Contact, presented: str) -> None:
    if contact.role != "lead" or presented != "user":
        return
    match call.state.switches.lead_as_user:
        case LeadAsUser.NOT_FOUND:
            raise not_found("User Not Found")
        case LeadAsUser.INVALID:
            raise invalid("from.type is not the role of this contact")


def _begin(call: Call, contact: Contact, created_at: int | None) -> JsonObject:
    text = call.text("body")
    source = Source(
        id=next(call.state.ids.sources),
        author=Author("lead" if contact.role == "lead" else "user", contact.id),
        body=bodies.from_text(text),
        delivered_as="customer_initiated",
        via=call.stamp.via,
        attachments=actions.keep(call.state, call.uploads(), call.stamp),
    )
    moment = int(call.stamp.at) if created_at is None else created_at
    conversation = actions.start(call.state, contact, call.stamp, source, moment)
    told = {"conversation_id": str(conversation.id)} if call.version >= (2, 0) else {}
    return {
        "type": "user_message",
        "id": str(source.id),
        "created_at": moment,
        "body": text,
        "message_type": "inapp",
        **told,
    }


def _from_admin(call: Call, sender: JsonObject) -> JsonObject:
    admin = call.state.admin(sender.get("id"))
    given = call.body.get("to") or {}
    receiver = _person(call, given[0] if isinstance(given, list) else given)
    body = call.text("body")
    author = Author("admin", str(admin.id))
    source = Source(
        next(call.state.ids.sources), author, bodies.sanitise(body), "admin_initiated", call.stamp.via
    )
    told: JsonObject = {}
    if call.version >= (2, 0) and call.body.get("create_conversation_without_contact_reply"):
        conversation = actions.start(call.state, receiver, call.stamp, source, int(call.stamp.at))
        told["conversation_id"] = str(conversation.id)
    else:
        notices.announce(call.state, receiver, call.stamp, notices.Notice("", str(source.id), body))
    return {
        "type": "admin_message",
        "id": str(source.id),
        "created_at": int(call.stamp.at),
        "message_type": "email" if call.body.get("message_type") == "email" else "inapp",
        "subject": call.body.get("subject") or "",
        "body": body,
        "owner": {"type": "admin", "id": author.id, "name": admin.name, "email": admin.email},
        **told,
    }


def _person(call: Call, who: Mapping[str, object]) -> Contact:
    if call.version < (2, 0):
        return legacy_people.addressed(call, who)
    return find_contact(call.state, {**who, "intercom_user_id": who.get("id")})
