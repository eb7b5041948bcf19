"""Reads what Dashly sends: conversations, parts, operators and channels.

Bodies are text. The status comes from ``closed`` and ``delayed_until``; whether a delay has passed is judged
where the clock is known. Only Unreadable is ever raised, and by a bad part never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import (
    CLOSED,
    OPEN,
    Agent,
    Author,
    AuthorKind,
    Conversation,
    Registers,
    Side,
    State,
    Status,
)
from mappings.reading.assembly import (
    read_parts,
    revision,
    with_customer,
    with_names,
    with_opening,
    with_snooze_end,
    with_writers_names,
)
from mappings.reading.dashly_parts import customer_of, email_of, read_part
from mappings.table import DEFAULT, KindTable
from mappings.wire.dashly import Channel, ConversationRow, Sender
from mappings.wire.values import (
    parse,
    read_fields,
    read_objects,
    read_optional_id,
    read_text,
    sensible,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_WHOLE_PART = frozenset({"body_json", "meta_data", "external_id"})


def read_conversation(
    row: Mapping[str, object],
    parts: Iterable[Mapping[str, object]] | None = None,
    *,
    complete: bool = True,
    table: KindTable = DEFAULT,
) -> Conversation:
    """Read a conversation from a list or a single read, with its parts when they were fetched.

    Without ``parts`` the newest part serves if the row shows it whole, as far as the row goes.
    """
    raw = parse(ConversationRow, row, "the conversation")
    if parts is None:
        parts = [raw.part_last] if raw.part_last and raw.part_last.keys() >= _WHOLE_PART else []
        complete = raw.parts_count == len(parts)
    read, bad = read_parts(Side.DASHLY, parts, lambda part: read_part(part, table=table))
    registers, customer = _registers(raw), customer_of(raw.user)
    read = with_customer(with_opening(read) if complete else read, customer)
    read = with_names(read, _channel_name(row))
    return Conversation(
        side=Side.DASHLY,
        id=raw.id,
        created=raw.created or 0.0,
        updated=sensible(raw.last_update, raw.created),
        registers=registers,
        customer=customer,
        parts=with_snooze_end(with_writers_names(read), raw.delayed_until or None),
        complete=complete,
        parts_count=raw.parts_count,
        started_by=next((part.author for part in read if part.opening), Author(AuthorKind.UNKNOWN)),
        revision=revision(registers, raw.last_update, raw.parts_count, _part_last_id(raw), raw.removed),
        counted=True,
        deleted=raw.removed,
        bad=bad,
    )


def read_channels(raw: object) -> tuple[Agent, ...]:
    """Return the operators of all channels, each once."""
    channels = [parse(Channel, channel, "the channel") for channel in read_objects(raw)]
    found = {
        operator.id: _agent(operator.id, operator)
        for channel in channels
        for operator in channel.operators
        if operator.id
    }
    return tuple(found.values())


def read_teams(raw: object) -> tuple[Agent, ...]:
    """Return the channels as teams."""
    channels = (parse(Channel, channel, "the channel") for channel in read_objects(raw))
    return tuple(Agent(c.id, c.name or c.id, kind=AuthorKind.TEAM) for c in channels if c.id)


def _registers(raw: ConversationRow) -> Registers:
    status = OPEN
    if raw.closed:
        status = CLOSED
    elif raw.delayed_until:
        status = Status(State.SNOOZED, raw.delayed_until)
    return Registers(status, raw.assignee, raw.channel, frozenset(raw.tags))


def _channel_name(row: Mapping[str, object]) -> dict[str, str]:
    """Return the name of the conversation's channel, of which a part tells only the id."""
    channel = read_fields(row.get("channel"))
    key, name = read_optional_id(channel.get("id")), read_text(channel.get("name")).strip()
    return {key: name} if key and name else {}


def _part_last_id(raw: ConversationRow) -> str | None:
    return read_optional_id((raw.part_last or {}).get("id"))


def _agent(agent: str, sender: Sender) -> Agent:
    bot = sender.type == "bot" or sender.is_bot
    name = sender.name or sender.name_internal or agent
    return Agent(agent, name, email_of(sender), AuthorKind.BOT if bot else AuthorKind.AGENT)
