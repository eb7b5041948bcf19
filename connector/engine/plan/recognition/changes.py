"""Edits and removals that were made since a part was copied, and of which the other side was not told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.matches import ref_of
from connector.engine.plan.recognition.passes import marked_source
from connector.engine.plan.recognition.similarity import says
from connector.engine.plan.rendering import content_of
from connector.engine.plan.sentences import tells_of_edit
from mappings.model import Event, Note
from mappings.text import words_hash
from state.records import COPIED_ALONE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from connector.engine.plan.policy import Policy
    from connector.engine.plan.recognition.matches import Matching
    from mappings.model import Part
    from state.records import LedgerRow

REMOVED = ":removed"


def by_changes(found: Matching, sources: Iterable[Part], others: Collection[Part], policy: Policy) -> None:
    """Leave to the planner what people did to the matched parts of a side since they were copied.

    A marker or a second proves a copy whatever it says. Were today's words taken for those that were carried,
    an edit would never arrive. ``others`` are the parts of the other side.
    """
    ours = [part for part in others if found.is_ours(part)]
    for source in sources:
        row = found.rows.get(ref_of(source))
        if row is None or row.ours or row.disposition not in COPIED_ALONE:
            continue
        about = [part for part in ours if found.rows[ref_of(part)].counterpart == source.id]
        if source.removed:
            told = any(_suffix(part, policy) == REMOVED for part in about)
            found.rows[ref_of(source)] = replace(row, removed=told)
        else:
            _by_edit(found, source, about, others, policy)


def _by_edit(
    found: Matching, source: Part, about: list[Part], others: Collection[Part], policy: Policy
) -> None:
    """Find the note that told of an edit; where there is none, keep what was carried before it."""
    content = content_of(source, policy)
    copies = [part for part in about if part.words and not _suffix(part, policy).startswith(":")]
    if content is None or isinstance(content, Event) or says(content, copies):
        return
    # Nothing bears a marker on Intercom: the note is one of those for which nobody was found.
    notes = [part for part in about if part not in copies] + [
        p for p in others if _may_tell_of_edit(found, p)
    ]
    for note in notes:
        if says(content, [note]):
            found.add_ours(note, source.id)
            return
    if copies[0].words is not None:
        row = found.rows[ref_of(source)]
        found.rows[ref_of(source)] = replace(row, text_hash=words_hash(copies[0].words))


def by_known_edits(
    found: Matching, edited: Iterable[tuple[Part, LedgerRow]], notes: Collection[Part], policy: Policy
) -> None:
    """Find the notes that told of edits of parts whose copies the state knows: told, they are not told again.

    ``edited`` are parts with other words than their rows in the ledger; ``notes`` may be ours.
    """
    for source, row in edited:
        content = content_of(source, policy)
        if source.words is None or content is None or isinstance(content, Event):
            continue
        for note in notes:
            if _tells_of(found, note, source) and says(content, [note]):
                found.add_ours(note, source.id)
                found.told_edits.append(replace(row, text_hash=words_hash(source.words)))
                break


def _tells_of(found: Matching, note: Part, source: Part) -> bool:
    row = found.rows.get(ref_of(note))
    marked = row is not None and row.ours and row.counterpart == source.id
    return (marked and _is_of_edit(note)) or _may_tell_of_edit(found, note)


def _may_tell_of_edit(found: Matching, part: Part) -> bool:
    row = found.rows.get(ref_of(part))
    unexplained = row is None or (row.ours and row.counterpart is None)
    return unexplained and _is_of_edit(part)


def _is_of_edit(part: Part) -> bool:
    return isinstance(part.words, Note) and tells_of_edit(part.words.text)


def _suffix(part: Part, policy: Policy) -> str:
    named = marked_source(part, policy.own_marker)
    return named[1] if named is not None else ""
