"""What a backfill asks a side for, and the check of what is listed: its own filters are a first sieve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.model import State, Status
from mappings.text import tag_key

if TYPE_CHECKING:
    from mappings.model import Conversation, Seconds


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which conversations a backfill reads: bounds on the last change, and filters; None means all.

    ``team`` is Intercom's team or Dashly's channel; ``closed`` takes those that are, or those that are not.
    """

    since: Seconds | None = None
    until: Seconds | None = None
    tag: str | None = None
    status: State | None = None
    assignee: str | None = None
    team: str | None = None
    closed: bool | None = None


def fits(row: Conversation, query: HistoryQuery, *, now: Seconds) -> bool:
    """Tell whether a row is what the query asks for; a snooze that has run out counts as open."""
    return (
        (query.since is None or row.updated >= query.since)
        and (query.until is None or row.updated <= query.until)
        and (query.status is None or _state(row.registers.status, now) is query.status)
        and (query.closed is None or (row.registers.status.state is State.CLOSED) is query.closed)
        and (query.assignee is None or row.registers.assignee == query.assignee)
        and (query.team is None or row.registers.team == query.team)
        and (query.tag is None or tag_key(query.tag) in map(tag_key, row.registers.tags))
    )


def _state(status: Status, now: Seconds) -> State:
    over = status.state is State.SNOOZED and status.until is not None and status.until <= now
    return State.OPEN if over else status.state
