"""What people can do on either helpdesk, by one set of names."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import RLock

    from connector.sandbox.exchange import JsonObject, Upload

F = TypeVar("F", bound=Callable[..., Any])


def locked(method: F) -> F:
    """Run a desk's method while no request is being answered."""

    @functools.wraps(method)
    def run(self: Desk, *args: object, **kwargs: object) -> object:
        with self.lock:
            return method(self, *args, **kwargs)

    return cast("F", run)


class Desk(ABC):
    """One helpdesk with its people; ids are text everywhere.

    `agent` is an operator's id, by default the first one. `created` puts an action into the past and is
    meant for seeding only.
    """

    side: str

    def __init__(self, lock: RLock) -> None:
        self.lock = lock

    @abstractmethod
    def agents(self) -> list[str]:
        """Return the ids of the human operators."""

    @abstractmethod
    def customer(
        self,
        name: str | None = None,
        *,
        email: str | None = None,
        phone: str | None = None,
        user_id: str | None = None,
        created: float | None = None,
    ) -> str:
        """Add a customer who can be reached; `user_id` is the site's own id."""

    @abstractmethod
    def customer_starts(
        self, customer: str, body: str, *, attachments: Sequence[Upload] = (), created: float | None = None
    ) -> str:
        """Begin a conversation as a customer and return its id."""

    @abstractmethod
    def customer_writes(
        self,
        conversation: str,
        body: str,
        *,
        attachments: Sequence[Upload] = (),
        created: float | None = None,
    ) -> str:
        """Write as the customer and return the part's id."""

    @abstractmethod
    def agent_writes(
        self,
        conversation: str,
        body: str,
        *,
        agent: str | None = None,
        attachments: Sequence[Upload] = (),
        take: bool = False,
        created: float | None = None,
    ) -> str:
        """Answer the customer; `take` also takes the conversation over."""

    @abstractmethod
    def agent_notes(
        self,
        conversation: str,
        body: str,
        *,
        agent: str | None = None,
        attachments: Sequence[Upload] = (),
        created: float | None = None,
    ) -> str:
        """Leave a note that the customer never sees."""

    @abstractmethod
    def bot_writes(
        self, conversation: str, body: str, *, choices: Sequence[str] = (), created: float | None = None
    ) -> str:
        """Write as a bot, with buttons when there are choices."""

    @abstractmethod
    def article(
        self,
        conversation: str,
        title: str,
        url: str,
        *,
        agent: str | None = None,
        created: float | None = None,
    ) -> str:
        """Send a knowledge-base article."""

    @abstractmethod
    def campaign_starts(
        self, customer: str, body: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Begin a conversation as a campaign, or as an agent when one is named."""

    @abstractmethod
    def mailing(
        self, customers: Sequence[str], body: str, *, agent: str | None = None, created: float | None = None
    ) -> list[str]:
        """Begin a conversation with each customer by one message, whose id they share."""

    @abstractmethod
    def agent_leaves(self, agent: str) -> None:
        """Take an operator off the list; what they wrote, and what is assigned to them, stays."""

    @abstractmethod
    def assign(
        self,
        conversation: str,
        assignee: str | None,
        *,
        agent: str | None = None,
        created: float | None = None,
    ) -> str:
        """Assign to an operator, or to nobody."""

    @abstractmethod
    def close(self, conversation: str, *, agent: str | None = None, created: float | None = None) -> str:
        """Close a conversation."""

    @abstractmethod
    def reopen(self, conversation: str, *, agent: str | None = None, created: float | None = None) -> str:
        """Open a closed or snoozed conversation; the answer is empty where this leaves no part."""

    @abstractmethod
    def snooze(
        self, conversation: str, until: float, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Snooze a conversation until a Unix time."""

    @abstractmethod
    def tag(
        self, conversation: str, name: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Attach a tag."""

    @abstractmethod
    def untag(
        self, conversation: str, name: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Detach a tag."""

    @abstractmethod
    def edit_part(self, conversation: str, part: str, body: str) -> None:
        """Change the text of a part."""

    @abstractmethod
    def remove_part(self, conversation: str, part: str) -> None:
        """Take a part's content away for good."""

    @abstractmethod
    def rate(
        self, conversation: str, rating: int, remark: str = "", *, created: float | None = None
    ) -> list[str]:
        """Rate as the customer and return the ids of the parts that this leaves."""

    @abstractmethod
    def delete_conversation(self, conversation: str) -> None:
        """Remove a whole conversation."""

    @abstractmethod
    def insert_part(
        self,
        conversation: str,
        part_type: str,
        body: str = "",
        *,
        created: float | None = None,
        fields: JsonObject | None = None,
    ) -> str:
        """Insert a part of any type as it stands, without side effects; `fields` are more of its content."""

    @abstractmethod
    def truth(self) -> JsonObject:
        """Dump every person, conversation and part with what the API does not show."""
