"""What the engine asks of a helpdesk: one protocol, two implementations, one conformance suite.

A note and a message are different types all the way to the request, so that no function exists which
turns one into the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from connector.helpdesk.keeper import Keeper

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from connector.helpdesk.capabilities import Capabilities
    from connector.helpdesk.query import HistoryQuery
    from connector.helpdesk.records import Records
    from mappings.model import Agent, Attachment, Conversation, Customer, Seconds, Side, Status


@dataclass(frozen=True, slots=True)
class Workspace:
    """The Dashly app or Intercom workspace that a token belongs to."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as a target of writes: the side's own id, or the external id that the side knows them by.

    ``made`` tells that the side made them just now, and did not have them already; ``withheld`` that an
    address of theirs was kept from the side; ``by_email`` that an equal address alone says who they are.
    """

    id: str
    by_external_id: bool = False
    made: bool = field(default=False, compare=False)
    withheld: bool = field(default=False, compare=False)
    by_email: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class File:
    """A file in flight: what a side calls it, and where its bytes lie until it was sent."""

    name: str
    content_type: str
    size: int
    sha256: str
    path: Path = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class StartConversation:
    """Open a conversation as the customer; ``created`` back-dates it where the side can."""

    customer: Person
    text: str
    created: Seconds | None = None


@dataclass(frozen=True, slots=True)
class PostMessage:
    """Write words that the customer sees, as exactly one of ``customer`` or ``agent``.

    ``silent`` forbids every notification; a side that cannot promise it must refuse the write.
    """

    conversation: str
    text: str
    customer: Person | None = None
    agent: str | None = None
    files: tuple[File, ...] = ()
    created: Seconds | None = None
    silent: bool = True
    marker: str = ""


@dataclass(frozen=True, slots=True)
class PostNote:
    """Write words that only agents see."""

    conversation: str
    text: str
    agent: str
    files: tuple[File, ...] = ()
    created: Seconds | None = None
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the conversation to an agent, to a team, or to nobody (both None); ``actor`` does it."""

    conversation: str
    actor: str
    assignee: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Close, open or snooze the conversation; ``actor`` does it."""

    conversation: str
    actor: str
    status: Status


@dataclass(frozen=True, slots=True)
class AddTag:
    """Put a tag on by name, creating it when missing. Already there counts as done."""

    conversation: str
    actor: str
    tag: str


@dataclass(frozen=True, slots=True)
class RemoveTag:
    """Take a tag off by name. Not there counts as done."""

    conversation: str
    actor: str
    tag: str


@dataclass(frozen=True, slots=True)
class Redact:
    """Redact the words of a part for good."""

    conversation: str
    part: str


@dataclass(frozen=True, slots=True)
class DeleteConversation:
    """Delete a whole conversation for good. Not there counts as done."""

    conversation: str


RegisterWrite = Assign | SetStatus | AddTag | RemoveTag
Write = StartConversation | PostMessage | PostNote | RegisterWrite | Redact | DeleteConversation


@dataclass(frozen=True, slots=True)
class CustomerMerged:
    """A customer whom the side knows under another id by now, since two of them were merged."""

    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a side answered to a write.

    ``conversation`` is known after StartConversation where the side says it; ``part`` is the id of the part
    made, where the side says it; ``view`` the conversation as it is now, where the side returns it;
    ``merged`` whom the customer was merged into, when that was found out.
    """

    conversation: str | None = None
    part: str | None = None
    view: Conversation | None = None
    merged: CustomerMerged | None = None


class Usage(Protocol):
    """How many calls a side had: all attempts, and those that may have changed it."""

    requests: int
    writes: int


