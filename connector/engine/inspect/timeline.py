"""Both timelines of one conversation pair, read now, with what the ledger says of every part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.model import Assigned, ChannelChanged, Event, Message, Note, Side, Skipped, StatusChanged
from mappings.names import shown_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.helpdesk.port import Helpdesk
    from mappings.model import BadPart, Conversation, Entry, Loss, Part, Seconds
    from state.records import LedgerRow, Pair


@dataclass(frozen=True, slots=True)
class Line:
    """One part as a person reads it: when, who, what, what became of it, and what of it was lost."""

    side: Side
    part: str
    created: Seconds
    author: str
    kind: str
    text: str
    fate: str
    losses: tuple[Loss, ...] = ()


def read_pair(
    helpdesks: Mapping[Side, Helpdesk], pair: Pair, *, fresh: bool = True
) -> dict[Side, Conversation]:
    """Read both conversations of a pair with all their parts.

    Unless ``fresh``, a list's row of a moment ago stands for what it shows.
    """
    return {
        side: helpdesks[side].conversation(conversation, fresh=fresh)
        for side, conversation in pair.ids.items()
    }


def timeline(view: Conversation, ledger: dict[str, LedgerRow]) -> list[Line]:
    """Return the lines of one side in order, with the parts that it does not show or that cannot be read."""
    lines = [_line(part, ledger.get(part.id)) for part in view.parts]
    shown = {part.id for part in view.parts}
    lines += [_remembered(row) for row in ledger.values() if row.id not in shown]
    lines += [_unread(bad, view) for bad in view.bad if bad.id is None or bad.id not in ledger]
    return sorted(lines, key=lambda line: line.created)


def _line(part: Part, row: LedgerRow | None) -> Line:
    return Line(
        side=part.side,
        part=part.id,
        created=part.created,
        author=shown_name(part.author.name, part.author.kind.value),
        kind=", ".join(dict.fromkeys(map(_kind, part.entries))) or part.type,
        text="\n".join(filter(None, map(_text, part.entries))),
        fate=_fate(row),
        losses=row.losses if row else (),
    )


def _remembered(row: LedgerRow) -> Line:
    """Return the line of a part that only the ledger knows."""
    kind = f"{row.type} (not shown)" if row.type else "not shown"
    return Line(row.side, row.id, row.created, "", kind, "", _fate(row), row.losses)


def _unread(bad: BadPart, view: Conversation) -> Line:
    """Return the line of a part that could not be read; its time is not known."""
    fate = f"not seen yet: {bad.reason}"
    return Line(bad.side, bad.id or "", view.updated, "", "cannot be read", "", fate)


def _fate(row: LedgerRow | None) -> str:
    if row is None:
        return "not seen yet"
    if row.ours:
        return f"copy of {row.counterpart}" if row.counterpart else "ours"
    told = f"{row.disposition.value}: {row.reason}" if row.reason else row.disposition.value
    return f"{told} as {row.counterpart}" if row.counterpart else told


def _kind(entry: Entry) -> str:
    match entry:
        case Message():
            return "message"
        case Note():
            return "note"
        case StatusChanged(status=status):
            return status.state.value
        case Assigned():
            return "assigned"
        case ChannelChanged():
            return "channel"
        case Event():
            return "event"
        case Skipped():
            return "skipped"
        case _:
            return "tags"


def _text(entry: Entry) -> str:
    match entry:
        case Message() | Note():
            return "\n".join([entry.text, *(f"[{file.name}]" for file in entry.attachments)]).strip("\n")
        case Event(text=text):
            return text
        case Assigned(assignee=assignee, team=team):
            return f"to {assignee or team or 'nobody'}"
        case ChannelChanged(channel=channel):
            return f"to {channel or 'none'}"
        case StatusChanged() | Skipped():
            return ""
        case _:
            added = [f"+{tag}" for tag in entry.added]
            return " ".join(added + [f"-{tag}" for tag in entry.removed])
