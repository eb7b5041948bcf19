"""Edits and removals made since a part was copied that the other side does not know of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.fingerprint import SLACK
from connector.engine.plan.recognition.matches import ref_of
from connector.engine.plan.recognition.passes import in_their_order, marked_source
from connector.engine.plan.recognition.similarity import is_note_of_edit, is_of_edit, same_voice, says
from connector.engine.plan.rendering import content_of
from connector.engine.plan.sentences import tells_of_removal
from mappings.model import Event, Message, Note
from mappings.text import words_hash
from state.records import COPIED_ALONE, tombstone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from connector.engine.plan.policy import Policy
    from connector.engine.plan.recognition.matches import Matching
    from mappings.model import Part
    from state.records import LedgerRow

REMOVED = ":removed"


def by_changes(found: Matching, sources: Iterable[Part], others: Collection[Part], policy: Policy) -> None:
    """Leave to the planner what people did to the matched parts of a side since they were copied.

    A marker or a second proves a copy whatever it says. If today's words were taken for those that were
    carried, an edit would never arrive. ``others`` are the parts of the other side.
    """
    copies: dict[str | None, list[Part]] = {}
    ours = [part for part in others if found.is_ours(part)]
    for part in ours:
        copies.setdefault(found.rows[ref_of(part)].counterpart, []).append(part)
    for source in sources:
        row = found.rows.get(ref_of(source))
        if row is None or row.ours or row.disposition not in COPIED_ALONE:
            continue
        if source.removed:
            note = next((part for part in ours if _told_removal(found, part, source, policy)), None)
            if note is not None:
                found.add_ours(note, source.id)
            found.rows[ref_of(source)] = replace(row, removed=note is not None)
        else:
            _by_edit(found, source, copies.get(source.id, []), others, policy)


def _by_edit(
    found: Matching, source: Part, about: list[Part], others: Collection[Part], policy: Policy
) -> None:
    """Find the note that told of an edit; where there is none, keep what was carried before it."""
    content = content_of(source, policy)
    copies = [part for part in about if part.words and not _is_note_about(part, source, policy)]
    if content is None or isinstance(content, Event) or says(content, copies):
        return
    # Nothing has a marker on Intercom: the note is one of those that nothing explained.
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


def by_known_changes(
    found: Matching, changed: Iterable[tuple[Part, LedgerRow]], notes: Collection[Part], policy: Policy
) -> None:
    """Find the notes that told of changes of parts whose copies the state knows: they are not told again.

    ``changed`` are parts that were removed, or have other words than their rows in the ledger; ``notes`` may
    be ours.
    """
    for source, row in changed:
        told = _told_removal if source.removed else _told_edit
        note = next((note for note in notes if told(found, note, source, policy)), None)
        if note is not None:
            found.add_ours(note, source.id)
            found.told_changes.append(_as_told(source, row))


def by_told_edits(found: Matching, sources: Iterable[Part], notes: Collection[Part], policy: Policy) -> None:
    """Explain parts whose copies can no longer be recognised: the note of an edit is about such a part.

    Their words have changed, and without back-dating so have their seconds. ``notes`` are the other
    side's parts.
    """
    told: dict[Part, Part] = {}
    for source in sources:
        if found.knows(source):
            continue
        note = next((note for note in notes if _told_edit(found, note, source, policy)), None)
        if note is not None:
            told[source] = note
            found.add_ours(note, source.id)
    while groups := _with_the_same_copies(found, told, notes, policy):
        # Copies are in the order of their originals; those of one group may be another's by now.
        free = ((group, copies) for copies, group in groups.items() if not any(map(found.knows, copies)))
        if sum(in_their_order(found, group, copies) for group, copies in free) == 0:
            break
    for source in told:
        if not found.knows(source):
            found.leave_out(source)


def _with_the_same_copies(
    found: Matching, told: Mapping[Part, Part], notes: Collection[Part], policy: Policy
) -> dict[tuple[Part, ...], list[Part]]:
    """Return the sources that have no copy yet, by those that each may have."""
    groups: dict[tuple[Part, ...], list[Part]] = {}
    for source, note in told.items():
        if not found.knows(source):
            before = tuple(part for part in notes if _may_be_copied_before(found, source, part, note, policy))
            groups.setdefault(before, []).append(source)
    return groups


def _may_be_copied_before(found: Matching, source: Part, copy: Part, note: Part, policy: Policy) -> bool:
    """Tell whether a part may be the copy that was made of a source before the note of its edit."""
    if found.knows(copy) or copy.words is None or is_of_edit(copy):
        return False
    public = isinstance(content_of(source, policy), Note) and isinstance(copy.words, Message)
    between = source.created - SLACK <= copy.created and copy.order < note.order
    return between and not public and same_voice(source, copy, policy)


def _as_told(source: Part, row: LedgerRow) -> LedgerRow:
    if source.removed or source.words is None:
        return tombstone(row)
    return replace(row, text_hash=words_hash(source.words))


def _told_edit(found: Matching, note: Part, source: Part, policy: Policy) -> bool:
    content = content_of(source, policy)
    if source.words is None or content is None or isinstance(content, Event):
        return False
    return _tells_of(found, note, source) and says(content, [note])


def _told_removal(found: Matching, note: Part, source: Part, policy: Policy) -> bool:
    if _suffix(note, policy) == REMOVED:
        return found.rows[ref_of(note)].counterpart == source.id
    # No such note says which part it is about: they are counted off one by one.
    worded = isinstance(note.words, Note) and tells_of_removal(note.words.text, source.side)
    return worded and _is_nobodys(found, note)


def _tells_of(found: Matching, note: Part, source: Part) -> bool:
    row = found.rows.get(ref_of(note))
    marked = row is not None and row.ours and row.counterpart == source.id
    return (marked and is_of_edit(note)) or _may_tell_of_edit(found, note)


def _may_tell_of_edit(found: Matching, part: Part) -> bool:
    return _is_nobodys(found, part) and is_of_edit(part)


def _is_nobodys(found: Matching, part: Part) -> bool:
    row = found.rows.get(ref_of(part))
    return row is None or (row.ours and row.counterpart is None)


def _is_note_about(part: Part, source: Part, policy: Policy) -> bool:
    """Tell whether a part of ours tells of a change of its source, and is not a copy."""
    told = part.words is not None and source.words is not None and is_note_of_edit(source.words, part.words)
    return told or _suffix(part, policy).startswith(":")


def _suffix(part: Part, policy: Policy) -> str:
    named = marked_source(part, policy.own_marker)
    return named[1] if named is not None else ""
