"""Ledger rows of one conversation that are written together: loaded once, changed here, saved once.

A copy about which only its part has to be known is stored with that part; a row of ours that says more, or
whose part is unknown or has a first copy already, is stored separately.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mappings.model import Ref
from state.records import OWN, Disposition

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from state.records import LedgerRow


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of ``parts``: a part with its first copy where that stands beside it, or a row of ours."""

    row: LedgerRow
    run: int | None
    copy: LedgerRow | None = None
    copy_run: int | None = None


class Batch:
    """What is stored of some parts of one conversation, and what becomes of it.

    ``stored`` must hold whatever is known of the parts that will be put, of their copies and their sources.
    """

    def __init__(self, stored: Iterable[Stored]) -> None:
        self._stored = dict[Ref, Stored]()
        self._with_copy = dict[Ref, Ref]()
        self._changed = dict[Ref, None]()
        for one in stored:
            self._keep(one)

    @property
    def changed(self) -> Collection[Stored]:
        """Return what has to be saved."""
        return [self._stored[ref] for ref in self._changed]

    def put(self, row: LedgerRow, run: int | None) -> bool:
        """Write one row over what is known of the same part; tell whether nothing was known of it."""
        ref = Ref(row.side, row.id)
        if (holder := self._with_copy.get(ref)) is not None:
            self._put_copy(self._stored[holder], row)
            return False
        known = self._stored.get(ref)
        if known is not None:
            self._put_known(known, _over(known.row, row))
        elif not self._join(row, run):
            self._change(Stored(row, run))
        return known is None

    def _put_known(self, known: Stored, row: LedgerRow) -> None:
        """Write over a row that stands alone or carries its copy; a copy that fits no more moves out."""
        if known.copy is not None and not _fits(known.copy, row):
            known = self._without_copy(known, known.copy)
        self._change(replace(known, row=row))

    def _put_copy(self, holder: Stored, row: LedgerRow) -> None:
        """Write over a copy that is in the row of its part; it moves out when it has more to say."""
        if holder.copy is None:
            return
        copy = _over(holder.copy, row)
        if _fits(copy, holder.row):
            self._change(replace(holder, copy=copy))
        else:
            self._without_copy(holder, copy)

    def _without_copy(self, holder: Stored, copy: LedgerRow) -> Stored:
        """Store a copy separately from now on; return what is left of the row that it was in."""
        del self._with_copy[Ref(copy.side, copy.id)]
        left = replace(holder, copy=None, copy_run=None)
        self._change(left)
        self._change(Stored(copy, holder.copy_run))
        return left

    def _join(self, row: LedgerRow, run: int | None) -> bool:
        """Put a new row of ours into the row of the part that it copies; tell whether it has place there."""
        part = self._stored.get(Ref(row.side.other, row.counterpart)) if row.counterpart else None
        if part is None or not _fits(row, part.row):
            return False
        self._change(replace(part, copy=row, copy_run=run))
        return True

    def _change(self, stored: Stored) -> None:
        self._keep(stored)
        self._changed[Ref(stored.row.side, stored.row.id)] = None

    def _keep(self, stored: Stored) -> None:
        ref = Ref(stored.row.side, stored.row.id)
        self._stored[ref] = stored
        if stored.copy is not None:
            self._with_copy[Ref(stored.copy.side, stored.copy.id)] = ref


def _over(known: LedgerRow, row: LedgerRow) -> LedgerRow:
    """Return what is known of a part after a row about it was written."""
    removed = known.removed or row.removed
    return replace(
        known,
        type=row.type or known.type,
        disposition=row.disposition,
        reason=row.reason,
        losses=row.losses,
        ours=known.ours or row.ours,
        counterpart=known.counterpart if row.counterpart is None else row.counterpart,
        text_hash=None if removed else row.text_hash,
        removed=removed,
    )


def _fits(copy: LedgerRow, part: LedgerRow) -> bool:
    """Tell whether a row of ours can be in the row of the part that it copies."""
    meet = part.counterpart == copy.id and copy.counterpart == part.id and copy.ours and not part.ours
    plain = copy.disposition is Disposition.ABSORBED and copy.reason == OWN
    return meet and plain and not copy.losses and copy.text_hash is None
