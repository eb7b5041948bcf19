"""What really happened: who acted when, who was notified, and which requests came in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Via: TypeAlias = Literal["api", "human"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something was done and whether a person or an API client did it."""

    at: float
    via: Via


@dataclass(frozen=True, slots=True)
class Notification:
    """A message that a real helpdesk would have sent to a real person."""

    side: str
    conversation: str
    part: str
    recipient: str
    via: Via
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One API request as the server saw it."""

    side: str
    method: str
    path: str
    params: dict[str, str]
    version: str
    status: int
    at: float
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver a webhook; status 0 is not an answer."""

    topic: str
    conversation: str
    attempt: int
    status: int


@dataclass(slots=True)
class Record:
    """The ground truth that both sides write to."""

    notifications: list[Notification] = field(default_factory=list)
    requests: list[LoggedRequest] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    made_by_reading: list[str] = field(default_factory=list)
    """Ids of the users that a GET brought into being."""
    crashes: list[str] = field(default_factory=list)
    """Errors of the sandbox itself, which it answered with 500."""
