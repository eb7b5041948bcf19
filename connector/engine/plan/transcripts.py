"""History written out in notes, where the other side cannot take parts with their own time and silently."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.config.choices import HistoryMode
from connector.engine.plan.actions import Form, PostWords
from connector.engine.plan.rendering import content_of, words_hash
from connector.engine.plan.sentences import history_heading
from connector.engine.plan.splitting import losses_of, unsendable
from mappings.sentences import Sentence
from mappings.transcript import pack
from state.records import Begun, Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.plan.direction import Direction
    from mappings.languages import Language
    from mappings.model import Part
    from mappings.transcript import Chunk


def belongs_in_transcript(direction: Direction, part: Part) -> bool:
    """Tell whether a part is written out with the others instead of being posted by itself."""
    if direction.history_mode is not HistoryMode.TRANSCRIPT or not direction.is_history(part):
        return False
    if content_of(part, direction.policy) is not None:
        return True
    # An event without words belongs to the story while the past is told. In an ongoing conversation, one
    # that is seen late is a change of a register like any other.
    snapshot = direction.snapshot
    return not snapshot.pair.linked or (snapshot.backfill and direction.from_origin)


def transcript(direction: Direction, parts: tuple[Part, ...]) -> list[PostWords]:
    """Return the notes that tell neighbouring parts, as few as the text limit allows, their files before."""
    by_id = {part.id: part for part in parts}
    first = parts[0].id
    wording = direction.policy.wording
    heading = history_heading(direction.source, wording)
    notes = [post for part in parts for post in _files(direction, part)]
    begun = direction.snapshot.begun
    left = {part.id: begun[part.id].left[0] for part in parts if part.id in begun}
    # What continues within a part needs markers of its own: the first notes have those of its beginning.
    rest = f"-{left[first]}-" if first in left else ""
    chunks = pack(parts, direction.capabilities.max_text, heading=heading, wording=wording, left=left)
    for number, chunk in enumerate(chunks, start=1):
        marker = direction.policy.marker(direction.source, first, f":history{rest}{number}")
        newest = by_id[chunk.open[0] if chunk.open else chunk.parts[-1]]
        note = _note(direction, chunk.parts[0] if chunk.parts else first, marker, chunk.text, newest)
        covers = tuple(_row(direction, by_id[part]) for part in chunk.parts)
        notes.append(replace(note, covers=covers, begins=_begins(chunk, by_id, wording.language)))
    return notes


def _begins(chunk: Chunk, parts: Mapping[str, Part], language: Language) -> Begun | None:
    """Return how much is left of the part that goes on in the next note."""
    if chunk.open is None:
        return None
    part, left = chunk.open
    return Begun(part, words_hash(parts[part]), (left,), language=language)


def _note(direction: Direction, source: str, marker: str, text: str, newest: Part) -> PostWords:
    """Return a note of the past, as old as the newest part that it tells: no later one comes before it."""
    target = direction.target
    return PostWords(
        target=target,
        form=Form.NOTE,
        marker=marker,
        source=source,
        text=text,
        agent=direction.policy.default_agent[target],
        created=newest.created if direction.capabilities.back_dating else direction.snapshot.now[target],
    )


def _files(direction: Direction, part: Part) -> list[PostWords]:
    """Return the separate notes that bring a part's files; they come before the transcript."""
    words = part.words
    if words is None or not words.attachments:
        return []
    marker = direction.policy.marker(direction.source, part.id, ":files")
    wording = direction.policy.wording
    lead = wording.say(Sentence.FILES_OF, time=wording.minute(part.created))
    note = _note(direction, part.id, marker, lead, part)
    return direction.cut(replace(note, attachments=words.attachments))


def _row(direction: Direction, part: Part) -> LedgerRow:
    row = row_of(part, Disposition.TRANSCRIPT, text_hash=words_hash(part))
    files = part.words.attachments if part.words else ()
    named = unsendable(files, direction.capabilities)
    return replace(row, losses=row.losses + losses_of(named))
