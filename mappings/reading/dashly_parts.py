"""Reads one Dashly reply: who wrote it, what it says, what it changed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.files import file_name
from mappings.html.markup import read_html
from mappings.languages import Told, joined, told
from mappings.model import (
    Assigned,
    Attachment,
    Author,
    AuthorKind,
    ChannelChanged,
    Customer,
    Loss,
    LossKind,
    Part,
    Side,
    TagsChanged,
)
from mappings.reading.content import choices, chosen, rating, words
from mappings.reading.translate import Facts, losses, losses_of, translate, writer_kind
from mappings.sentences import Sentence, tell
from mappings.table import DEFAULT, KindTable
from mappings.wire.dashly import File, PartRow, Sender
from mappings.wire.values import parse, read_holder_id, read_moment, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.kinds import Row

_AUTOMATIC = frozenset({"message_auto", "message_chat_bot", "auto_reply"})
# What Dashly's own editor makes of an agent's words is one piece of markup, from its first tag to its last.
_EDITED = re.compile(r"\A\s*<(p|div|ul|ol|h[1-6]|blockquote)\b[^<>]*>.*</\1>\s*\Z", re.IGNORECASE | re.DOTALL)
# What an operator wrote, "message_manual" as a message of their own outside a conversation.
_TYPED = frozenset(
    {"web_panel", "email_admin", "app_android", "app_ios", "app_chrome", "app_desktop", "message_manual"}
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


def customer_of(user: Sender | None) -> Customer | None:
    """Return the user as a customer, or None for nobody."""
    if user is None or user.id is None:
        return None
    name, email, phone = (
        read_text(user.props.get(key)).strip() or None for key in ("$name", "$email", "$phone")
    )
    return Customer(user.id, user.user_id, name or user.name or None, email, phone)


def email_of(sender: Sender) -> str | None:
    """Return the panel name when it is an address, which some installations use it for."""
    name = sender.name_internal.strip()
    return name if "@" in name[1:-1] and not any(c.isspace() for c in name) else None


def _author(part: PartRow, row: Row) -> Author:
    sender = part.sender
    named = _named_kind(part, sender)
    kind = writer_kind(row, named)
    if sender is None:
        return Author(kind)
    # The ids of message senders and of default senders are not operators' ids.
    own = sender.type not in {"message_sender", "default_admin"} and _fits(kind, named)
    customer = customer_of(sender)
    name = (customer.name if customer else None) or sender.name or sender.name_internal or None
    email = (customer.email if customer else None) or email_of(sender)
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
    tags = (part.tag.strip(),) if part.tag.strip() else ()
    return Facts(
        type=part.type,
        told=text,
        attachments=tuple(map(_attachment, part.attachments)),
        detail=told(_rating(part)),
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


def _text(part: PartRow, row: Row) -> tuple[Told, list[Loss]]:
    match part.type:
        case "article":
            return told(_article_text(part)), []
        case "chat_bot_admin" | "chat_bot_user":
            return _bot_text(part)
        case _ if part.body_json and any(meaning.public for meaning in row.means):
            return _built_text(part)
        case _ if part.sent_via in _TYPED | _AUTOMATIC and _EDITED.match(part.body):
            return _edited_text(part.body)
        case _:
            return told(part.body), []


def _edited_text(body: str) -> tuple[Told, list[Loss]]:
    reading = replace(read_html(body), layout=True)
    return reading.told, losses_of(reading)


def _article_text(part: PartRow) -> str:
    """Return title, text and link, and what the body says beyond them."""
    article = words(part.body_json)
    return article if part.body in article else "\n\n".join(filter(None, (part.body, article)))


def _built_text(part: PartRow) -> tuple[Told, list[Loss]]:
    text = part.body if part.body.strip() else words(part.body_json)
    if text:
        return told(text), [Loss(LossKind.LAYOUT, "content built in Dashly is shown as its text")]
    return tell(Sentence.BUILT_CONTENT), [Loss(LossKind.CONTENT, "built content has no text")]


def _bot_text(part: PartRow) -> tuple[Told, list[Loss]]:
    offered, taken = choices(part.actions), chosen(part.meta_data)
    lines = [told(part.body if part.body.strip() else words(part.body_json))]
    if offered:
        lines.append(tell(Sentence.CHOICES_OFFERED, choices=", ".join(offered)))
    if taken:
        lines.append(tell(Sentence.CHOICE_TAKEN, choice=taken))
    lost = [Loss(LossKind.BUTTONS, "buttons are listed as text")] if part.actions else []
    return joined("\n\n", filter(None, lines)), lost


def _rating(part: PartRow) -> str:
    return rating(part.meta_data) if part.type == "vote" else ""
