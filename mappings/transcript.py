"""Parts of a conversation written out for agents: history where the other side cannot be back-dated.

Chunks are stable: parts added at the end never change a chunk that was full before. No word is lost, and
every part is covered by exactly one chunk, the one that completes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mappings.characters import clean, one_line
from mappings.files import not_copied, shown_size
from mappings.html.links import bracketed
from mappings.model import Attachment, Author, Entry, Message, Note, Part
from mappings.names import BORDER, label, shown_file_name
from mappings.speech import spoken, spoken_time
from mappings.text import SHORTEST_LIMIT, segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CONTINUED = " (continued)"
_INDENT = "    "
# A part that starts with less of its text at the end of a note reads badly.
_WORTH_STARTING = 200


@dataclass(frozen=True, slots=True)
class Chunk:
    """One note's worth of transcript and the ids of the parts that it completes.

    ``open`` is the part that goes on in the next chunk, and how much of it is left.
    """

    text: str
    parts: tuple[str, ...]
    open: tuple[str, int] | None = None


def pack(
    parts: Sequence[Part], limit: int, *, heading: str, left: Mapping[str, int] | None = None
) -> tuple[Chunk, ...]:
    """Return the parts as few chunks of at most ``limit`` characters, each below the heading.

    ``left`` says how much is left of parts whose beginning was told before. ValueError when the limit leaves
    no room below the heading.
    """
    packing = _Packing(limit, heading)
    for part in parts:
        packing.add(part, (left or {}).get(part.id))
    return packing.chunks()


def lines(part: Part) -> tuple[str, ...]:
    """Return the transcript of one part, a block of lines for each entry."""
    start = f"{spoken_time(part.created)} {BORDER} {_name(part.author)} {BORDER} "
    return tuple(start + _told(entry) for entry in part.entries)


class _Packing:
    """Chunks being filled; the current one is open until the next block does not fit."""

    def __init__(self, limit: int, heading: str) -> None:
        if limit < len(heading + _CONTINUED) + SHORTEST_LIMIT:
            raise ValueError(f"a limit of {limit} leaves no room below the heading")
        self._limit = limit
        self._heading = heading
        self._done: list[Chunk] = []
        self._text = heading
        self._covered: list[str] = []
        self._open: tuple[str, int] | None = None

    def add(self, part: Part, left: int | None) -> None:
        """Write a part where it fits, over several chunks only when no chunk can hold it whole."""
        whole = "\n".join(lines(part))
        block = whole if left is None else whole[max(0, len(whole) - left) :].strip()
        if len(block) > self._room() and (len(block) <= self._fresh_room() or self._room() < _WORTH_STARTING):
            self._close()
        cut = segments(block, self._fresh_room(), self._room())
        for number, (start, end) in enumerate(cut):
            if number:
                self._open = (part.id, len(block) - start)
                self._close()
            self._write(block[start:end].strip())
        self._covered.append(part.id)

    def chunks(self) -> tuple[Chunk, ...]:
        """Return what was written."""
        self._close()
        return tuple(self._done)

    def _room(self) -> int:
        return self._limit - len(self._text) - 1

    def _fresh_room(self) -> int:
        return self._limit - len(self._heading + _CONTINUED) - 1

    def _write(self, block: str) -> None:
        self._text = f"{self._text}\n{block}"

    def _close(self) -> None:
        if "\n" not in self._text[len(self._heading) :]:
            return
        self._done.append(Chunk(self._text, tuple(self._covered), self._open))
        self._open = None
        self._text = self._heading + _CONTINUED
        self._covered = []


def _name(author: Author) -> str:
    return label(replace(author, name=author.name or author.email))


def _told(entry: Entry) -> str:
    match entry:
        case Message():
            return "message: " + _words(entry)
        case Note():
            return "note: " + _words(entry)
        case _:
            return one_line(spoken(entry))


def _words(entry: Message | Note) -> str:
    written = [line.rstrip() for line in clean(entry.text).strip().split("\n")]
    files = [_file(attachment) for attachment in entry.attachments]
    return "\n".join(_indented([*(written if any(written) else []), *files]))


def _indented(written: list[str]) -> Iterator[str]:
    for index, line in enumerate(written):
        yield _INDENT + line if index and line else line


def _file(attachment: Attachment) -> str:
    if not attachment.url:
        return not_copied(attachment)
    size = f", {shown_size(attachment.size)}" if attachment.size is not None else ""
    return f"[file: {shown_file_name(attachment.name)}{size}, {bracketed(attachment.url)}]"
