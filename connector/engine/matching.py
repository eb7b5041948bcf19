"""Which parts of two conversations are copies of each other, told from markers and fingerprints alone.

Pure. Used when the state file is rebuilt, and when two conversations are linked by hand. A part that cannot
be matched and is older than a matched one is left out for good, with its reason, rather than copied twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connector.engine.actions import Form
from connector.engine.telling import content_of
from mappings.files import is_named_in, without_not_copied
from mappings.model import Event, Message, Note, Side
from mappings.text import comparison_text, text_hash
from state.ledger import Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.engine.policy import Policy
    from mappings.model import Conversation, Part, Seconds

PIECE = re.compile(r"^\(\d+/\d+\)\s*")
MARKED = re.compile(r"^(source:\d+|\d+)([#:].*)?$")
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

    def ours(self, part: Part, source: str | None, *, start: bool = False) -> None:
        """Note that a part was written by the connector; a ``start`` opened the mirror."""
        row = row_of(part, Disposition.ABSORBED, "written by the connector")
        kind = Form.START.value if start else row.type
        self.rows[part.side, part.id] = replace(row, type=kind, ours=True, counterpart=source)

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
    copies = {Side.INTERCOM: intercom, Side.DASHLY: _unmarked_copies(dashly, policy.own_marker)}
    for source in (origin, origin.other):
        _by_fingerprint(found, views[source].parts, copies[source.other], policy, tolerance)
    for side in Side:
        _rest(found, views[side].parts)
    return found


def _unmarked_copies(dashly: tuple[Part, ...], own_marker: str) -> tuple[Part, ...]:
    """Return the Dashly parts that may be ours without a marker: the opening, and all where none is shown."""
    marked = any(marked_source(part, own_marker) for part in dashly)
    return tuple(p for p in dashly if p.opening or (not marked and p.by_api is not False))


def match_news(
    news: Mapping[Side, tuple[Part, ...]], all_parts: Mapping[Side, tuple[Part, ...]], policy: Policy
) -> Matching:
    """Match new parts that surely are copies of each other, though the state file does not know it.

    Only a marker, or Intercom's word that an app wrote the copy, is proof; equal texts alone are not.
    """
    found = Matching()
    intercom = {part.id: part for part in all_parts.get(Side.INTERCOM, ())}
    _by_marker(found, news[Side.DASHLY], intercom, policy.own_marker)
    by_app = tuple(part for part in news[Side.INTERCOM] if _by_our_app(part, policy))
    _by_fingerprint(found, news[Side.DASHLY], by_app, policy, 0.0)
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
    found: Matching, sources: Iterable[Part], copies: Iterable[Part], policy: Policy, tolerance: Seconds
) -> None:
    for source in sources:
        content = content_of(source, policy)
        if found.knows(source) or content is None:
            continue
        alike = [
            c
            for c in copies
            if not found.knows(c) and _near(source, c, tolerance) and _same(content, c.words)
        ]
        if _is_bare_start(source, alike):
            found.ours(alike[0], source.id, start=True)
            continue
        for copy in alike if _is_piece(source, alike) else alike[:1]:
            found.copy(source, copy, _disposition(copy))


def _is_bare_start(source: Part, copies: list[Part]) -> bool:
    """Tell whether a mirror was opened with a text whose files did not follow: they are still to come."""
    files = [
        file
        for file in (source.words.attachments if source.words else ())
        if not any(copy.words and is_named_in(copy.words.text, file.name) for copy in copies)
    ]
    shown = any(copy.words and copy.words.attachments for copy in copies)
    return bool(files) and bool(copies) and copies[0].opening and not shown


def _near(source: Part, copy: Part, tolerance: Seconds) -> bool:
    both_openings = source.opening and copy.opening
    return both_openings or abs(int(source.created) - int(copy.created)) <= tolerance


def _same(content: Message | Note | Event, copy: Message | Note | None) -> bool:
    if copy is None or (not isinstance(content, Message) and isinstance(copy, Message)):
        return False
    wanted, given = comparison_text(content.text), comparison_text(without_not_copied(copy.text))
    names = set() if isinstance(content, Event) else {file.name for file in content.attachments}
    if given and given in {comparison_text(name) for name in (*names, ", ".join(sorted(names)))}:
        return True
    if not wanted:
        shown = {file.name for file in copy.attachments}
        return bool(names) and names == shown | {name for name in names if is_named_in(copy.text, name)}
    piece = PIECE.sub("", given)
    return given.endswith(wanted) or (piece != given and bool(piece) and piece in wanted)


def _is_piece(source: Part, copies: list[Part]) -> bool:
    """Tell whether several copies carry one part together: numbered texts, or a text and its files."""
    texts = [comparison_text(copy.words.text) for copy in copies if copy.words]
    numbered = all(PIECE.match(text) for text in texts)
    return numbered or bool(source.words and source.words.attachments)


def _disposition(copy: Part) -> Disposition:
    return Disposition.NOTE if isinstance(copy.words, Note) else Disposition.COPIED


def _rest(found: Matching, parts: tuple[Part, ...]) -> None:
    """Events need no copy; words behind the newest matched part are news for the next sync."""
    newest = max((part.order for part in parts if found.knows(part)), default=None)
    for part in parts:
        if found.knows(part):
            continue
        if part.opening and any(row.counterpart == part.id for row in found.rows.values()):
            continue  # its mirror was opened, the rest of it is still to come
        if part.words is None:
            row = row_of(part, Disposition.ABSORBED, "it was there before the state file")
        elif newest is not None and part.order < newest:
            found.left_out.append(part)
            row = row_of(part, Disposition.SKIPPED, "no copy of it was found when the state file was rebuilt")
        else:
            continue
        found.rows[part.side, part.id] = row
