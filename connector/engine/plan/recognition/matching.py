"""Which parts of two conversations are copies of each other, told from markers and fingerprints alone.

Pure. Used when the state file is rebuilt, and when two conversations are linked by hand. A part that cannot
be matched and is older than a matched one is left out for good, with its reason, rather than copied twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form
from connector.engine.plan.recognition.similarity import (
    Likeness,
    in_place_of,
    is_bare_start,
    is_piece,
    may_be_copy,
)
from connector.engine.plan.rendering import content_of
from mappings.model import AuthorKind, Note, Side
from mappings.text import text_hash
from state.records import OWN, STRAY, Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from connector.engine.plan.policy import Policy
    from mappings.model import Conversation, Part, Seconds

MARKED = re.compile(r"^(source:\d+|\d+)([#:].*)?$")
HEADING = "History copied from Dashly"
STUBS = tuple(f"Conversation copied from {title}." for title in ("Dashly", "Intercom"))


@dataclass
class Matching:
    """The ledger rows of both sides, and the parts with words for which no copy was found."""

    rows: dict[tuple[Side, str], LedgerRow] = field(default_factory=dict)
    left_out: list[Part] = field(default_factory=list)
    matched: int = 0

    def copy(self, source: Part, copy: Part, disposition: Disposition) -> None:
        """Note that a part is the copy of another."""
        digest = text_hash(source.words.text) if source.words else None
        known = self.rows.get((source.side, source.id))
        if known is None:
            row = replace(row_of(source, disposition, text_hash=digest), counterpart=copy.id)
            self.rows[source.side, source.id] = row
        self.ours(copy, source.id)
        self.matched += 1

    def ours(self, part: Part, source: str | None, *, start: bool = False, stray: bool = False) -> None:
        """Note that a part is ours; a ``start`` opened the mirror, a ``stray`` belongs to nothing known."""
        row = row_of(part, Disposition.ABSORBED, STRAY if stray else OWN)
        kind = Form.START.value if start else row.type
        self.rows[part.side, part.id] = replace(row, type=kind, ours=True, counterpart=source)

    def is_ours(self, part: Part) -> bool:
        """Tell whether a part was found to be written by the connector."""
        row = self.rows.get((part.side, part.id))
        return row is not None and row.ours

    def knows(self, part: Part) -> bool:
        """Tell whether a part was matched already."""
        return (part.side, part.id) in self.rows


def match_conversations(
    views: Mapping[Side, Conversation], origin: Side, policy: Policy, *, tolerance: Seconds = 0.0
) -> Matching:
    """Match the parts of two conversations; ``tolerance`` allows copies that other hands made later."""
    found = Matching()
    dashly, intercom = views[Side.DASHLY].parts, views[Side.INTERCOM].parts
    _stubs(found, views[origin.other].parts)
    _by_marker(found, dashly, {part.id: part for part in intercom}, policy.own_marker)
    _by_heading(found, dashly, intercom)
    copies = {Side.INTERCOM: intercom, Side.DASHLY: _unmarked_copies(dashly, policy.own_marker)}
    for source in (origin, origin.other):
        _by_fingerprint(found, views[source].parts, copies[source.other], Likeness(policy, tolerance))
    if not tolerance:
        _by_place(found, dashly, intercom, policy)
        _by_app(found, intercom, _codes(found, intercom))
    seconds = {int(part.created) for part in views[origin].parts}
    for side in Side:
        ours = partial(may_be_copy, seconds=seconds, policy=policy) if side is not origin else _never
        _rest(found, views[side].parts, ours)
    return found


def _never(_part: Part) -> bool:
    return False


def _codes(found: Matching, intercom: Iterable[Part]) -> set[str]:
    """Return how Intercom marks what our token wrote, by what agents' parts were found to be ours."""
    ours = (part for part in intercom if found.is_ours(part) and part.author.kind is not AuthorKind.CUSTOMER)
    return {part.app_code for part in ours if part.app_code is not None}


def _unmarked_copies(dashly: tuple[Part, ...], own_marker: str) -> tuple[Part, ...]:
    """Return the Dashly parts that may be ours without a marker: the opening, and all where none is shown."""
    marked = any(marked_source(part, own_marker) for part in dashly)
    return tuple(p for p in dashly if p.opening or (not marked and p.by_api is not False))


def match_news(
    news: Mapping[Side, tuple[Part, ...]], all_parts: Mapping[Side, tuple[Part, ...]], policy: Policy
) -> Matching:
    """Match new parts that surely are copies of each other, though the state file does not know it.

    A marker is proof, and so is Intercom's word that an app wrote the copy. While the state file is in doubt,
    the same words by the same person in the same second are enough.
    """
    found = Matching()
    dashly, intercom = news[Side.DASHLY], news[Side.INTERCOM]
    _by_marker(found, dashly, {part.id: part for part in all_parts.get(Side.INTERCOM, ())}, policy.own_marker)
    by_app = tuple(part for part in intercom if _by_our_app(part, policy))
    doubtful = tuple(part for part in intercom if part.created < policy.trusted_from)
    _by_fingerprint(found, dashly, (*by_app, *doubtful), Likeness(policy, same_voice=True))
    _by_heading(found, dashly, by_app)
    _by_place(found, dashly, by_app, policy)
    _by_app(found, intercom, {policy.app_code} if policy.app_code else set())
    return found


