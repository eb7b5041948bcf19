"""What agents read of an entry that is no message: one clear English line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never

from mappings.model import (
    Assigned,
    ChannelChanged,
    Entry,
    Event,
    Message,
    Note,
    Seconds,
    Skipped,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from mappings.names import shown_name


def spoken_time(moment: Seconds) -> str:
    """Return a time in UTC as people read it."""
    try:
        return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "unknown time"


def spoken(entry: Entry) -> str:
    """Return the entry as text; a message or note is its own words."""
    match entry:
        case Message() | Note() | Event():
            return entry.text
        case StatusChanged():
            return _status(entry.status)
        case Assigned():
            return _assigned(entry)
        case TagsChanged():
            return _tags(entry)
        case ChannelChanged():
            return _channel(entry)
        case Skipped():
            return f"Left out: {entry.reason}"
        case _:
            assert_never(entry)


def _status(status: Status) -> str:
    match status.state:
        case State.OPEN:
            return "Opened"
        case State.CLOSED:
            return "Closed"
        case State.SNOOZED:
            return "Snoozed" if status.until is None else f"Snoozed until {spoken_time(status.until)}"
        case _:
            assert_never(status.state)


def _channel(entry: ChannelChanged) -> str:
    if entry.channel is None:
        return "Taken out of its channel"
    return f"Moved to channel {shown_name(entry.name or entry.channel)}"


def _assigned(entry: Assigned) -> str:
    if entry.assignee is not None:
        return f"Assigned to {shown_name(entry.name or entry.assignee)}"
    return (
        "Assigned to nobody"
        if entry.team is None
        else f"Assigned to team {shown_name(entry.name or entry.team)}"
    )


def _tags(entry: TagsChanged) -> str:
    lines = [
        f"{verb}: {', '.join(map(shown_name, names))}"
        for verb, names in (("Tags added", entry.added), ("Tags removed", entry.removed))
        if names
    ]
    return "; ".join(lines) or "Tags changed"
