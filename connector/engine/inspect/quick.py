"""Comparing by lists only: what changed since it was agreed on, and what is missing. No text is read.

Each row of a list is compared with what the state file knows of it, so that neither list has to be kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.inspect.scope import Finding, out_of_step, unknown
from connector.engine.inspect.verdict import Verdict
from connector.engine.inspect.verify import Difference
from connector.engine.plan.registers.three_way import awake
from connector.engine.run.rows import Rows
from connector.helpdesk.query import HistoryQuery
from mappings.model import Registers, Side
from mappings.names import TITLES
from mappings.text import tag_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.sync.run import Run
    from mappings.model import Conversation, Seconds
    from state.records import Pair

ABSENT = "the list of {title} does not show it"


def compare_lists(run: Run, since: Seconds | None) -> Iterator[Finding]:
    """Yield a finding for every conversation that changed on a side since a time, or for all."""
    query, listed = HistoryQuery(since=since), Rows()
    moved: dict[int, tuple[Difference, ...]] = {}
    for listing in run.helpdesks[Side.INTERCOM].history(query):
        pair = run.store.pairs.find(Side.INTERCOM, listing.id)
        if pair is None:
            yield from unknown(run, listing)
        elif listed.add(pair.row) == 1 and (found := tuple(_moved(run, pair, listing))):
            moved[pair.row] = found
    met = Rows()
    for listing in run.helpdesks[Side.DASHLY].history(query):
        pair = run.store.pairs.find(Side.DASHLY, listing.id)
        if pair is None:
            yield from unknown(run, listing)
        elif met.add(pair.row) == 1:
            absent = since is None and pair.row not in listed
            lost = _absent(pair, Side.INTERCOM) if absent else ()
            yield _finding(pair, (*_moved(run, pair, listing), *moved.pop(pair.row, ()), *lost))
    # With a time, nothing can be said about what no list shows.
    for pair in run.store.pairs.every() if since is None else map(run.store.pairs.get, moved):
        if met.add(pair.row) == 1:
            lost = _absent(pair, Side.DASHLY) if since is None else ()
            yield _finding(pair, (*moved.get(pair.row, ()), *lost))


def _finding(pair: Pair, differences: tuple[Difference, ...]) -> Finding:
    found = out_of_step(pair)
    if found is not None:
        return found
    dashly, intercom = (pair.ids.get(side, "") for side in Side)
    verdict = Verdict.DIFFERENT if differences else Verdict.EQUAL
    return Finding(verdict, dashly, intercom, explained=not differences, differences=differences)


def _agrees(run: Run, pair: Pair, counted: int | None, known: int) -> bool:
    """Tell whether a count of Dashly fits the ledger; whether it includes removed parts is undocumented."""
    if counted is None or counted == known:
        return True
    removed = sum(row.removed for row in run.store.ledger.of(pair.row)[Side.DASHLY].values())
    return known - removed <= counted <= known


def _moved(run: Run, pair: Pair, listing: Conversation) -> Iterator[Difference]:
    """Yield in what a row differs from what was agreed on."""
    side, base = listing.side, pair.base.get(listing.side, Registers())
    if listing.deleted:
        yield _difference(pair, side, f"it was deleted in {TITLES[side]}")
        return
    known = run.store.ledger.count(pair.row, side)
    # Intercom counts more than its parts.
    if side is Side.DASHLY and not _agrees(run, pair, listing.parts_count, known):
        yield _difference(pair, side, f"the list counts {listing.parts_count} parts, the ledger {known}")
    now, shown = run.helpdesks[side].now(), listing.registers
    for register, before, after in (
        ("status", awake(base.status, now), awake(shown.status, now)),
        ("assignee", base.assignee, shown.assignee),
        ("team", base.team, shown.team),
        ("tags", set(map(tag_key, base.tags)), set(map(tag_key, shown.tags))),
    ):
        if before != after:
            yield _difference(pair, side, f"the {register} changed since both sides agreed on it")


def _absent(pair: Pair, side: Side) -> tuple[Difference, ...]:
    return (_difference(pair, side, ABSENT.format(title=TITLES[side])),)


def _difference(pair: Pair, side: Side, what: str) -> Difference:
    dashly, intercom = (pair.ids.get(one, "") for one in Side)
    return Difference(dashly, intercom, side, "", what)
