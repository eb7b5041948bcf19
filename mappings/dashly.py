"""Reads what Dashly sends: conversations, parts, operators and channels.

Bodies are text. The status comes from ``closed`` and ``delayed_until``; whether a delay has passed is for the
reader of the clock to judge. Only Unreadable is ever raised, and by a bad part never.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.assembly import (
    read_parts,
    revision,
    with_customer,
    with_names,
    with_opening,
    with_snooze_end,
    with_writers_names,
)
from mappings.content import choices, chosen, rating, words
from mappings.files import file_name
from mappings.model import (
    CLOSED,
    OPEN,
    Agent,
    Assigned,
    Attachment,
    Author,
    AuthorKind,
    ChannelChanged,
    Conversation,
    Customer,
    Loss,
    LossKind,
    Part,
    Registers,
    Side,
    State,
    Status,
    TagsChanged,
)
from mappings.table import DEFAULT, KindTable
from mappings.translate import Facts, losses, translate, writer_kind
from mappings.wire.dashly import Channel, ConversationRow, File, PartRow, Sender
from mappings.wire.values import (
    parse,
    read_fields,
    read_holder_id,
    read_moment,
    read_objects,
    read_optional_id,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mappings.kinds import Row

_WHOLE_PART = frozenset({"body_json", "meta_data", "external_id"})
_AUTOMATIC = frozenset({"message_auto", "message_manual", "message_chat_bot", "auto_reply"})
_TYPED = frozenset({"web_panel", "email_admin", "app_android", "app_ios", "app_chrome", "app_desktop"})


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
    registers, customer = _registers(raw), _customer(raw.user)
    read = with_customer(with_opening(read) if complete else read, customer)
    read = with_names(read, _channel_name(row))
    return Conversation(
        side=Side.DASHLY,
        id=raw.id,
        created=raw.created or 0.0,
        updated=raw.last_update or raw.created or 0.0,
        registers=registers,
        customer=customer,
        parts=with_snooze_end(with_writers_names(read), raw.delayed_until or None),
        complete=complete,
        parts_count=raw.parts_count,
        started_by=next((part.author for part in read if part.opening), Author(AuthorKind.UNKNOWN)),
        revision=revision(registers, raw.last_update, raw.parts_count, _part_last_id(raw), raw.removed),
        deleted=raw.removed,
        bad=bad,
    )


def read_part(raw: Mapping[str, object], *, table: KindTable = DEFAULT) -> Part:
    """Read one part; Unreadable when it has no id or time."""
    part = parse(PartRow, raw, "the part")
    row = table.row(Side.DASHLY, part.type)
    facts = _facts(part, row)
    return Part(
        side=Side.DASHLY,
        id=part.id,
        type=part.type,
        created=part.created,
        author=_author(part, row),
        entries=translate(row, facts),
        losses=losses(row, facts),
        opening=part.first,
        external_id=part.external_id,
        by_api=part.sent_via == "api" if part.sent_via else None,
        updated=part.edited,
        removed=part.removed,
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


def _customer(user: Sender | None) -> Customer | None:
    if user is None or user.id is None:
        return None
    name, email, phone = (
        read_text(user.props.get(key)).strip() or None for key in ("$name", "$email", "$phone")
    )
    return Customer(user.id, user.user_id, name or user.name or None, email, phone)


def _agent(agent: str, sender: Sender) -> Agent:
    bot = sender.type == "bot" or sender.is_bot
    name = sender.name or sender.name_internal or agent
    return Agent(agent, name, _email(sender), AuthorKind.BOT if bot else AuthorKind.AGENT)


def _email(sender: Sender) -> str | None:
    """Return the panel name when it is an address, which some installations use it for."""
    name = sender.name_internal.strip()
    return name if "@" in name[1:-1] and not any(c.isspace() for c in name) else None


def _author(part: PartRow, row: Row) -> Author:
    sender = part.sender
    named = _named_kind(part, sender)
    kind = writer_kind(row, named)
    if sender is None:
        return Author(kind)
    # The ids of message senders and of default senders are no operators' ids.
    own = sender.type not in {"message_sender", "default_admin"} and _fits(kind, named)
    customer = _customer(sender)
    name = (customer.name if customer else None) or sender.name or sender.name_internal or None
    email = (customer.email if customer else None) or _email(sender)
    return Author(kind, sender.id if own else None, name, email)


def _fits(kind: AuthorKind, named: AuthorKind) -> bool:
    staff = {AuthorKind.AGENT, AuthorKind.BOT}
    return kind is named or named is AuthorKind.UNKNOWN or {kind, named} <= staff


def _named_kind(part: PartRow, sender: Sender | None) -> AuthorKind:
    if sender is None:
        return AuthorKind.NOBODY
    if sender.type == "bot" or sender.is_bot or part.sent_via in _AUTOMATIC:
        return AuthorKind.BOT
    if sender.type in {"admin", "default_admin"}:
        return AuthorKind.AGENT
    if sender.type == "message_sender":
        return AuthorKind.AGENT if part.sent_via in _TYPED else AuthorKind.BOT
    if sender.type == "user" or sender.props or sender.user_id:
        return AuthorKind.CUSTOMER
    if sender.bare and part.direction == "u2a":
        return AuthorKind.CUSTOMER
    return AuthorKind.UNKNOWN


def _facts(part: PartRow, row: Row) -> Facts:
    text, lost = _text(part, row)
    files = [_attachment(file) for file in part.attachments if file.url]
    if len(files) < len(part.attachments):
        lost.append(Loss(LossKind.ATTACHMENT, "a file without an address"))
    tags = (part.tag.strip(),) if part.tag.strip() else ()
    return Facts(
        type=part.type,
        text=text,
        attachments=tuple(files),
        detail=_rating(part),
        until=read_moment(part.meta_data.get("delayed_until")) or None,
        assigned=_assigned(part.assignee) if part.type == "assigned" else None,
        tags=TagsChanged(removed=tags) if part.type == "tag_deleted" else TagsChanged(added=tags),
        channel=ChannelChanged(part.channel),
        losses=tuple(lost),
        removed=part.removed,
    )


def _assigned(assignee: Sender | None) -> Assigned:
    if assignee is None:
        return Assigned()
    return Assigned(read_holder_id(assignee.id), name=assignee.name or assignee.name_internal or None)


def _attachment(file: File) -> Attachment:
    name = file_name(file.filename, file.url, file.mime_type)
    return Attachment(name, file.url, file.mime_type or None, file.size)


def _text(part: PartRow, row: Row) -> tuple[str, list[Loss]]:
    match part.type:
        case "article":
            return _article_text(part), []
        case "chat_bot_admin" | "chat_bot_user":
            return _bot_text(part)
        case _ if part.body_json and any(meaning.public for meaning in row.means):
            return _built_text(part)
        case _:
            return part.body, []


def _article_text(part: PartRow) -> str:
    """Return title, text and link, and what the body says beyond them."""
    told = words(part.body_json)
    return told if part.body in told else "\n\n".join(filter(None, (part.body, told)))


def _built_text(part: PartRow) -> tuple[str, list[Loss]]:
    text = part.body if part.body.strip() else words(part.body_json)
    if text:
        return text, [Loss(LossKind.LAYOUT, "content built in Dashly is shown as its text")]
    return "[content built in Dashly, without text]", [Loss(LossKind.CONTENT, "built content has no text")]


def _bot_text(part: PartRow) -> tuple[str, list[Loss]]:
    offered, taken = choices(part.actions), chosen(part.meta_data)
    lines = [part.body if part.body.strip() else words(part.body_json)]
    if offered:
        lines.append(f"Choices offered: {', '.join(offered)}")
    if taken:
        lines.append(f"Choice taken: {taken}")
    lost = [Loss(LossKind.BUTTONS, "buttons are listed as text")] if part.actions else []
    return "\n\n".join(line for line in lines if line), lost


def _rating(part: PartRow) -> str:
    return rating(part.meta_data) if part.type == "vote" else ""
