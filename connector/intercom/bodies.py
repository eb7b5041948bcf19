"""The body of every write to Intercom. A note's type is in its own builder and nowhere else.

Only keys that the version's description knows are sent. Nothing but the bytes of files is read here.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING

from connector.host.spool import content
from mappings.characters import clean
from mappings.model import State
from mappings.text import text_to_html

if TYPE_CHECKING:
    from connector.helpdesk.port import Assign, File, Person, PostMessage, PostNote, Redact, SetStatus
    from connector.intercom.answers import Json
    from connector.intercom.versions import Version
    from mappings.model import Seconds

NOBODY = "0"
SOURCE_PREFIX = "source:"

_MARKUP = re.compile(r"<[a-zA-Z/!?]|&[a-zA-Z#]")


def customer_body(write: PostMessage, customer: Person, version: Version) -> Json:
    """Return the body of a customer's message."""
    who = "user_id" if customer.by_external_id else "intercom_user_id"
    return {
        "message_type": "comment",
        "type": "user",
        who: customer.id,
        "body": _in_any_reading(write.text),
        **_created(write.created, version, "contact created_at"),
        **_files(write.files),
    }


def agent_body(write: PostMessage, agent: str, version: Version, *, silent: bool) -> Json:
    """Return the body of an agent's message, which the customer sees."""
    return {
        "message_type": "comment",
        "type": "admin",
        "admin_id": agent,
        "body": text_to_html(write.text),
        **_created(write.created, version, "admin created_at"),
        **_files(write.files),
        **({"skip_notifications": True} if silent else {}),
    }


def note_body(write: PostNote, version: Version) -> Json:
    """Return the body of a note, which only agents see."""
    return {
        "message_type": "note",
        "type": "admin",
        "admin_id": write.agent,
        "body": text_to_html(write.text),
        **_created(write.created, version, "admin created_at"),
        **_files(write.files),
    }


def assign_body(write: Assign) -> Json:
    """Return the body of an assignment; an agent goes before a team, and neither means nobody."""
    team = write.team if write.assignee is None else None
    return {
        "message_type": "assignment",
        "type": "admin" if team is None else "team",
        "admin_id": write.actor,
        "assignee_id": team or write.assignee or NOBODY,
    }


def status_body(write: SetStatus) -> Json:
    """Return the body that closes, opens or snoozes."""
    match write.status.state:
        case State.CLOSED:
            return {"message_type": "close", "type": "admin", "admin_id": write.actor}
        case State.OPEN:
            return {"message_type": "open", "admin_id": write.actor}
        case State.SNOOZED:
            until = int(write.status.until or 0)
            return {"message_type": "snoozed", "admin_id": write.actor, "snoozed_until": until}


def redact_body(write: Redact) -> Json:
    """Return the body that erases a part, or the opening message."""
    where = {"conversation_id": write.conversation}
    if write.part.startswith(SOURCE_PREFIX):
        return {"type": "source", **where, "source_id": write.part.removeprefix(SOURCE_PREFIX)}
    return {"type": "conversation_part", **where, "conversation_part_id": write.part}


def _in_any_reading(text: str) -> str:
    """Return a customer's words so that they come out right whether they are taken for text or for HTML.

    Nobody says which it is. Only what HTML would swallow must be written as HTML.
    """
    return text_to_html(text) if _MARKUP.search(text) else clean(text)


def _created(created: Seconds | None, version: Version, feature: str) -> Json:
    return {"created_at": int(created)} if created is not None and version.has(feature) else {}


def _files(files: tuple[File, ...]) -> Json:
    if not files:
        return {}
    return {
        "attachment_files": [
            {
                "content_type": file.content_type,
                "name": file.name,
                "data": b64encode(content(file.path)).decode("ascii"),
            }
            for file in files
        ]
    }
