"""Parts of a conversation written out for agents: history where the other side cannot be back-dated.

Chunks are stable: parts added at the end never change a chunk that was full before. No word is lost, and
every part is covered by exactly one chunk, the one that completes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mappings.characters import clean, one_line
from mappings.files import not_copied, travels
from mappings.model import Attachment, Entry, Message, Note, Part
from mappings.names import BORDER, label
from mappings.sentences import Sentence
from mappings.speech import spoken
from mappings.text import SHORTEST_LIMIT, segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mappings.wording import Wording

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
    parts: Sequence[Part],
    limit: int,
    *,
    heading: str,
    wording: Wording,
    left: Mapping[str, int] | None = None,
) -> tuple[Chunk, ...]:
    """Return the parts as few chunks of at most ``limit`` characters, each below the heading.

    ``left`` says how much is left of parts whose beginning was told before. ValueError when the limit leaves
    no room below the heading.
    """
    packing = _Packing(limit, heading, wording)
    for part in parts:
        packing.add(part, (left or {}).get(part.id))
    return packing.chunks()


def lines(part: Part, wording: Wording) -> tuple[str, ...]:
    """Return the transcript of one part, a block of lines for each entry."""
    who = label(replace(part.author, name=part.author.name or part.author.email), wording)
    start = f"{wording.time(part.created)} {BORDER} {who} {BORDER} "
    return tuple(start + _told(entry, wording) for entry in part.entries)


class _Packing:
    """Chunks being filled; the current one is open until the next block does not fit."""

    def __init__(self, limit: int, heading: str, wording: Wording) -> None:
        self._wording = wording
        self._continued = heading + wording.say(Sentence.CONTINUED)
        if limit < len(self._continued) + SHORTEST_LIMIT:
            raise ValueError(f"a limit of {limit} leaves no room below the heading")
        self._limit = limit
        self._heading = heading
        self._done: list[Chunk] = []
        self._text = heading
        self._covered: list[str] = []
        self._open: tuple[str, int] | None = None

    def add(self, part: Part, left: int | None) -> None:
        """Write a part where it fits, over several chunks only when no chunk can hold it whole."""
        whole = "\n".join(lines(part, self._wording))
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
        return self._limit - len(self._continued) - 1

    def _write(self, block: str) -> None:
        self._text = f"{self._text}\n{block}"

    def _close(self) -> None:
        if "\n" not in self._text[len(self._heading) :]:
            return
        self._done.append(Chunk(self._text, tuple(self._covered), self._open))
        self._open = None
        self._text = self._continued
        self._covered = []


def _told(entry: Entry, wording: Wording) -> str:
    match entry:
        case Message():
            return f"{wording.say(Sentence.SAID)}: {_words(entry, wording)}"
        case Note():
            return f"{wording.say(Sentence.NOTED)}: {_words(entry, wording)}"
        case _:
            return one_line(spoken(entry, wording))


def _words(entry: Message | Note, wording: Wording) -> str:
    text = entry.in_language(wording.language)
    written = [line.rstrip() for line in clean(text).strip().split("\n")]
    files = [_file(attachment, wording) for attachment in entry.attachments]
    return "\n".join(_indented([*(written if any(written) else []), *files]))


def _indented(written: list[str]) -> Iterator[str]:
    for index, line in enumerate(written):
        yield _INDENT + line if index and line else line


def _file(attachment: Attachment, wording: Wording) -> str:
    return travels(attachment, wording) if attachment.url else not_copied(attachment, wording)
