"""Checks a listed conversation against a history query; both sides' own filters are only a first sieve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import State, Status
from mappings.text import tag_key

if TYPE_CHECKING:
    from connector.helpdesk.port import HistoryQuery
    from mappings.model import Conversation, Seconds


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
