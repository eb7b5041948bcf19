"""Comparing both sides of a pair: every part accounted for, text, kind, visibility, order, registers.

It reads what is there now and believes the ledger only where a part bears it out. Writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from connector.engine.inspect.timeline import read_pair
from connector.engine.plan.actions import Form
from connector.engine.plan.registers.planning import disagreements
from connector.engine.plan.shadow import is_shadow
from connector.errors import Gone
from mappings.model import AuthorKind, Message, Note, Side
from mappings.text import comparison_text
from state.records import CARRIED, STRAY, Disposition, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.sync.run import Run
    from mappings.model import Conversation, Part
    from state.records import Pair


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree, in words; ``part`` is empty when it is about the conversation.

    ``settled`` ones are known and stay: a side cannot show what the other does.
    """

    dashly: str
    intercom: str
    side: Side
    part: str
    what: str
    settled: bool = False


def verify_pair(run: Run, pair: Pair) -> Iterator[Difference]:
    """Yield every difference between the two conversations of a pair."""
    try:
        views = read_pair(run.helpdesks, pair)
    except Gone:
        yield _difference(pair, pair.origin, "", "one of the conversations does not exist any more")
        return
    ledger = run.store.ledger.of(pair.row)
    for side, view in views.items():
        yield from _unaccounted(pair, view, ledger[side])
        yield from _carried_wrongly(pair, view, views[side.other], ledger)
        yield from _out_of_order(pair, view, ledger)
        if not view.complete:
            yield _difference(
                pair, side, "", "the API shows only the newest parts; older ones cannot be compared"
            )
    yield from _registers(run, pair, views)


def _difference(pair: Pair, side: Side, part: str, what: str) -> Difference:
    return Difference(pair.ids.get(Side.DASHLY, ""), pair.ids.get(Side.INTERCOM, ""), side, part, what)


def _unaccounted(pair: Pair, view: Conversation, ledger: dict[str, LedgerRow]) -> Iterator[Difference]:
    for part in view.parts:
        if part.id not in ledger and part.words is not None:
            yield _difference(pair, view.side, part.id, "is on one side only, the ledger does not know it")
        elif part.id in ledger and ledger[part.id].reason == STRAY and not part.removed:
            yield _difference(pair, view.side, part.id, STRAY)
    shown = {part.id for part in view.parts}
    for row in ledger.values():
        if row.id not in shown and view.complete and not row.removed and _has_words(row):
            yield _difference(pair, view.side, row.id, "is in the ledger, but not in the conversation")


def _has_words(row: LedgerRow) -> bool:
    return row.text_hash is not None or (row.ours and row.type in set(Form))


def _carried_wrongly(
    pair: Pair, view: Conversation, other: Conversation, ledger: dict[Side, dict[str, LedgerRow]]
) -> Iterator[Difference]:
    copies = {part.id: part for part in other.parts}
    pieces = _pieces(other, ledger[other.side])
    for part in view.parts:
        row = ledger[view.side].get(part.id)
        if row is None or row.ours or row.disposition not in CARRIED or part.removed:
            continue
        found = pieces.get(part.id) or [copies[row.counterpart]] if row.counterpart in copies else []
        if not found:
            yield _difference(pair, view.side, part.id, f"its copy {row.counterpart} is missing")
            continue
        yield from _compare(pair, part, row, found, other)


def _pieces(view: Conversation, ledger: dict[str, LedgerRow]) -> dict[str, list[Part]]:
    """Return our parts of a side by the part that they copy, in order."""
    found: dict[str, list[Part]] = {}
    for part in view.parts:
        row = ledger.get(part.id)
        if row is not None and row.ours and row.counterpart:
            found.setdefault(row.counterpart, []).append(part)
    return found


def _compare(
    pair: Pair, part: Part, row: LedgerRow, copies: list[Part], other: Conversation
) -> Iterator[Difference]:
    words = part.words
    if words is None:
        return
    wanted = comparison_text(words.text)
    given = " ".join(comparison_text(copy.words.text) for copy in copies if copy.words)
    if row.disposition is not Disposition.TRANSCRIPT and len(copies) == 1 and wanted not in given:
        yield _difference(pair, part.side, part.id, f"its copy {copies[0].id} has another text")
    public = any(isinstance(copy.words, Message) for copy in copies)
    private_copy = row.disposition in (Disposition.NOTE, Disposition.TRANSCRIPT)
    if public and (isinstance(words, Note) or private_copy):
        yield _difference(pair, part.side, part.id, f"its copy {copies[0].id} is public, but must not be")
    loud = isinstance(words, Message) and part.author.kind is not AuthorKind.CUSTOMER and public
    if loud and other.side is Side.DASHLY and pair.origin is Side.INTERCOM and not is_shadow(other.customer):
        yield _difference(pair, part.side, part.id, f"its copy {copies[0].id} reached a real customer")


def _out_of_order(
    pair: Pair, view: Conversation, ledger: dict[Side, dict[str, LedgerRow]]
) -> Iterator[Difference]:
    """Copies of a side must follow each other as their sources do."""
    sources = ledger[view.side.other]
    order = [
        (sources[row.counterpart].created, part)
        for part in view.parts
        if (row := ledger[view.side].get(part.id))
        and row.ours
        and row.counterpart in sources
        and sources[row.counterpart].disposition is not Disposition.TRANSCRIPT
    ]
    for (before, _), (after, part) in pairwise(order):
        if before > after:
            yield _difference(pair, view.side, part.id, "stands after a copy of something newer")


def _registers(run: Run, pair: Pair, views: dict[Side, Conversation]) -> Iterator[Difference]:
    """Yield what the planner's own merge would change, and as settled what a side cannot show."""
    snapshot = run.reader.snapshot(pair, views, run.store.ledger.of(pair.row))
    for one in disagreements(snapshot, run.policy):
        told = ", ".join(f"{side}: {value}" for side, value in one.shown.items())
        found = _difference(pair, pair.mirror, "", f"the {one.register} differs ({told})")
        yield replace(found, settled=one.known)
