"""The passes of matching: each explains parts by one kind of evidence and skips what is explained already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.matches import ref_of
from connector.engine.plan.recognition.similarity import (
    in_place_of,
    is_bare_start,
    is_perhaps_typed,
    is_piece,
    is_typed,
    lacks_beginning,
    shows_apps,
)
from connector.engine.plan.rendering import content_of
from connector.engine.plan.sentences import copies_nothing, is_opening_line, is_transcript
from mappings.model import Note, Side
from mappings.text import comparison_text
from state.records import Disposition, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from connector.engine.plan.policy import Policy
    from connector.engine.plan.recognition.matches import Matching
    from connector.engine.plan.recognition.similarity import Likeness
    from mappings.model import Part

_ENOUGH = 40
"""So many characters at its beginning or its end tell a part from another of the same second."""
# After our prefix: the part's id, `source:` before that of an opening, and the piece or the operation.
MARKED = re.compile(r"^(source:\d+|\d+)([#:].*)?$")


def marked_source(part: Part, own_marker: str) -> tuple[str, str] | None:
    """Return the Intercom part that a Dashly part's marker names, with the suffix; None without one."""
    marker = part.external_id or ""
    match = MARKED.match(marker.removeprefix(own_marker)) if marker.startswith(own_marker) else None
    return (match[1], match[2] or "") if match else None


def by_opening_line(found: Matching, mirror: Iterable[Part]) -> None:
    """Explain the neutral line that opened a mirror."""
    for part in mirror:
        if part.opening and part.words is not None and is_opening_line(part.words.text):
            found.add_ours(part, None)


def by_marker(found: Matching, dashly: Iterable[Part], intercom: Mapping[str, Part], own_marker: str) -> None:
    """Explain Dashly parts by the Intercom part that their marker names; ``intercom`` is by id."""
    for part in dashly:
        named = marked_source(part, own_marker)
        if named is None:
            continue
        source, suffix = intercom.get(named[0]), named[1]
        if source is None or suffix.startswith(":"):  # a note of ours about a part is no copy of it
            found.add_ours(part, source.id if source else None)
        else:
            found.add_copy(source, part)
        if suffix.startswith(":history"):
            _explain_transcript(found, part, intercom.values())


def by_heading(found: Matching, dashly: Iterable[Part], intercom: Iterable[Part]) -> None:
    """Explain a transcript on Intercom, which has no marker: its heading tells what it is."""
    for note in intercom:
        words = note.words
        if isinstance(words, Note) and is_transcript(words.text, Side.DASHLY) and not found.knows(note):
            found.add_ours(note, None)
            _explain_transcript(found, note, dashly)


def by_sentence(found: Matching, intercom: Iterable[Part]) -> None:
    """Explain notes that copy nothing, of the customer or of a removal: on Intercom they have no marker."""
    for note in intercom:
        if isinstance(note.words, Note) and copies_nothing(note.words.text) and not found.knows(note):
            found.add_ours(note, None)


def _explain_transcript(found: Matching, note: Part, sources: Iterable[Part]) -> None:
    """A transcript tells everything that is older than itself, and is as old as the newest part it tells."""
    for source in sources:
        told = source.created < note.created or (
            int(source.created) == int(note.created) and _stands_in(source, note)
        )
        if told and not found.knows(source):
            found.add_transcribed(source, note)


def _stands_in(source: Part, note: Part) -> bool:
    """Tell whether a part of a transcript's own second is told there: it may be a live one beside it."""
    if source.words is None or note.words is None:
        return source.words is None
    words, told = comparison_text(source.words.text), comparison_text(note.words.text)
    # A long part may begin in one note and end in the next.
    return words[:_ENOUGH] in told or words[-_ENOUGH:] in told


def by_fingerprint(
    found: Matching, sources: Iterable[Part], copies: Iterable[Part], likeness: Likeness
) -> None:
    """Explain parts by words, time and voice; the first copy in order matches, or all pieces of one."""
    for source in sources:
        content = content_of(source, likeness.policy)
        if found.knows(source) or content is None:
            continue
        alike = [c for c in copies if not found.knows(c) and likeness.holds(source, content, c)]
        if lacks_beginning(content, alike):
            continue
        if is_bare_start(source, alike):  # its source stays unknown, so that its files are copied yet
            found.add_ours(alike[0], source.id, start=True)
            continue
        for copy in alike if is_piece(source, alike) else alike[:1]:
            found.add_copy(source, copy)


def by_place(found: Matching, dashly: Iterable[Part], intercom: Iterable[Part], policy: Policy) -> None:
    """Explain what is in one second, by one person and in one form, whatever its words are by now."""
    if not policy.capabilities[Side.INTERCOM].back_dating:  # a copy has the second of copying
        return
    apps_shown = shows_apps(intercom, policy)
    unknown = [part for part in intercom if part.words is not None and not found.knows(part)]
    copies = [part for part in unknown if not is_typed(part, apps_shown=apps_shown)]
    # The copy of a removed part can be recognised only by its second and its author.
    sources = [part for part in dashly if part.words is not None or part.removed]
    for source in sources:
        if found.knows(source):
            continue
        there = [c for c in copies if not found.knows(c) and in_place_of(source, c, policy)]
        if len(there) == 1:
            found.add_copy(source, there[0])
        elif there and not any(is_perhaps_typed(copy) for copy in there):
            rivals = [s for s in sources if not found.knows(s) and in_place_of(s, there[0], policy)]
            # Copies are in the order of their originals: too little to erase somebody's words by.
            if not any(rival.removed for rival in rivals):
                in_their_order(found, rivals, there)


def in_their_order(found: Matching, sources: Sequence[Part], copies: Sequence[Part]) -> bool:
    """Let each source have its copy where there are as many of both; tell whether there are."""
    if len(sources) != len(copies):
        return False
    for source, copy in zip(sources, copies, strict=True):
        found.add_copy(source, copy)
    return True


def by_app(found: Matching, intercom: Iterable[Part], codes: Collection[str]) -> None:
    """Explain what our own app wrote and nothing else explains: it must never be copied."""
    for part in intercom:
        if part.words is not None and part.app_code in codes and not found.knows(part):
            found.add_ours(part, None, stray=True)


def leave_out(found: Matching, parts: tuple[Part, ...], may_be_ours: Callable[[Part], bool]) -> None:
    """Decide on a side's parts that no pass explained.

    Events need no copy. Words before the newest explained part were passed over, and a copy now would stand
    in the wrong place. Words after it are news for the next sync, unless they may be ours.
    """
    newest = max((part.order for part in parts if found.knows(part)), default=None)
    for part in parts:
        if found.knows(part) or _is_half_copied(found, part):
            continue
        if part.words is None:
            row = row_of(part, Disposition.ABSORBED, "it was there before the state file")
            found.rows[ref_of(part)] = row
        elif (newest is not None and part.order < newest) or may_be_ours(part):
            found.leave_out(part)


def _is_half_copied(found: Matching, part: Part) -> bool:
    """Tell whether a part opened its mirror while the rest of it is still to come."""
    return part.opening and any(row.counterpart == part.id for row in found.rows.values())
