"""Parts that were dealt with in another conversation, from which they moved or were copied into this one.

Agents merge two conversations, and parts move or are copied with their ids; where they get new ones, the
side at least names the other conversation. An opening always belongs to its conversation: a mailing begins
many of them by one message.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.keyed import keyed
from mappings.model import Note
from mappings.reading.intercom_parts import OPENING_PREFIX
from mappings.text import words_hash
from state.records import MOVED, OWN, Disposition, Operation, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mappings.model import Conversation, Part, Side
    from state.records import LedgerRow
    from state.store import Store


def moved_rows(
    store: Store, row: int, view: Conversation, known: Mapping[str, LedgerRow]
) -> dict[str, LedgerRow]:
    """Return by id what became of those parts of a view that were dealt with in another conversation."""
    new = [part for part in view.parts if part.id not in known and not part.opening]
    found = _under_their_ids(store, row, view.side, new)
    rest = [part for part in new if part.id not in found]
    if rest and view.linked:
        found |= _under_other_ids(store, view, rest, taken={before.id for before in found.values()})
    return {part.id: _row_here(part, found[part.id]) for part in new if part.id in found}


def _under_their_ids(store: Store, row: int, side: Side, parts: list[Part]) -> dict[str, LedgerRow]:
    # Messages and parts are different series of ids: an opening that came along has its second as well.
    as_opening = {f"{OPENING_PREFIX}{part.id}": part for part in parts}
    by_id = {part.id: part for part in parts}
    seen = store.ledger.elsewhere(row, side, [*by_id, *as_opening])
    found: dict[str, LedgerRow] = {}
    # Its own id is the better proof, and where it was first the better place.
    for one in sorted(seen, key=lambda one: (one.row.id not in by_id, one.conversation)):
        before = one.row
        part = by_id.get(before.id) or as_opening[before.id]
        same = before.id == part.id or int(before.created) == int(part.created)
        if same and _is_dealt_with(before):
            found.setdefault(part.id, before)
    return found


def _under_other_ids(
    store: Store, view: Conversation, parts: list[Part], taken: set[str]
) -> dict[str, LedgerRow]:
    """Match parts with those of conversations that the side names: each of them matches one part."""
    there = [before for before in _rows_of_linked(store, view) if before.id not in taken]
    found: dict[str, LedgerRow] = {}
    # What equal words prove comes first; a copy of ours, known by its second alone, gets what is left.
    for is_same in (_says_the_same, _may_be_the_same_copy):
        for part in parts:
            before = next((b for b in there if part.id not in found and is_same(store.key, part, b)), None)
            if before is not None:
                there.remove(before)
                found[part.id] = before
    return found


def _rows_of_linked(store: Store, view: Conversation) -> Iterator[LedgerRow]:
    for conversation in view.linked:
        pair = store.pairs.find(view.side, conversation)
        if pair is not None:
            yield from filter(_is_dealt_with, store.ledger.of(pair.row)[view.side].values())


def _says_the_same(key: bytes, part: Part, before: LedgerRow) -> bool:
    if int(part.created) != int(before.created) or before.ours:
        return False
    if part.words is None:
        return part.type == before.type and before.text_hash is None
    return before.text_hash is not None and keyed(key, words_hash(part.words)) == before.text_hash


def _may_be_the_same_copy(_key: bytes, part: Part, before: LedgerRow) -> bool:
    """Tell whether a part may be a copy of ours: of those the ledger keeps no text."""
    private = before.type == Operation.NOTE
    same_form = part.words is not None and isinstance(part.words, Note) is private
    return before.ours and same_form and int(part.created) == int(before.created)


def _is_dealt_with(row: LedgerRow) -> bool:
    # A part that is stuck there was not dealt with anywhere.
    return row.disposition is not Disposition.QUARANTINED


def _row_here(part: Part, before: LedgerRow) -> LedgerRow:
    """Return what a part is here: what was left out there stays left out, a copy of ours stays ours."""
    if before.disposition is Disposition.SKIPPED:
        return row_of(part, Disposition.SKIPPED, before.reason)
    reason = OWN if before.ours else MOVED
    here = row_of(part, Disposition.ABSORBED, reason, text_hash=before.text_hash)
    return replace(here, ours=before.ours)
