"""The lines of an export, as they are written and read. Pure.

First a header, then one line for each conversation, last an end, which says that nothing is missing but what
it names. A dump that another program wrote may lack the end, but not the header.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.helpdesk.records import Record
from mappings.model import Side
from mappings.wire.values import read_fields, read_optional_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.helpdesk.records import Raw
    from mappings.model import Seconds

FORMAT = 1
WRITER = "dashly-intercom-connector"


class NoExport(ValueError):
    """A line that is in no export; the text says why in a few words."""


@dataclass(frozen=True, slots=True)
class Header:
    """Whose conversations they are, and when their reading began; a foreign dump names no ``writer``."""

    side: Side
    account: str
    made: Seconds
    writer: str = WRITER

    def dump(self) -> Raw:
        """Return it as it is written."""
        made = datetime.fromtimestamp(self.made, UTC).isoformat()
        told: Raw = {"format": FORMAT, "side": self.side.value, "account": self.account, "made": made}
        return {**told, "writer": self.writer}


@dataclass(frozen=True, slots=True)
class Entry:
    """One conversation with the people who appear in it first, and where its files lie, by their address."""

    record: Record
    people: tuple[Raw, ...] = ()
    files: Mapping[str, Raw] = field(default_factory=dict)

    def dump(self) -> Raw:
        """Return it as it is written."""
        parts = {} if self.record.parts is None else {"parts": list(self.record.parts)}
        files = {"files": dict(self.files)} if self.files else {}
        return {"conversation": self.record.conversation, **parts, "people": list(self.people), **files}


@dataclass(frozen=True, slots=True)
class End:
    """That all was written: how many conversations, and which could not be read, with the reason."""

    conversations: int
    unread: Mapping[str, str] = field(default_factory=dict)

    def dump(self) -> Raw:
        """Return it as it is written."""
        return {"end": True, "conversations": self.conversations, "unread": dict(self.unread)}


def text_of(line: Header | Entry | End) -> bytes:
    """Return a line as bytes, with its end."""
    return json.dumps(line.dump(), ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n"


def parse(line: bytes) -> Raw:
    """Return what a line holds; NoExport when it is cut off or is something else."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):  # or nested to exhaust the reader
        raise NoExport("is cut off, or not JSON") from None
    if not isinstance(found, dict):
        raise NoExport("is no object")
    return found


def read_header(raw: Raw) -> Header:
    """Read the first line; NoExport when it is another."""
    if raw.get("format") != FORMAT:
        raise NoExport(f'is not the header of an export: it has no "format": {FORMAT}')
    try:
        made = datetime.fromisoformat(str(raw["made"]))
        at = made if made.tzinfo else made.replace(tzinfo=UTC)
        account = str(raw["account"])
        return Header(Side(raw["side"]), account, at.timestamp(), str(raw.get("writer", "")))
    except (LookupError, ValueError):
        raise NoExport('needs "side" (dashly or intercom), "account" and "made" (a time)') from None


def read_entry(raw: Raw) -> tuple[str, Entry]:
    """Read the line of a conversation, with its id; NoExport when it is another."""
    conversation = raw.get("conversation")
    key = read_optional_id(conversation.get("id")) if isinstance(conversation, dict) else None
    if key is None or not isinstance(conversation, dict):
        raise NoExport("holds no conversation with an id")
    parts, people, files = raw.get("parts"), raw.get("people") or [], raw.get("files") or {}
    if not (parts is None or _objects(parts)) or not _objects(people) or not isinstance(files, dict):
        raise NoExport("holds parts, people or files of the wrong form")
    return key, Entry(Record(conversation, None if parts is None else tuple(parts)), tuple(people), files)


def read_end(raw: Raw) -> End | None:
    """Read the last line; None for one that is not an end, NoExport for an end that counts nothing."""
    if raw.get("end") is not True:
        return None
    count, unread = raw.get("conversations", 0), read_fields(raw.get("unread"))
    if not isinstance(count, int):
        raise NoExport('is an end whose "conversations" is not a number')
    return End(count, {str(key): str(why) for key, why in unread.items()})


def _objects(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(one, dict) for one in found)
