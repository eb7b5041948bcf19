"""The form of every write to Dashly, pure. A note's type is in its own builder and nowhere else.

Dashly cannot be told to be silent: every reply but a note may reach a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.dashly.client import Form, as_json
from mappings.characters import clean
from mappings.persons import TECHNICAL_NAME

if TYPE_CHECKING:
    from connector.helpdesk.port import (
        AddTag,
        Assign,
        Person,
        PostMessage,
        PostNote,
        RemoveTag,
        SetStatus,
        StartConversation,
    )
    from mappings.model import Customer


_NAMELESS = "Intercom contact"
KEPT = "connector_generation"
"""The property of a technical person under which a text is kept."""


def start_form(write: StartConversation) -> Form:
    """Return the form that opens a conversation."""
    return {"body": clean(write.text), **_by_user_id(write.customer)}


def customer_form(write: PostMessage, customer: Person) -> Form:
    """Return the form of a customer's message.

    A reply takes no external id, so ``default_user``, the user of the conversation, stands for one.
    """
    sender = "default_user" if customer.by_external_id else customer.id
    return {"body": clean(write.text), "from_user": sender, **_marker(write.marker)}


def agent_form(write: PostMessage, agent: str) -> Form:
    """Return the form of an agent's message, which the user sees."""
    return {"body": clean(write.text), "type": "reply_admin", "from_admin": agent, **_marker(write.marker)}


def note_form(write: PostNote) -> Form:
    """Return the form of a note, which only agents see."""
    return {"body": clean(write.text), "type": "note", "from_admin": write.agent, **_marker(write.marker)}


def assign_form(write: Assign) -> Form:
    """Return the form of an assignment; without an assignee it means nobody."""
    receiver = {"admin": write.assignee} if write.assignee is not None else {}
    return {**receiver, "from_admin": write.actor}


def close_form(write: SetStatus) -> Form:
    """Return the form of a closing."""
    return {"from_admin": write.actor}


def tag_form(write: AddTag | RemoveTag) -> Form:
    """Return the form that puts a tag on or takes it off."""
    return {"tag": write.tag, "from_admin": write.actor}


def shadow_form(customer: Customer, *, full: bool) -> Form:
    """Return the form that makes a shadow user: a name, and addresses only when the configuration says so."""
    values: dict[str, str | None] = {"$name": customer.name or _NAMELESS}
    if full:
        values |= {"$email": customer.email, "$phone": customer.phone}
    operations = [{"op": "set_once", "key": key, "value": value} for key, value in values.items() if value]
    return {"by_user_id": "true", "operations": as_json(operations)}


def keeping_form(text: str) -> Form:
    """Return the form that keeps a text on a technical person."""
    operations = [
        {"op": "set_once", "key": "$name", "value": TECHNICAL_NAME},
        {"op": "update_or_create", "key": KEPT, "value": text},
    ]
    return {"by_user_id": "true", "operations": as_json(operations)}


def _by_user_id(person: Person) -> Form:
    return {"by_user_id": "true"} if person.by_external_id else {}


def _marker(marker: str) -> Form:
    return {"external_id": marker} if marker else {}