class Helpdesk(Keeper, Protocol):
    """One side. Reads raise RemoteError; writes raise NeverSent, Unclear or Rejected, nothing else."""

    @property
    def side(self) -> Side:
        """Which side this is."""

    @property
    def capabilities(self) -> Capabilities:
        """What this side can do in the configured version."""

    @property
    def records(self) -> Records:
        """Its conversations as they were sent."""

    @property
    def usage(self) -> Usage:
        """The calls made so far."""

    @property
    def width(self) -> float:
        """How many requests under way use up what the side allows, by what its answers took lately."""

    @property
    def passed_over(self) -> int:
        """How many rows of lists had no id: they cannot be told apart, let alone be carried."""

    @property
    def lists_cut(self) -> int:
        """How many lists were given up because they went in a circle or brought nothing new."""

    @property
    def lists_refused(self) -> tuple[str, ...]:
        """Which lists, by what people call them, the token may not see; what depends on them is off."""

    def identity(self) -> Workspace:
        """Return the workspace of the token; AccessDenied when the token is refused."""

    def now(self) -> Seconds:
        """Return the server's time, from the newest answer's Date header and the time passed since."""

    def told_time(self) -> Seconds | None:
        """Return the time by the answers' Date headers; None when none of them had one."""

    def agents(self, *, fresh: bool = False) -> tuple[Agent, ...]:
        """Return the teammates, bots and teams that the side lists; ``fresh`` asks even when it just did."""

    def teams(self) -> tuple[Agent, ...]:
        """Return where a conversation can be put: Intercom's teams, Dashly's channels."""

    def tags(self) -> tuple[str, ...]:
        """Return the names of the tags that the side lists; without such a list, of those in recent use."""

    def changed_since(self, since: Seconds) -> Iterator[Conversation]:
        """Yield listed conversations whose last change is at or after ``since``, page by page, any order.

        Rows carry registers and revision; parts only where the list shows whole parts.
        """

    def deleted_since(self, since: Seconds) -> Iterator[str]:
        """Yield the ids of conversations that the side lists as deleted at or after ``since``, if it does."""

    def history(self, query: HistoryQuery) -> Iterator[Conversation]:
        """Yield every listed conversation that fits the query, in an order that survives interruption."""

    def conversation(
        self, conversation: str, *, known: frozenset[str] = frozenset(), fresh: bool = True
    ) -> Conversation:
        """Return one conversation with its parts; Gone when it does not exist.

        Parts in ``known`` may be missing (then ``complete`` is false). Unless ``fresh``, what a list of
        this run showed may be used instead of asking again.
        """

    def begun_by(self, customer: Person, since: Seconds) -> Iterator[Conversation]:
        """Yield the customer's conversations created at or after ``since``, each with its opening part."""

    def customer(self, customer: str) -> Customer | None:
        """Return name and addresses of one of this side's customers by their own record, or None."""

    def find_customer(self, *external_ids: str) -> Person | None:
        """Return the one identified person with one of these external ids, the best first, or None.

        Creates nobody. An address is not an identity, and neither is an id that a lead has or several share.
        """

    def find_by_email(self, *addresses: str) -> Mapping[str, Person]:
        """Return by address, in lower case, the one identified person with it who has no external id.

        Never one of several, never a lead; nobody where a side cannot be asked without making somebody.
        """

    def create_customer(self, customer: Customer, *, by_email: bool = False) -> Person | None:
        """Create an identified person with this external id; who has it already is adopted and left alone.

        Where an address must be unique and somebody has it, they are made without it; or ``by_email`` adopts
        whom ``find_by_email`` would find. None when somebody holds the external id who is not identified by
        it. Safe to repeat.
        """

    def is_bare(self, customer: str) -> bool:
        """Tell whether a person has no conversation, never came, and was given nothing by anybody."""

    def delete_customer(self, customer: str) -> None:
        """Delete a person for good; not there counts as done. Safe to repeat."""

    def send(self, write: Write, *, known: frozenset[str] = frozenset()) -> Receipt:
        """Carry out one write, once; the receipt's view may lack parts that are ``known``."""

    def download(self, attachment: Attachment) -> File:
        """Fetch a file that the side named; Rejected when it may not or cannot be fetched.

        Whoever fetched a file releases it.
        """

    def release(self, file: File) -> None:
        """Remove a downloaded file from the disk."""
