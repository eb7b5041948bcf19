"""What a Dashly app holds: operators, channels, users, conversations and their parts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from connector.sandbox.dashly.errors import missing

if TYPE_CHECKING:
    from connector.sandbox.clock import SideClock
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.files import FileStore, StoredFile
    from connector.sandbox.pushes import PushLog
    from connector.sandbox.record import Record, Via
    from connector.sandbox.switches import DashlySwitches

EPOCH_MS = 1_512_108_000_000
"""Dashly's ids count milliseconds from 2017-12-01T06:00:00Z."""

SenderKind: TypeAlias = Literal["user", "admin", "default_admin", "message_sender", "nobody"]


class Id(int):
    """An object key, shown as text when the caller asks for `id_as_string`."""

    __slots__ = ()


class IdSeries:
    """Hands out 61-bit ids whose high bits are the time."""

    def __init__(self, seed: int) -> None:
        self._low = itertools.count(seed * 7919 % 4096)

    def next(self, at: float) -> int:
        """Return an unused id for something that was made at the given time."""
        return (int(at * 1000) - EPOCH_MS) << 23 | next(self._low) & 0x7FFFFF


@dataclass(slots=True)
class Admin:
    """An operator."""

    id: int
    name: str
    name_internal: str
    type: str = "admin"
    left: bool = False


@dataclass(slots=True)
class Channel:
    """A channel that conversations are sorted into."""

    id: int
    name: str
    type: str
    operators: list[int]
    priority: int = 1


@dataclass(slots=True)
class User:
    """A visitor, lead or customer."""

    id: int
    created: float
    via: Via
    user_id: str | None = None
    props: JsonObject = field(default_factory=dict)
    props_custom: JsonObject = field(default_factory=dict)
    presence: str = "offline"
    removed: float | None = None
    merged_into: int | None = None
    made_by_reading: bool = False

    @property
    def reachable(self) -> bool:
        """Whether a message to this user reaches a person."""
        return self.via == "human" or bool(self.props.get("$email") or self.props.get("$phone"))

    @property
    def is_lead(self) -> bool:
        """Whether the user list shows this user, conversations aside."""
        return bool(self.user_id or any(self.props.get(key) for key in ("$name", "$email", "$phone")))


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a part is from."""

    kind: SenderKind
    id: int = 0
    name: str = ""


@dataclass(slots=True)
class Part:
    """One entry of a conversation."""

    id: int
    conversation: int
    part_group: int
    type: str
    created: float
    sender: Sender
    sent_via: str
    via: Via
    first: bool = False
    body: str = ""
    body_json: JsonObject = field(default_factory=dict)
    meta_data: JsonObject = field(default_factory=dict)
    actions: list[JsonObject] | None = None
    external_id: str | None = None
    assignee: int | None = None
    tag: str | None = None
    channel: int | None = None
    inbound_email: int | None = None
    attachments: list[StoredFile] = field(default_factory=list)
    edited: float | None = None
    removed: float | None = None
    notified: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Conversation:
    """A conversation with everything ever written to it."""

    id: int
    created: float
    user: int
    part_group: int
    last_update: float
    channel: int | None = None
    message: int | None = None
    type: str = "popup_chat"
    replied: bool = False
    closed: bool = False
    delayed_until: float | None = None
    removed: float | None = None
    assignee: int | None = None
    last_admin: int | None = None
    last_user_reply: float | None = None
    assistant_type: str | None = None
    tags: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    vanished: list[int] = field(default_factory=list)
    """Parts that were removed without a trace."""


@dataclass(slots=True)
class DashlyState:
    """One Dashly app."""

    clock: SideClock
    switches: DashlySwitches
    files: FileStore
    record: Record
    ids: IdSeries
    pushes: PushLog
    app_id: int = 48213
    token: str = "app.48213.8f2c5d0e7b1a4936"  # noqa: S105 - a made-up key of an emulated app
    default_sender: str = "Support team"
    admins: dict[int, Admin] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)

    def conversation(self, key: int) -> Conversation:
        """Return a conversation or raise LookupError's error."""
        found = self.conversations.get(key)
        if found is None or (found.removed is not None and not self.switches.removed_readable):
            raise missing("conversation", key, known_path=self.switches.unknown_is_lookup_error)
        if (
            self.switches.expired_delay_cleared
            and (found.delayed_until or self.clock.now()) < self.clock.now()
        ):
            found.delayed_until = None
        return found

    def user(self, key: int) -> User:
        """Return a user or raise LookupError's error."""
        found = self.users.get(key)
        if found is None or (found.removed is not None and not self.switches.merged_user_readable):
            raise missing("user", key)
        return found

    def user_by_own_id(self, user_id: str) -> User | None:
        """Return the user whose external id this is."""
        users = [user for user in self.users.values() if user.removed is None]
        return next((user for user in users if user.user_id == user_id), None)

    def admin(self, key: int) -> Admin:
        """Return an operator or raise LookupError's error, also for one who left where that counts."""
        found = self.admins.get(key)
        if found is None or (found.left and not self.switches.former_operator_accepted):
            raise missing("admin", key)
        return found
