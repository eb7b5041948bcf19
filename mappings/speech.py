"""What agents read of an entry that is not a message: one clear line."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from mappings.model import (
    Assigned,
    ChannelChanged,
    Entry,
    Event,
    Message,
    Note,
    Skipped,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from mappings.names import shown_name
from mappings.sentences import Sentence

if TYPE_CHECKING:
    from mappings.wording import Wording


def spoken(entry: Entry, wording: Wording) -> str:
    """Return the entry as text; a message or note is its own words."""
    match entry:
        case Message() | Note() | Event():
            return entry.in_language(wording.language)
        case StatusChanged():
            return _status(entry.status, wording)
        case Assigned():
            return _assigned(entry, wording)
        case TagsChanged():
            return _tags(entry, wording)
        case ChannelChanged():
            return _channel(entry, wording)
        case Skipped():
            return wording.say(Sentence.LEFT_OUT, reason=entry.reason)
        case _:
            assert_never(entry)


def _status(status: Status, wording: Wording) -> str:
    match status.state:
        case State.OPEN:
            return wording.say(Sentence.OPENED)
        case State.CLOSED:
            return wording.say(Sentence.CLOSED)
        case State.SNOOZED if status.until is None:
            return wording.say(Sentence.SNOOZED)
        case State.SNOOZED:
            return wording.say(Sentence.SNOOZED_UNTIL, time=wording.time(status.until))
        case _:
            assert_never(status.state)


def _channel(entry: ChannelChanged, wording: Wording) -> str:
    if entry.channel is None:
        return wording.say(Sentence.TAKEN_OUT)
    return wording.say(Sentence.MOVED, channel=_named(entry.name or entry.channel, wording))


def _assigned(entry: Assigned, wording: Wording) -> str:
    if entry.assignee is not None:
        return wording.say(Sentence.ASSIGNED, who=_named(entry.name or entry.assignee, wording))
    if entry.team is not None:
        return wording.say(Sentence.ASSIGNED_TO_TEAM, team=_named(entry.name or entry.team, wording))
    return wording.say(Sentence.ASSIGNED_TO_NOBODY)


def _tags(entry: TagsChanged, wording: Wording) -> str:
    lines = [
        wording.say(sentence, tags=", ".join(_named(name, wording) for name in names))
        for sentence, names in ((Sentence.TAGS_ADDED, entry.added), (Sentence.TAGS_REMOVED, entry.removed))
        if names
    ]
    return "; ".join(lines) or wording.say(Sentence.TAGS_CHANGED)


def _named(name: str, wording: Wording) -> str:
    return shown_name(name, wording.say(Sentence.UNKNOWN))
