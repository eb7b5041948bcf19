"""Listed conversations: does one fit a history query, and what stands for one that cannot be read.

Both sides' own filters are only a first sieve. A row that makes no sense must not stop the list: a stand-in
with its id goes on, and reading that conversation by itself then fails for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import BadPart, Conversation, Registers, Side, State, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.ports import HistoryQuery
    from mappings.model import Seconds


def fits(row: Conversation, query: HistoryQuery, *, now: Seconds) -> bool:
    """Tell whether a row is what the query asks for; a snooze that has run out counts as open."""
    return (
        (query.since is None or row.updated >= query.since)
        and (query.until is None or row.updated <= query.until)
        and (query.status is None or _state(row.registers.status, now) is query.status)
        and (query.assignee is None or row.registers.assignee == query.assignee)
        and (query.tag is None or tag_key(query.tag) in map(tag_key, row.registers.tags))
    )


def tag_key(name: str) -> str:
    """Return the form in which tag names are compared."""
    return name.strip().casefold()


def stand_in(side: Side, raw: Mapping[str, object], reason: str, *, now: Seconds) -> Conversation | None:
    """Return what goes on for a row that cannot be read; None when it has not even an id."""
    found = raw.get("id")
    if isinstance(found, bool) or not isinstance(found, str | int) or not str(found):
        return None
    bad = (BadPart(side, None, reason),)
    return Conversation(side, str(found), now, now, Registers(), None, complete=False, bad=bad)


def _state(status: Status, now: Seconds) -> State:
    over = status.state is State.SNOOZED and status.until is not None and status.until <= now
    return State.OPEN if over else status.state
