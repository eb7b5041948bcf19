"""What was asked for: a side, filters or ids, how many, and in which order. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.errors import ConfigError
from connector.helpdesk.query import HistoryQuery
from mappings.model import Side, State
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mappings.model import Conversation, Seconds


MOST_LISTED = 10**9
"""No list is as long; behind so many closed conversations come the others."""


class Order(StrEnum):
    """Which conversations are carried first."""

    CLOSED_FIRST = "closed-first"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which past conversations: of which side, which ones, at most how many, and which of them first.

    ``ids`` name conversations, and come from ``id_file`` if any; ``query`` chooses them; ``sample`` takes
    that many, of all kinds. What is in ``besides`` was carried a moment ago. An export, ``file``, may
    replace the side, with its attachments in ``folder``.
    """

    source: Side
    query: HistoryQuery = field(default_factory=HistoryQuery)
    limit: int | None = None
    ids: tuple[str, ...] = ()
    id_file: Path | None = None
    file: Path | None = None
    folder: Path | None = None
    order: Order = Order.CLOSED_FIRST
    sample: int | None = None
    besides: frozenset[str] = frozenset()

    @property
    def comes_in_order(self) -> bool:
        """Tell whether the list brings the conversations in the order that was asked for."""
        if self.ids or self.sample is not None:
            return False
        # Closed ones are asked for first; only Dashly promises an order by the last change.
        return self.order is Order.CLOSED_FIRST or (self.order is Order.NEWEST and self.source is Side.DASHLY)

    def rank(self, listing: Conversation, position: int) -> float:
        """Return what a conversation is sorted by, given its place in the list."""
        match self.order:
            case Order.NEWEST:
                return -listing.updated
            case Order.OLDEST:
                return listing.updated
            case Order.CLOSED_FIRST:
                # What is closed moves no more: what people still work on is copied as late as can be.
                closed = listing.registers.status.state is State.CLOSED
                return float(position if closed else position + MOST_LISTED)


def refuse_unread(choice: Choice, sources: frozenset[Side]) -> None:
    """Raise ConfigError for a side from which nothing is copied."""
    if choice.source not in sources:
        raise ConfigError(
            f"nothing is copied from {TITLES[choice.source]}: [sync] directions leaves it out",
            hint=f"connector backfill --from {choice.source.other}",
        )


def refuse_contradictions(choice: Choice, now: Seconds) -> None:
    """Raise ConfigError for a choice that can match nothing, whatever the sides hold."""
    for problem, hint in _contradictions(choice, now):
        raise ConfigError(problem, hint=hint)


def _contradictions(choice: Choice, now: Seconds) -> Iterator[tuple[str, str]]:
    query = choice.query
    yield from _wrong_values(choice)
    given = [f.name for f in fields(HistoryQuery) if getattr(query, f.name) is not None]
    if query.since is not None and query.until is not None and query.since > query.until:
        yield "--since is after --until: nothing changed in between", "exchange them"
    if query.since is not None and query.since > now:
        yield "--since is in the future: nothing changed since then", "give a time that has passed"
    if choice.ids and (given or choice.sample is not None):
        option = _OPTION.get(given[0], given[0]) if given else "sample"
        yield f"--id names the conversations, --{option} chooses them", f"leave out --{option}, or --id"
    if choice.sample is not None and choice.limit is not None:
        yield "--sample says how many already, and --limit too", "leave one of them out"


def _wrong_values(choice: Choice) -> Iterator[tuple[str, str]]:
    query = choice.query
    for name, value in (("tag", query.tag), ("assignee", query.assignee), ("channel", query.team)):
        if value is not None and not value.strip():
            yield f"--{name} is empty", f"leave out --{name} to take all"
    for name, value in (("assignee", query.assignee), ("channel", query.team)):
        if value is not None and not (value.isascii() and value.isdigit()):
            yield f"--{name} takes an id, which is a number: {value} is not", "connector mapping check"
    if choice.folder is not None and choice.file is None:
        yield "--files is the folder of an export, and --source is missing", "give --source too"
    if any(not one.strip() for one in choice.ids):
        yield "--id is empty", "give the id of a conversation"


_OPTION = {"team": "channel"}
