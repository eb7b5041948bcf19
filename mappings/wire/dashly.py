"""Dashly's objects as its Web API v2 sends them.

``from`` may be an id, an object with or without one, null or absent; list rows carry shortened parts.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from mappings.wire.values import (
    Count,
    Fields,
    Flag,
    HolderId,
    Id,
    Moment,
    Names,
    Objects,
    OptionalId,
    OwnId,
    RequiredMoment,
    Text,
    Wire,
    read_fields,
    read_objects,
    read_optional_id,
    read_optional_object,
)


class Sender(Wire):
    """An operator, bot, message sender or user; ``bare`` when the side sent an id alone."""

    id: OptionalId = None
    type: Text = ""
    name: Text = ""
    name_internal: Text = ""
    is_bot: Flag = False
    bare: Flag = False
    user_id: OwnId = None
    props: Fields = Field(default_factory=dict)


def _sender(value: object) -> object:
    if isinstance(value, Mapping):
        return read_fields(value)
    scalar = read_optional_id(value)
    return None if scalar is None else {"id": scalar, "bare": True}


OptionalSender = Annotated[Sender | None, BeforeValidator(_sender)]


class File(Wire):
    """An attachment of a reply."""

    filename: Text = ""
    url: Text = ""
    mime_type: Text = ""
    size: Count = None


class PartRow(Wire):
    """A reply: a message, note or system entry."""

    id: Id
    created: RequiredMoment
    edited: Moment = None
    removed: Flag = False
    type: Text = ""
    body: Text = ""
    body_json: Fields = Field(default_factory=dict)
    sender: OptionalSender = Field(default=None, alias="from")
    direction: Text = ""
    sent_via: Text = ""
    meta_data: Fields = Field(default_factory=dict)
    actions: Objects = Field(default_factory=list)
    external_id: OptionalId = None
    assignee: OptionalSender = None
    tag: Text = ""
    channel: HolderId = None
    first: Flag = False
    attachments: Annotated[list[File], BeforeValidator(read_objects)] = Field(default_factory=list)


class ConversationRow(Wire):
    """A conversation as the list or a single read shows it."""

    id: Id
    created: Moment = None
    last_update: Moment = None
    user: OptionalSender = None
    channel: HolderId = None
    part_last: Annotated[dict[str, object] | None, BeforeValidator(read_optional_object)] = None
    closed: Flag = False
    delayed_until: Moment = None
    removed: Flag = False
    assignee: HolderId = None
    tags: Names = ()
    parts_count: Count = None


class Channel(Wire):
    """A channel with the operators who work in it."""

    id: OptionalId = None
    name: Text = ""
    operators: Annotated[list[Sender], BeforeValidator(read_objects)] = Field(default_factory=list)
