"""What an Intercom workspace holds: teammates, teams, tags, contacts, conversations and their parts."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from connector.sandbox.intercom.errors import IntercomError, forbidden, invalid, merged_away, not_found
from connector.sandbox.switches import FormerAdmin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.sandbox.clock import SideClock
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.files import FileStore, StoredFile
    from connector.sandbox.pushes import PushLog
    from connector.sandbox.record import Record, Via
    from connector.sandbox.switches import IntercomSwitches

Version: TypeAlias = tuple[int, int]
State: TypeAlias = Literal["open", "closed", "snoozed"]


@dataclass(slots=True)
class Admin:
    """A teammate, or the workspace's bot."""

    id: int
    name: str
    email: str
    bot: bool = False
    team_ids: list[int] = field(default_factory=list)
    has_inbox_seat: bool = True
    left: bool = False


@dataclass(slots=True)
class Team:
    """A team that conversations can be assigned to."""

    id: int
    name: str
    admin_ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Tag:
    """A tag of the workspace."""

    id: int
    name: str


@dataclass(slots=True)
class Contact:
    """A user or a lead."""

    id: str
    role: str
    created_at: int
    updated_at: int
    via: Via
    external_id: str | None = None
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    last_replied_at: int | None = None
    last_contacted_at: int | None = None
    custom_attributes: JsonObject = field(default_factory=dict)
    archived: bool = False
    deleted: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a part: `user` and `lead` are contacts, `admin` and `bot` teammates."""

    kind: Literal["user", "lead", "admin", "bot", "team"]
    id: str

    @property
    def is_contact(self) -> bool:
        """Whether a customer wrote it."""
        return self.kind in {"user", "lead"}


@dataclass(frozen=True, slots=True)
class Assignee:
    """Where a part assigned the conversation; `nobody_admin` has no id."""

    kind: str
    id: str | None


@dataclass(slots=True)
class Part:
    """One entry of a conversation."""

    id: int
    part_type: str
    author: Author
    body: str | None
    created_at: int
    updated_at: int
    state: State
    via: Via
    assigned_to: Assignee | None = None
    attachments: list[StoredFile] = field(default_factory=list)
    event_details: JsonObject | None = None
    metadata: JsonObject = field(default_factory=dict)
    app_package_code: str | None = None
    redacted: bool = False
    notified: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """A conversation's opening message."""

    id: int
    author: Author
    body: str
    delivered_as: str
    via: Via
    type: str = "conversation"
    subject: str = ""
    url: str | None = None
    attachments: list[StoredFile] = field(default_factory=list)
    redacted: bool = False
    notified: list[str] = field(default_factory=list)


@dataclass(slots=True)
class AppliedTag:
    """A tag on a conversation."""

    tag: int
    at: int
    by: str


@dataclass(slots=True)
class Conversation:
    """A conversation with everything ever written to it."""

    id: int
    created_at: int
    updated_at: int
    source: Source
    contacts: list[str]
    state: State = "open"
    snoozed_until: int | None = None
    waiting_since: int | None = None
    first_contact_reply: int | None = None
    read: bool = False
    title: str | None = None
    priority: bool = False
    admin_assignee: int = 0
    team_assignee: int = 0
    custom_attributes: JsonObject = field(default_factory=dict)
    tags: list[AppliedTag] = field(default_factory=list)
    rating: JsonObject | None = None
    parts: list[Part] = field(default_factory=list)
    index: list[tuple[float, JsonObject]] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)
    merged_into: int | None = None

    def ordered_parts(self) -> list[Part]:
        """Return the parts, oldest first."""
        return sorted(self.parts, key=lambda part: (part.created_at, part.id))


@dataclass(slots=True)
class Webhook:
    """Where the app wants to be told; a refusal for good turns it off."""

    url: str
    active: bool = True
    paused_until: float = 0.0


@dataclass(slots=True)
class Series:
    """The workspace's id series; each kind of object counts for itself."""

    seed: int
    conversations: Iterator[int] = field(default_factory=lambda: itertools.count(215_474_000_310_017, 3))
    parts: Iterator[int] = field(default_factory=lambda: itertools.count(30_418_772_051))
    sources: Iterator[int] = field(default_factory=lambda: itertools.count(2_403_918_330))
    tags: Iterator[int] = field(default_factory=lambda: itertools.count(9_101))
    files: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    people: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def contact(self, at: float) -> str:
        """Return a fresh 24-digit contact id."""
        digest = hashlib.sha256(f"{self.seed}/{next(self.people)}".encode()).hexdigest()
        return f"{int(at):08x}{digest[:16]}"


@dataclass(slots=True)
class IntercomState:
    """One Intercom workspace."""

    clock: SideClock
    switches: IntercomSwitches
    files: FileStore
    record: Record
    ids: Series
    pushes: PushLog
    workspace_id: str = "sbx9k2ra"
    token: str = "dG9rOnNhbmRib3g6aW50ZXJjb20="  # noqa: S105 - a made-up token of an emulated workspace
    package_code: str = "connector-app"
    client_secret: str = "5a1db0c5-7a3c-4f0e-sandbox"  # noqa: S105 - a made-up secret of an emulated app
    webhook: Webhook | None = None
    admins: dict[int, Admin] = field(default_factory=dict)
    teams: dict[int, Team] = field(default_factory=dict)
    tags: dict[int, Tag] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    deleted: dict[int, int] = field(default_factory=dict)
    snoozed: set[int] = field(default_factory=set)
    contact_attributes: set[str] = field(default_factory=lambda: {"plan"})
    conversation_attributes: set[str] = field(default_factory=lambda: {"issue_type", "origin"})

    @property
    def bot(self) -> Admin:
        """The workspace's Operator."""
        return next(admin for admin in self.admins.values() if admin.bot)

    def conversation(self, key: str) -> Conversation:
        """Return a conversation or raise 404."""
        found = self.conversations.get(int(key)) if key.isdigit() else None
        if found is None:
            raise not_found()
        return found

    def admin(self, key: object) -> Admin:
        """Return a teammate; raise 404, or what the workspace answers about one who left."""
        text = str(key)
        found = self.admins.get(int(text)) if text.isdigit() else None
        if found is None:
            raise not_found("Admin not found", "admin_not_found")
        if found.left:
            raise self.about_former_admin("Admin not found", "admin_not_found")
        return found

    def about_former_admin(self, message: str, code: str) -> IntercomError:
        """Return the answer to a request that names a teammate who left."""
        match self.switches.former_admin:
            case FormerAdmin.NOT_FOUND:
                return not_found(message, code)
            case FormerAdmin.INVALID:
                return invalid(message)
            case FormerAdmin.FORBIDDEN:
                return forbidden(message)

    def contact(self, key: object) -> Contact:
        """Return a living contact; raise 404, or 410 for a merged one where writes say so."""
        found = self.contacts.get(str(key))
        if found is not None and found.merged_into is not None and self.switches.merged_writer_is_gone:
            raise merged_away(found.merged_into)
        if found is None or found.merged_into is not None or found.archived:
            raise not_found("User Not Found")
        return found

    def living_contacts(self) -> list[Contact]:
        """Return the contacts that lists and searches show."""
        return [item for item in self.contacts.values() if item.merged_into is None and not item.archived]

    def tag(self, key: object) -> Tag:
        """Return a tag or raise 404."""
        text = str(key)
        found = self.tags.get(int(text)) if text.isdigit() else None
        if found is None:
            raise not_found("Tag not found", "tag_not_found")
        return found
