"""Reads one Intercom part, and the opening message as a part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.files import file_name, name_in
from mappings.html.markup import Image, Reading, html_to_text, read_html
from mappings.kinds import OPENING
from mappings.languages import Told, joined, told
from mappings.model import (
    Assigned,
    Attachment,
    Author,
    AuthorKind,
    Loss,
    LossKind,
    Part,
    Side,
    TagsChanged,
)
from mappings.names import shown_name
from mappings.reading.content import leaves, score_line
from mappings.reading.translate import Facts, losses, losses_of, translate, writer_kind
from mappings.sentences import Sentence, tell
from mappings.wire.intercom import ConversationRow, File, PartRow, Person, Source
from mappings.wire.values import (
    Unreadable,
    parse,
    read_fields,
    read_moment,
    read_names,
    read_objects,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.table import KindTable
    from mappings.wire.intercom import Rating

OPENING_PREFIX = "source:"

_KINDS = {
    "user": AuthorKind.CUSTOMER,
    "lead": AuthorKind.CUSTOMER,
    "contact": AuthorKind.CUSTOMER,
    "visitor": AuthorKind.CUSTOMER,
    "admin": AuthorKind.AGENT,
    "bot": AuthorKind.BOT,
    "operator": AuthorKind.BOT,
    "workflow": AuthorKind.BOT,
    "team": AuthorKind.TEAM,
    "nobody_admin": AuthorKind.NOBODY,
}
_AUTOMATED = frozenset({"automated", "campaigns_initiated", "operator_initiated"})
_NAMED_DETAILS = ("attribute", "workflow", "action", "sla", "call_id", "participant", "current_priority")
_TWITTER_NOTICE = "We've removed this part of the conversation to comply with Twitter"
_BEST_RATING = 5


@dataclass(frozen=True, slots=True)
class Setting:
    """What a part is read with: the table, and the rating that only the conversation tells."""

    table: KindTable
    rating: Rating


def read_part(raw: Mapping[str, object], setting: Setting) -> Part:
    """Read one part; Unreadable when it has no id or time."""
    part = parse(PartRow, raw, "the part")
    row = setting.table.row(Side.INTERCOM, "" if part.part_type == OPENING else part.part_type)
    facts = _facts(part, setting.rating)
    named = author(part.author)
    return Part(
        side=Side.INTERCOM,
        id=part.id,
        type=part.part_type,
        created=part.created_at,
        author=Author(writer_kind(row, named.kind), named.id, named.name, named.email),
        entries=translate(row, facts),
        losses=losses(row, facts),
        app_code=part.app_package_code,
        updated=part.updated_at,
        removed=part.redacted,
    )


def read_opening(conversation: ConversationRow, source: Source, setting: Setting) -> Part:
    """Read the message that opened the conversation as a part made when the conversation was."""
    if conversation.created_at is None:
        raise Unreadable("the opening message has no time")
    row = setting.table.row(Side.INTERCOM, OPENING)
    text, files, lost = _words(source.body, source.attachments)
    if subject := html_to_text(source.subject).strip():
        text = joined("\n\n", filter(None, (tell(Sentence.SUBJECT, subject=subject), text)))
        lost.append(Loss(LossKind.SUBJECT, "the subject is part of the text"))
    facts = Facts(OPENING, text, files, losses=tuple(lost), removed=source.redacted)
    return Part(
        side=Side.INTERCOM,
        id=f"{OPENING_PREFIX}{source.id or conversation.id}",
        type=OPENING,
        created=conversation.created_at,
        author=author(source.author, automated=source.delivered_as in _AUTOMATED),
        entries=translate(row, facts),
        losses=losses(row, facts),
        opening=True,
        removed=source.redacted,
    )


def author(person: Person | None, *, automated: bool = False) -> Author:
    """Return who wrote; what a campaign or the AI agent sent in a teammate's name is a bot's."""
    if person is None:
        return Author(AuthorKind.UNKNOWN)
    kind = _KINDS.get(person.type, AuthorKind.UNKNOWN)
    if kind is AuthorKind.AGENT and (automated or person.from_ai_agent):
        kind = AuthorKind.BOT
    return Author(kind, person.id, person.name or None, person.email or None)


def _facts(part: PartRow, rating: Rating) -> Facts:
    text, files, lost = _words(part.body, part.attachments)
    chosen = told("" if text else _choice(part))
    text, options = text or chosen, "" if chosen else _options(part)
    if options and text:
        text = joined("\n\n", (text, tell(Sentence.CHOICES_OFFERED, choices=options)))
    if options:
        lost.append(Loss(LossKind.BUTTONS, "buttons are listed as text"))
    return Facts(
        type=part.part_type,
        told=text,
        attachments=files,
        detail=told(options) or _detail(part, rating),
        until=_until(part),
        assigned=_assigned(part.assigned_to),
        tags=TagsChanged(
            read_names(part.event_details.get("tags_added")),
            read_names(part.event_details.get("tags_removed")),
        ),
        losses=tuple(lost),
        removed=part.redacted,
    )


def _words(body: str, files: list[File]) -> tuple[Told, tuple[Attachment, ...], list[Loss]]:
    reading = read_html(body)
    return reading.told, (*map(_attachment, files), *map(_inline, reading.images)), _lost(reading)


def _lost(reading: Reading) -> list[Loss]:
    lost = losses_of(reading)
    if reading.text.startswith(_TWITTER_NOTICE):
        lost.append(Loss(LossKind.CONTENT, "Twitter's terms hide the words"))
    return lost


def _attachment(file: File) -> Attachment:
    name = file_name(file.name, file.url, file.content_type)
    return Attachment(name, file.url, file.content_type or None, file.filesize)


def _inline(image: Image) -> Attachment:
    alt = image.alt.replace("/", " ").strip()
    if not image.url:
        name = file_name(alt or "image", "", image.content_type)
        return Attachment(name, "", image.content_type or None, image.size, inline=True)
    name = name_in(image.url)
    extension = name.rpartition(".")[2] if "." in name else ""
    if alt and extension and not alt.casefold().endswith(f".{extension.casefold()}"):
        alt = f"{alt}.{extension}"
    return Attachment(alt or name, image.url, inline=True)


def _assigned(holder: Person | None) -> Assigned | None:
    """Return the assignment that a part shows, or None when it shows no change."""
    if holder is None:
        return None
    if holder.id in {None, "0", "nobody"} or holder.type == "nobody_admin":
        return Assigned() if holder.type == "nobody_admin" or holder.id else None
    name = holder.name or None
    return Assigned(team=holder.id, name=name) if holder.type == "team" else Assigned(holder.id, name=name)


def _until(part: PartRow) -> float | None:
    details = part.event_details
    return read_moment(details.get("custom_until_time")) or read_moment(details.get("until")) or None


def _options(part: PartRow) -> str:
    options = part.metadata.get("quick_reply_options")
    named = (text for key, text in leaves(options) if key in {"text", "title", "label"})
    return ", ".join(dict.fromkeys(named))


def _choice(part: PartRow) -> str:
    """Return the quick reply that a customer chose, when the part says which by its id."""
    keys = ("quick_reply_uuid", "quick_reply_option_uuid")
    uuid = next((found for key in keys if (found := read_text(part.metadata.get(key)))), "")
    options = read_objects(part.metadata.get("quick_reply_options"))
    return next((read_text(o.get("text")) for o in options if uuid and read_text(o.get("uuid")) == uuid), "")


def _detail(part: PartRow, rating: Rating) -> Told:
    if part.part_type.startswith("conversation_rating"):
        return _rating(rating)
    details = part.event_details
    if after := read_text(details.get("current_priority")):
        before = read_text(details.get("previous_priority"))
        return tell(Sentence.CHANGED_TO, before=before or tell(Sentence.NONE), after=after)
    named = [_named(details.get(key)) for key in _NAMED_DETAILS]
    line = ", ".join(text for text in named if text)
    value = _named(details.get("value"))
    now = f"{line} = {value}" if line and value else line or value
    before = _named(read_fields(details.get("value")).get("previous"))
    return tell(Sentence.CHANGED_FROM, now=now, before=before) if now and before else told(now)


def _rating(rating: Rating) -> Told:
    if rating.rating is None:
        return told(score_line("", rating.remark))
    score = tell(Sentence.SCORE, score=str(rating.rating), best=str(_BEST_RATING))
    return Told(tuple(score_line(one, rating.remark) for one in score.forms))


def _named(detail: object) -> str:
    """Return the name of a thing, and its result if it has one."""
    found = list(leaves(detail))
    name = shown_name(" ".join(text for key, text in found if key in {"name", ""}), "")
    result = " ".join(text for key, text in found if key == "result")
    return " ".join(": ".join(filter(None, (name, result))).split())
