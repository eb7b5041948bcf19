"""The neutral model: what both helpdesks mean, without how either of them says it.

Everything here is frozen and knows no I/O. A *part* is one item as a side stores it; it yields *entries* in
order (``note_and_reopen`` is a note and a status change). *Registers* are fields that two sides can change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mappings.languages import Worded
from mappings.roles import Ours, Role

Seconds = float  # since 1970, UTC; ids are text, since a Dashly id exceeds 2^53


class Side(StrEnum):
    """One of the two helpdesks."""

    DASHLY = "dashly"
    INTERCOM = "intercom"

    @property
    def other(self) -> Side:
        """Return the opposite side."""
        return Side.INTERCOM if self is Side.DASHLY else Side.DASHLY


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """The id of something together with the side that gave it: ids of two sides never mix."""

    side: Side
    id: str

    def __str__(self) -> str:
        return f"{self.side}:{self.id}"


class AuthorKind(StrEnum):
    """Who wrote a part."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    TEAM = "team"
    NOBODY = "nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Author:
    """A writer as the side names them; any field may be missing."""

    kind: AuthorKind
    id: str | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """A teammate as a side lists them; ``kind`` is agent, bot or team."""

    id: str
    name: str
    email: str | None = None
    kind: AuthorKind = AuthorKind.AGENT


@dataclass(frozen=True, slots=True)
class Customer:
    """The person a conversation is about; ``external_id`` is the id that the customer's own system gave."""

    id: str
    external_id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    role: Role = Role.USER
    ours: Ours = field(default=Ours.NO, compare=False)  # found out by who reads a side, with the key


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file by reference; ``size`` in bytes. The URL may expire within minutes, and is empty without one.

    ``inline`` says that the address stood in a body, where anybody may write what they like.
    """

    name: str
    url: str
    content_type: str | None = None
    size: int | None = None
    inline: bool = field(default=False, compare=False)


class State(StrEnum):
    """The values of the status register."""

    OPEN = "open"
    CLOSED = "closed"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True)
class Status:
    """Open, closed, or snoozed until a time."""

    state: State = State.OPEN
    until: Seconds | None = None


OPEN = Status()
CLOSED = Status(State.CLOSED)


@dataclass(frozen=True, slots=True)
class Registers:
    """The mergeable fields of a conversation in the ids of its own side.

    ``team`` is Intercom's team or Dashly's channel.
    """

    status: Status = OPEN
    assignee: str | None = None
    team: str | None = None
    tags: frozenset[str] = frozenset()


class LossKind(StrEnum):
    """What a translation could not carry."""

    AUTHOR = "author"
    LAYOUT = "layout"
    BUTTONS = "buttons"
    SUBJECT = "subject"
    TEAM = "team"
    CHANNEL = "channel"
    IDENTITY = "identity"
    RATING = "rating"
    TYPE = "type"
    CONTENT = "content"
    TIME = "time"
    ATTACHMENT = "attachment"
    NO_API = "no-api"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that the other side does not show, in words for a support person."""

    kind: LossKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Message(Worded):
    """Words that the customer sees, or wrote."""

    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Note(Worded):
    """Words that only agents see."""

    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The conversation was opened, closed or snoozed by this part."""

    status: Status


@dataclass(frozen=True, slots=True)
class Assigned:
    """The conversation was given to an agent or team of the same side, or to nobody (both None).

    ``name`` is for people only; who is meant is said by the id.
    """

    assignee: str | None = None
    team: str | None = None
    name: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TagsChanged:
    """Tags were put on or taken off, by name."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """The conversation moved to another Dashly channel, or out of any (None); ``name`` is for people only."""

    channel: str | None
    name: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Event(Worded):
    """Something that exists on one side only, told to agents in one line: a rating, a participant, a vote."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that the mapping table leaves out, with its reason."""

    reason: str


Entry = Message | Note | StatusChanged | Assigned | TagsChanged | ChannelChanged | Event | Skipped


@dataclass(frozen=True, slots=True)
class Part:
    """One item of a conversation, translated.

    ``type`` is the side's own name; ``external_id`` the client's marker (Dashly); ``app_code`` the app that
    wrote it (Intercom 2.13+); ``by_api`` whether the side says that an API call made it, None when it says
    nothing. ``updated`` is the time of the last edit, when the side tells. ``removed`` parts are tombstones.
    """

    side: Side
    id: str
    type: str
    created: Seconds
    author: Author
    entries: tuple[Entry, ...]
    losses: tuple[Loss, ...] = ()
    opening: bool = False
    external_id: str | None = None
    app_code: str | None = None
    by_api: bool | None = None
    updated: Seconds | None = None
    removed: bool = False

    @property
    def order(self) -> tuple[Seconds, int, str]:
        """Return the sort key of the strict order inside a conversation."""
        digits = "".join(c for c in self.id if c.isdecimal())
        return (self.created, 0 if self.opening else int(digits or 0), self.id)

    @property
    def words(self) -> Message | Note | None:
        """Return the message or note of this part, or None for an event."""
        return next((e for e in self.entries if isinstance(e, Message | Note)), None)


@dataclass(frozen=True, slots=True)
class BadPart:
    """A part that could not be read, with the reason in one sentence that quotes no text of it."""

    side: Side
    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as one side shows it.

    ``parts`` are ordered, perhaps the newest only; ``complete`` says that all are here, ``parts_count`` how
    many there are, if it is told. ``started_by`` opened it, ``by_email`` as a mail; ``linked`` ones are named
    by the side. ``revision`` changes with what is shown; ``counted`` says that it does with each part.
    """

    side: Side
    id: str
    created: Seconds
    updated: Seconds
    registers: Registers
    customer: Customer | None
    parts: tuple[Part, ...] = ()
    complete: bool = True
    parts_count: int | None = None
    title: str | None = None
    started_by: Author = field(default=Author(AuthorKind.UNKNOWN))
    revision: str = ""
    counted: bool = False
    deleted: bool = False
    bad: tuple[BadPart, ...] = ()
    by_email: bool = False
    linked: tuple[str, ...] = ()

    @property
    def opening(self) -> Part | None:
        """Return the part that began the conversation; None when it is not among those shown."""
        return next((part for part in self.parts if part.opening), None)
