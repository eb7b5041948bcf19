"""Parts put together to a conversation: order, the opening, the end of a snooze; bad ones set aside.

One part that cannot be read never fails its conversation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from mappings.model import (
    Assigned,
    Author,
    AuthorKind,
    BadPart,
    ChannelChanged,
    Part,
    Side,
    State,
    Status,
    StatusChanged,
)
from mappings.wire.values import Unreadable, read_optional_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mappings.model import Customer, Entry, Registers, Seconds

# A revision is compared, not read.
_SHOWN_REVISION = 32


def read_parts(
    side: Side, raws: Iterable[object], read: Callable[[Mapping[str, object]], Part]
) -> tuple[tuple[Part, ...], tuple[BadPart, ...]]:
    """Return the readable parts in their strict order, each once, and the others."""
    parts: dict[str, Part] = {}
    bad: list[BadPart] = []
    for raw in raws:
        if not isinstance(raw, Mapping):
            bad.append(BadPart(side, None, "the part is no object"))
            continue
        try:
            part = read(raw)
        except Unreadable as error:
            bad.append(BadPart(side, read_optional_id(raw.get("id")), str(error)))
        else:
            parts[part.id] = part
    return tuple(sorted(parts.values(), key=lambda part: part.order)), tuple(bad)


def with_opening(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts of a complete conversation with the first one marked as its opening."""
    if not parts or any(part.opening for part in parts):
        return parts
    return (replace(parts[0], opening=True), *parts[1:])


def with_customer(parts: tuple[Part, ...], customer: Customer | None) -> tuple[Part, ...]:
    """Return the parts with the customer's name and address where a side gave only an id."""
    if customer is None:
        return parts
    return tuple(
        replace(part, author=_known(part.author, customer)) if part.author.id == customer.id else part
        for part in parts
    )


def _known(author: Author, customer: Customer) -> Author:
    match author.kind:
        case AuthorKind.CUSTOMER | AuthorKind.UNKNOWN:
            name, email = author.name or customer.name, author.email or customer.email
            return Author(AuthorKind.CUSTOMER, author.id, name, email)
        case _:
            return author


def with_names(parts: tuple[Part, ...], names: Mapping[str, str]) -> tuple[Part, ...]:
    """Return the parts with the names of the agents, teams and channels that their changes give ids of."""
    return tuple(
        replace(part, entries=tuple(_named(entry, names) for entry in part.entries)) for part in parts
    )


def with_writers_names(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts with the names of the assigned agents who wrote in the same conversation."""
    names = {
        part.author.id: part.author.name
        for part in parts
        if part.author.kind is AuthorKind.AGENT and part.author.id and part.author.name
    }
    return with_names(parts, names) if names else parts


def _named(entry: Entry, names: Mapping[str, str]) -> Entry:
    match entry:
        case Assigned(name=None):
            return replace(entry, name=names.get(entry.assignee or entry.team or ""))
        case ChannelChanged(name=None):
            return replace(entry, name=names.get(entry.channel or ""))
        case _:
            return entry


def with_snooze_end(parts: tuple[Part, ...], until: Seconds | None) -> tuple[Part, ...]:
    """Return the parts with the latest snooze ending when the conversation says so, if its part does not."""
    unended = StatusChanged(Status(State.SNOOZED))
    for index in reversed(range(len(parts))):
        entries = parts[index].entries
        if any(isinstance(e, StatusChanged) and e.status.state is State.SNOOZED for e in entries):
            ended = StatusChanged(Status(State.SNOOZED, until))
            filled = replace(parts[index], entries=tuple(ended if e == unended else e for e in entries))
            return (*parts[:index], filled, *parts[index + 1 :])
    return parts


def revision(registers: Registers, *shown: object) -> str:
    """Return an opaque text that changes whenever the registers or anything else shown changes."""
    status = (registers.status.state, registers.status.until)
    told = [*shown, status, registers.assignee, registers.team, sorted(registers.tags)]
    return sha256(json.dumps(told).encode()).hexdigest()[:_SHOWN_REVISION]
