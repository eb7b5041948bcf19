"""From what a raw part says to entries, by the mapping table; the same for both sides.

Invariants: every part yields at least one entry; only a row that means a message yields one; a part that the
side removed keeps none of its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never

from mappings.characters import carries_nothing, one_line
from mappings.kinds import Carried, Meaning, Row, Writer
from mappings.languages import Language, Told, joined, told
from mappings.model import (
    CLOSED,
    OPEN,
    Assigned,
    AuthorKind,
    ChannelChanged,
    Entry,
    Event,
    Loss,
    LossKind,
    Message,
    Note,
    Skipped,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from mappings.sentences import tell
from mappings.speech import spoken
from mappings.wording import Wording

if TYPE_CHECKING:
    from mappings.html.markup import Reading
    from mappings.model import Attachment, Seconds

# An unknown type is shown in notices; the longest known one is half as long.
_LONGEST_TYPE = 80
_NOTHING = "it carries nothing"
_NO_WORDS = told("")
_NO_TAGS = TagsChanged()
_NO_CHANNEL = ChannelChanged(None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a raw part says, in neutral terms; ``detail`` completes the line of an event."""

    type: str
    told: Told = _NO_WORDS
    attachments: tuple[Attachment, ...] = ()
    detail: Told = _NO_WORDS
    until: Seconds | None = None
    assigned: Assigned | None = None
    tags: TagsChanged = _NO_TAGS
    channel: ChannelChanged = _NO_CHANNEL
    losses: tuple[Loss, ...] = ()
    removed: bool = False

    @property
    def text(self) -> str:
        """Return the text of the part, with our own words in English."""
        return self.told.text

    @property
    def written(self) -> bool:
        """Return whether the part has words or files."""
        return bool(self.attachments) or not carries_nothing(self.text)

    @property
    def words(self) -> Told:
        """Return the text, or none when nobody would see anything of it."""
        return _NO_WORDS if carries_nothing(self.text) else self.told


def translate(row: Row, facts: Facts) -> tuple[Entry, ...]:
    """Return the entries of a part in order, never none."""
    if row.carried is Carried.SKIP:
        return (Skipped(row.reason),)
    entries = [entry for meaning in row.means for entry in _entries(meaning, row, facts)]
    if facts.assigned and not any(isinstance(entry, Assigned) for entry in entries):
        entries.append(facts.assigned)
    if facts.written and not any(isinstance(entry, Message | Note) for entry in entries):
        entries.insert(0, _unexpected_words(facts))
    if row.overridden:
        entries = [_as_note(entry) for entry in entries]
    if facts.removed:
        entries = [_wordless(entry, row) for entry in entries]
    return tuple(entries) or (Skipped((not facts.text and row.reason) or _NOTHING),)


def losses(row: Row, facts: Facts) -> tuple[Loss, ...]:
    """Return what the other side does not show of this part."""
    return tuple(dict.fromkeys((*row.losses, *facts.losses)))


def losses_of(reading: Reading) -> list[Loss]:
    """Return what text cannot show of a body that was markup."""
    lost = [Loss(LossKind.CONTENT, f"{what} without an address to show") for what in reading.left_out]
    if reading.layout:
        lost.insert(0, Loss(LossKind.LAYOUT, "formatting is shown as plain text"))
    return lost


def writer_kind(row: Row, named: AuthorKind) -> AuthorKind:
    """Return who counts as the writer; a bot that the side names stays one."""
    match row.author:
        case Writer.NAMED:
            return named
        case Writer.CUSTOMER:
            return AuthorKind.CUSTOMER
        case Writer.AGENT:
            return AuthorKind.BOT if named is AuthorKind.BOT else AuthorKind.AGENT
        case Writer.BOT:
            return AuthorKind.BOT
        case _:
            assert_never(row.author)


def shown_type(name: str) -> str:
    """Return a side's name of a type in a form that is safe to show."""
    return "".join(c if c.isprintable() else "?" for c in name[:_LONGEST_TYPE]) or "nameless"


def _entries(meaning: Meaning, row: Row, facts: Facts) -> tuple[Entry, ...]:
    match meaning:
        case Meaning.MESSAGE | Meaning.MESSAGE_IF_WRITTEN:
            return (_message(facts),) if facts.written else ()
        case Meaning.NOTE:
            return (_note(facts.words, facts),) if facts.written else ()
        case Meaning.EVENT:
            return (_event(row, facts),)
        case Meaning.EVENT_IF_SILENT:
            return () if facts.written else (_event(row, facts),)
        case Meaning.UNKNOWN:
            return (_unknown(facts),)
        case _:
            return _changes(meaning, facts)


def _changes(
    meaning: Literal[
        Meaning.OPENED,
        Meaning.CLOSED,
        Meaning.SNOOZED,
        Meaning.UNSNOOZED,
        Meaning.ASSIGNED,
        Meaning.TAGS,
        Meaning.CHANNEL,
    ],
    facts: Facts,
) -> tuple[Entry, ...]:
    match meaning:
        case Meaning.OPENED | Meaning.UNSNOOZED:
            return (StatusChanged(OPEN),)
        case Meaning.CLOSED:
            return (StatusChanged(CLOSED),)
        case Meaning.SNOOZED:
            return (StatusChanged(Status(State.SNOOZED, facts.until)),)
        case Meaning.ASSIGNED:
            return (facts.assigned,) if facts.assigned else ()
        case Meaning.TAGS:
            return (facts.tags,)
        case Meaning.CHANNEL:
            return (facts.channel,)
        case _:
            assert_never(meaning)


def _message(facts: Facts) -> Message:
    return Message(facts.words.text, facts.attachments, translated=facts.words.translated)


def _note(words: Told, facts: Facts) -> Note:
    return Note(words.text, facts.attachments, translated=words.translated)


def _event(row: Row, facts: Facts) -> Note | Event:
    named = tell(row.say) if row.say else told("")
    if facts.written:
        pieces = [piece for piece in (facts.detail, facts.words) if piece.text.strip()]
        return _note(joined(": ", (named, joined("\n\n", pieces))) if pieces else named, facts)
    if facts.detail:
        line = joined(": ", (named, Told(tuple(map(one_line, facts.detail.forms)))))
    else:
        line = tell(row.bare) if row.bare else named
    return Event(line.text, translated=line.translated)


def _unexpected_words(facts: Facts) -> Note:
    """Return the words of a part whose type is not known to have any: agents see them, customers never."""
    words = joined(" ", filter(None, (told(f"[{shown_type(facts.type)}]"), facts.words)))
    return _note(words, facts)


def _unknown(facts: Facts) -> Note | Skipped:
    if facts.written:
        return _unexpected_words(facts)
    return Skipped(f"the type {shown_type(facts.type)} is not known, and it has no words")


def _as_note(entry: Entry) -> Entry:
    match entry:
        case Message():
            return Note(entry.text, entry.attachments, translated=entry.translated)
        case Note() | Event() | Skipped():
            return entry
        case _:
            line = Told(tuple(spoken(entry, Wording(language)) for language in Language))
            return Event(line.text, translated=line.translated)


def _wordless(entry: Entry, row: Row) -> Entry:
    match entry:
        case Message() | Note() | Event():
            return Skipped(f"it was removed in {row.side.title()}")
        case _:
            return entry
