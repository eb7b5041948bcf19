"""Comparing both sides of a pair: every part accounted for, its copies as planned, order, registers.

What should be on a side is planned again (``expected``) and compared with what is there; the ledger is
believed only about the form in which a part was copied. Writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from connector.engine.inspect.copies import Copies
from connector.engine.inspect.timeline import read_pair
from connector.engine.plan.actions import Form
from connector.engine.plan.registers.planning import disagreements
from connector.errors import Gone
from mappings.model import LossKind, Side
from mappings.names import TITLES
from mappings.reading.assembly import with_names
from state.records import COPIED_ALONE, STRAY, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.engine.plan.policy import Policy
    from connector.engine.sync.run import Run
    from mappings.model import Conversation, Part
    from state.records import Pair

Ledger = dict[Side, dict[str, LedgerRow]]
FORMS = frozenset(Form)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree, in words; ``part`` is empty when it is about the conversation.

    ``known`` ones stay: a side cannot show what the other does.
    """

    dashly: str
    intercom: str
    side: Side
    part: str
    what: str
    known: bool = False


def verify_pair(run: Run, pair: Pair, *, fresh: bool = True) -> Iterator[Difference]:
    """Yield every difference between the two conversations of a pair.

    Unless ``fresh``, what a list showed a moment ago is not asked for again.
    """
    try:
        views = read_pair(run.helpdesks, pair, fresh=fresh)
    except Gone:
        yield _difference(pair, pair.origin, "", "one of the conversations does not exist any more")
        return
    names = run.policy.names
    views = {side: replace(view, parts=with_names(view.parts, names[side])) for side, view in views.items()}
    ledger = run.store.ledger.of(pair.row)
    moved = {side: _moved_away(run, pair, view, ledger[side]) for side, view in views.items()}
    for side, view in views.items():
        yield from _unaccounted(pair, view, ledger[side], moved[side])
        other = views[side.other]
        for one in Copies(pair, view, other, ledger, run.policy, moved[side.other]).faults():
            yield _difference(pair, one.side, one.part, one.what, known=one.known)
        yield from _out_of_order(pair, view, ledger, run.policy)
        if not view.complete:
            yield _difference(
                pair, side, "", "the API shows only the newest parts; older ones cannot be compared"
            )
    yield from _registers(run, pair, views)


def _difference(pair: Pair, side: Side, part: str, what: str, *, known: bool = False) -> Difference:
    ids = pair.ids
    return Difference(ids.get(Side.DASHLY, ""), ids.get(Side.INTERCOM, ""), side, part, what, known)


def _moved_away(run: Run, pair: Pair, view: Conversation, ledger: Mapping[str, LedgerRow]) -> frozenset[str]:
    """Return the parts that are in another conversation now, since agents merged the two."""
    gone = ledger.keys() - {part.id for part in view.parts}
    return frozenset(one.row.id for one in run.store.ledger.elsewhere(pair.row, view.side, gone))


def _unaccounted(
    pair: Pair, view: Conversation, ledger: Mapping[str, LedgerRow], moved: frozenset[str]
) -> Iterator[Difference]:
    for part in view.parts:
        # An event without words may be a side's own, of which nothing is copied.
        if part.id not in ledger and part.words is not None:
            yield _difference(pair, view.side, part.id, "is on one side only, the ledger does not know it")
        elif part.id in ledger and ledger[part.id].reason == STRAY and not part.removed:
            yield _difference(pair, view.side, part.id, STRAY)
    shown = {part.id for part in view.parts} | moved
    for row in ledger.values():
        # Out of sight is not gone: Intercom shows the newest 500 parts.
        if row.id not in shown and view.complete and not row.removed and _has_words(row):
            yield _difference(pair, view.side, row.id, "is in the ledger, but not in the conversation")


def _has_words(row: LedgerRow) -> bool:
    return row.text_hash is not None or (row.ours and row.type in FORMS)


def _out_of_order(pair: Pair, view: Conversation, ledger: Ledger, policy: Policy) -> Iterator[Difference]:
    """Copies of a side must follow each other as their sources do; one that comes late says so."""
    first: dict[str, tuple[LedgerRow, Part]] = {}
    for part in view.parts:
        row = ledger[view.side].get(part.id)
        source = ledger[view.side.other].get(row.counterpart or "") if row and row.ours else None
        # The notes of a transcript, an edit or a register are where they were written.
        if source is not None and source.disposition in COPIED_ALONE:
            first.setdefault(source.id, (source, part))
    for (before, _), (after, part) in pairwise(first.values()):
        # Equal seconds say nothing: Intercom tells no fractions.
        if before.created > after.created:
            told = part.words is not None and policy.wording.minute(after.created) in part.words.text
            known = told or any(loss.kind is LossKind.TIME for loss in after.losses)
            what = "comes after a copy of something newer"
            yield _difference(pair, view.side, part.id, what, known=known)


def _registers(run: Run, pair: Pair, views: dict[Side, Conversation]) -> Iterator[Difference]:
    """Yield what the planner's own merge would change, and, as known, what a side cannot show."""
    snapshot = run.reader.snapshot(pair, views, run.store.ledger.of(pair.row))
    for one in disagreements(snapshot, run.policy):
        told = ", ".join(f"{TITLES[side]}: {value}" for side, value in one.shown.items())
        yield _difference(pair, pair.mirror, "", f"the {one.register} differs ({told})", known=one.known)
