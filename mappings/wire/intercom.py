"""Intercom's objects in the 2.x shape, into which 1.x is lifted before it is read."""

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
    OptionalId,
    OwnId,
    RequiredMoment,
    Text,
    Wire,
    read_fields,
    read_names,
    read_objects,
    read_optional_id,
    read_optional_object,
)


class Person(Wire):
    """An author, contact, teammate, team or bot."""

    id: OptionalId = None
    type: Text = ""
    name: Text = ""
    email: Text = ""
    phone: Text = ""
    external_id: OwnId = None
    from_ai_agent: Flag = False


def _holder(value: object) -> object:
    if isinstance(value, Mapping):
        return read_fields(value)
    scalar = read_optional_id(value)
    return None if scalar is None else {"id": scalar}


Holder = Annotated[Person | None, BeforeValidator(_holder)]


def unwrap(value: object, *keys: str) -> object:
    """Return the list inside a list object (``{type, <key>: []}``), or the value itself."""
    if not isinstance(value, Mapping):
        return value
    return next((value[key] for key in keys if isinstance(value.get(key), list)), [])


def _contacts(value: object) -> list[dict[str, object]]:
    return read_objects(unwrap(value, "contacts", "data"))


def _tags(value: object) -> tuple[str, ...]:
    return read_names(unwrap(value, "tags", "data"))


class File(Wire):
    """An attachment; its address may expire within minutes."""

    name: Text = ""
    url: Text = ""
    content_type: Text = ""
    filesize: Count = None


Files = Annotated[list[File], BeforeValidator(read_objects)]


class PartRow(Wire):
    """A conversation part."""

    id: Id
    created_at: RequiredMoment
    updated_at: Moment = None
    part_type: Text = ""
    body: Text = ""
    author: Holder = None
    assigned_to: Holder = None
    attachments: Files = Field(default_factory=list)
    redacted: Flag = False
    event_details: Fields = Field(default_factory=dict)
    metadata: Fields = Field(default_factory=dict)
    app_package_code: OptionalId = None


class Source(Wire):
    """The message that opened the conversation."""

    id: OptionalId = None
    type: Text = ""
    subject: Text = ""
    body: Text = ""
    author: Holder = None
    attachments: Files = Field(default_factory=list)
    delivered_as: Text = ""
    redacted: Flag = False


class Rating(Wire):
    """What the customer said of the service; both are empty when nothing was said."""

    rating: Count = None
    remark: Text = ""


class Statistics(Wire):
    """Counts that Intercom keeps of a conversation."""

    count_conversation_parts: Count = None


class ConversationRow(Wire):
    """A conversation; ``conversation_parts`` is None where the side sends none (in lists)."""

    id: Id
    created_at: Moment = None
    updated_at: Moment = None
    title: Text = ""
    source: Annotated[Source | None, BeforeValidator(read_optional_object)] = None
    contacts: Annotated[list[Person], BeforeValidator(_contacts)] = Field(default_factory=list)
    state: Text = ""
    open: object = None
    snoozed_until: Moment = None
    admin_assignee_id: HolderId = None
    team_assignee_id: HolderId = None
    tags: Annotated[tuple[str, ...], BeforeValidator(_tags)] = ()
    conversation_parts: object = None
    linked_objects: object = None
    conversation_rating: Annotated[Rating, BeforeValidator(read_fields)] = Field(default_factory=Rating)
    statistics: Annotated[Statistics, BeforeValidator(read_fields)] = Field(default_factory=Statistics)
