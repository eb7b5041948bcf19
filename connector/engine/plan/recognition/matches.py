"""What the matching of two conversations found, collected pass by pass."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form
from mappings.model import Note, Ref
from mappings.text import words_hash
from state.records import OWN, STRAY, Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from mappings.model import Part

NO_COPY_FOUND = "no copy of it was found when the state file was rebuilt"


@dataclass
class Matching:
    """The ledger rows of both sides, and the parts with words for which no copy was found.

    Each pass adds to it and leaves alone what an earlier one explained.
    """

    rows: dict[Ref, LedgerRow] = field(default_factory=dict)
    left_out: list[Part] = field(default_factory=list)
    told_changes: list[LedgerRow] = field(default_factory=list)
    """Parts that the ledger knows, with the words of an edit that the other side was told of already."""
    matched: int = 0

    def add_copy(self, source: Part, copy: Part) -> None:
        """Record that a part is the copy of another, or one of several pieces of its copy."""
        private = isinstance(copy.words, Note)
        if ref_of(source) not in self.rows:
            self._add_source(source, copy, Disposition.NOTE if private else Disposition.COPIED)
        self.add_ours(copy, source.id)
        self.matched += 1

    def add_transcribed(self, source: Part, note: Part) -> None:
        """Record that a part is in a transcript."""
        self._add_source(source, note, Disposition.TRANSCRIPT)
        self.matched += 1

    def add_ours(self, part: Part, source: str | None, *, start: bool = False, stray: bool = False) -> None:
        """Record that a part is ours; a ``start`` opened the mirror, a ``stray`` belongs to nothing known."""
        row = row_of(part, Disposition.ABSORBED, STRAY if stray else OWN)
        kind = Form.START.value if start else row.type
        self.rows[ref_of(part)] = replace(row, type=kind, ours=True, counterpart=source)

    def leave_out(self, part: Part) -> None:
        """Record that words are not copied: they may have a copy, and two would be worse."""
        self.left_out.append(part)
        self.rows[ref_of(part)] = row_of(part, Disposition.SKIPPED, NO_COPY_FOUND)

    def is_ours(self, part: Part) -> bool:
        """Tell whether a part was found to be written by the connector."""
        row = self.rows.get(ref_of(part))
        return row is not None and row.ours

    def knows(self, part: Part) -> bool:
        """Tell whether a part was matched already."""
        return ref_of(part) in self.rows

    def _add_source(self, source: Part, copy: Part, disposition: Disposition) -> None:
        digest = words_hash(source.words) if source.words else None
        row = row_of(source, disposition, text_hash=digest)
        self.rows[ref_of(source)] = replace(row, counterpart=copy.id)


def ref_of(part: Part) -> Ref:
    """Return the id of a part together with its side."""
    return Ref(part.side, part.id)