def _by_our_app(part: Part, policy: Policy) -> bool:
    """Tell whether Intercom says that our app wrote a part, or at least that some app did."""
    if part.app_code is None:
        return False
    return policy.app_code is None or part.app_code == policy.app_code


def marked_source(part: Part, own_marker: str) -> tuple[str, str] | None:
    """Return the Intercom part that a Dashly part's marker names, with the suffix; None without one."""
    marker = part.external_id or ""
    match = MARKED.match(marker.removeprefix(own_marker)) if marker.startswith(own_marker) else None
    return (match[1], match[2] or "") if match else None


def _stubs(found: Matching, mirror: Iterable[Part]) -> None:
    for part in mirror:
        if part.opening and part.words is not None and part.words.text.strip() in STUBS:
            found.ours(part, None)


def _by_marker(
    found: Matching, dashly: Iterable[Part], intercom: Mapping[str, Part], own_marker: str
) -> None:
    for part in dashly:
        named = marked_source(part, own_marker)
        if named is None:
            continue
        source, suffix = intercom.get(named[0]), named[1]
        if source is None or suffix.startswith(":"):
            found.ours(part, source.id if source else None)
        else:
            found.copy(source, part, _disposition(part))
        if suffix.startswith(":history"):
            _transcript(found, part, intercom.values())


def _transcript(found: Matching, note: Part, sources: Iterable[Part]) -> None:
    """A transcript tells everything that happened before it was written."""
    for source in sources:
        if source.created < note.created and not found.knows(source):
            digest = text_hash(source.words.text) if source.words else None
            row = row_of(source, Disposition.TRANSCRIPT, text_hash=digest)
            found.rows[source.side, source.id] = replace(row, counterpart=note.id)
            found.matched += 1


def _by_fingerprint(
    found: Matching, sources: Iterable[Part], copies: Iterable[Part], likeness: Likeness
) -> None:
    for source in sources:
        content = content_of(source, likeness.policy)
        if found.knows(source) or content is None:
            continue
        alike = [c for c in copies if not found.knows(c) and likeness.holds(source, content, c)]
        if is_bare_start(source, alike):
            found.ours(alike[0], source.id, start=True)
            continue
        for copy in alike if is_piece(source, alike) else alike[:1]:
            found.copy(source, copy, _disposition(copy))


def _by_place(found: Matching, dashly: Iterable[Part], intercom: Iterable[Part], policy: Policy) -> None:
    """Match what stands in one second, by one person and in one form, whatever the words merged since."""
    if not policy.capabilities[Side.INTERCOM].back_dating:
        return
    copies = [part for part in intercom if part.words is not None and not found.knows(part)]
    for source in dashly:
        if source.words is None or found.knows(source):
            continue
        there = [c for c in copies if not found.knows(c) and in_place_of(source, c, policy)]
        if len(there) == 1:
            found.copy(source, there[0], _disposition(there[0]))


def _by_app(found: Matching, intercom: Iterable[Part], codes: Collection[str]) -> None:
    """What our own app said and nothing explains is ours all the same: it must never travel."""
    for part in intercom:
        if part.words is not None and part.app_code in codes and not found.knows(part):
            found.ours(part, None, stray=True)


def _by_heading(found: Matching, dashly: Iterable[Part], intercom: Iterable[Part]) -> None:
    """A transcript on Intercom bears no marker; its heading tells what it is."""
    for note in intercom:
        words = note.words
        if isinstance(words, Note) and words.text.startswith(HEADING) and not found.knows(note):
            found.ours(note, None)
            _transcript(found, note, dashly)


def _disposition(copy: Part) -> Disposition:
    return Disposition.NOTE if isinstance(copy.words, Note) else Disposition.COPIED


def _rest(found: Matching, parts: tuple[Part, ...], may_be_ours: Callable[[Part], bool]) -> None:
    """Events need no copy; words behind the newest matched part are news for the next sync, if not ours."""
    newest = max((part.order for part in parts if found.knows(part)), default=None)
    for part in parts:
        if found.knows(part):
            continue
        if part.opening and any(row.counterpart == part.id for row in found.rows.values()):
            continue  # its mirror was opened, the rest of it is still to come
        if part.words is None:
            row = row_of(part, Disposition.ABSORBED, "it was there before the state file")
        elif (newest is not None and part.order < newest) or may_be_ours(part):
            found.left_out.append(part)
            row = row_of(part, Disposition.SKIPPED, "no copy of it was found when the state file was rebuilt")
        else:
            continue
        found.rows[part.side, part.id] = row
