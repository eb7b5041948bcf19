"""Comparing the transcripts of a side, line by line, with the parts that they tell of. Pure.

All transcript notes are read as one text without white space, so it does not matter where they were cut.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.inspect.likeness import as_written, squeezed
from connector.engine.plan.sentences import below_heading, is_transcript
from mappings.languages import Language
from mappings.model import Assigned, ChannelChanged, Message, Note
from mappings.transcript import lines
from mappings.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mappings.model import Entry, Part, Side
    from state.records import LedgerRow

SEPARATOR = " · "


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One line that must be in a transcript.

    ``spellings`` are the forms it may have. Of one with ``heads`` only one of them is certain: an event tells
    names and times as they were known when it was written, and an edited part the words of that day.
    """

    part: str
    spellings: tuple[str, ...]
    heads: tuple[str, ...] = ()


def transcript_notes(copies: Iterable[Part], rows: Iterable[LedgerRow], source: Side) -> list[Part]:
    """Return the notes of ours that are transcripts: those that parts name, and those that only go on."""
    named = {row.counterpart for row in rows}
    return [
        copy for copy in copies if copy.words and (copy.id in named or is_transcript(copy.words.text, source))
    ]


def in_told_order(
    parts: Iterable[Part], rows: Mapping[str, LedgerRow], notes: Sequence[Part]
) -> list[tuple[Part, LedgerRow]]:
    """Return the transcribed parts in the order in which the notes tell them."""
    place = {note.id: number for number, note in enumerate(notes)}
    told = [(part, rows[part.id]) for part in parts]
    return sorted(told, key=lambda one: (place.get(one[1].counterpart or "", len(place)), one[0].order))


def lines_of(part: Part, *, edited: bool) -> Iterator[ToldLine]:
    """Yield the lines of one part; the words of an ``edited`` one are not known any more."""
    for entry in part.entries:
        told = [_line(part, entry, language) for language in Language]
        nameless = [_line(part, _nameless(entry), language) for language in Language]
        certain = isinstance(entry, Message | Note) and not edited
        heads = () if certain else _squeezed_forms(map(_head, told))
        yield ToldLine(part.id, _squeezed_forms((*told, *nameless)), heads)


def _line(part: Part, entry: Entry, language: Language) -> str:
    return "".join(lines(replace(part, entries=(entry,)), Wording(language)))


def _head(line: str) -> str:
    return SEPARATOR.join(line.split(SEPARATOR)[:2]) + SEPARATOR


def _squeezed_forms(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(squeezed(form) for text in texts for form in as_written(text)))


def _nameless(entry: Entry) -> Entry:
    """Return an entry without the name that was perhaps not known when it was told."""
    return replace(entry, name=None) if isinstance(entry, Assigned | ChannelChanged) else entry


def body_of(note: Part, source: Side) -> str:
    """Return what a transcript note tells below its heading."""
    text = note.words.text if note.words else ""
    return below_heading(text, source)


def wrong_lines(
    told: str, wanted: Sequence[ToldLine], *, unknown: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield the part and the fault of every line that is not in what the transcripts tell.

    ``told`` is squeezed. ``unknown`` are parts that a transcript tells and the side does not show any more:
    with one of them, words that nobody wrote cannot be told from theirs.
    """
    at, loose = 0, bool(unknown)
    for line in wanted:
        found = _find(told, line, at)
        if found is None:
            yield line.part, "its line in the transcript is missing or has other words"
            loose = True  # whatever is there instead was reported with this line
            continue
        start, end = found
        if start > at and not loose:
            yield line.part, "words that nobody wrote come before its line in the transcript"
        at, loose = end, bool(unknown) or told[start:end] in line.heads
    if told[at:] and not loose:
        yield wanted[-1].part if wanted else "", "words that nobody wrote are at the end of the transcript"


def _find(told: str, line: ToldLine, at: int) -> tuple[int, int] | None:
    """Return where a line is; only its head, where that is all that is certain."""
    for text in (*line.spellings, *line.heads):
        start = told.find(text, at)
        if start >= 0:
            return start, start + len(text)
    return None
