"""Finding out which conversations changed: pages are streamed, work is noted durably, nothing piles up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.registers.three_way import awake
from connector.engine.plan.shadow import is_probe
from connector.engine.read.observe import remember_people
from mappings.model import Conversation, Registers, Side
from state.records import PairState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.run.context import Context
    from connector.helpdesk.port import HistoryQuery
    from mappings.model import Seconds
    from state.records import Pair

LISTED_KEPT = 2000


def changed(context: Context, side: Side, since: Seconds) -> Iterator[tuple[Conversation, Pair | None]]:
    """Yield the listed conversations of a side that show something new, with their pair if there is one.

    A conversation without a mirror whose last change is older than the binding belongs to a backfill.
    """
    bound = float(context.store.meta.get(f"{side}_since") or 0)
    for listing in _told(context, side, context.helpdesks[side].changed_since(since)):
        context.report.count(seen=1)
        pair = context.store.pairs.find(side, listing.id)
        if pair is None and (listing.updated < bound or is_probe(listing.customer)):
            continue
        if pair is None or is_news(context, pair, listing):
            yield listing, pair


def _told(context: Context, side: Side, rows: Iterator[Conversation]) -> Iterator[Conversation]:
    """Yield the rows of a list, and tell how many of it could not be told apart and whether it ended."""
    helpdesk = context.helpdesks[side]
    before, cut = helpdesk.passed_over, helpdesk.lists_cut
    yield from rows
    lost = helpdesk.passed_over - before
    if helpdesk.lists_cut > cut:
        context.report.notice(Notice(NoticeKind.LIST_CUT, side))
    if lost:
        context.report.notice(Notice(NoticeKind.WITHOUT_ID, side, detail=str(lost)))


def deleted(context: Context, side: Side, since: Seconds) -> Iterator[Pair]:
    """Yield the pairs in step whose conversation a side lists as deleted."""
    for conversation in context.helpdesks[side].deleted_since(since):
        pair = context.store.pairs.find(side, conversation)
        if pair is not None and pair.state is PairState.ACTIVE:
            yield pair


def past(
    context: Context, side: Side, query: HistoryQuery, ids: tuple[str, ...] = ()
) -> Iterator[tuple[Conversation, Pair | None]]:
    """Yield what a backfill of a side has work on: the named conversations, or what fits the query."""
    helpdesk = context.helpdesks[side]
    for listing in _told(context, side, map(helpdesk.conversation, ids) if ids else helpdesk.history(query)):
        context.report.count(seen=1)
        pair = context.store.pairs.find(side, listing.id)
        if pair is None and is_probe(listing.customer):
            continue
        if pair is None or (pair.state is PairState.ACTIVE and not _is_copied(context, pair, listing)):
            yield listing, pair


def _is_copied(context: Context, pair: Pair, listing: Conversation) -> bool:
    if not pair.linked or pair.due:
        return False
    return pair.origin is not listing.side or not is_news(context, pair, listing)


def is_news(context: Context, pair: Pair, listing: Conversation) -> bool:
    """Tell whether a listed row shows anything that is not in the ledger."""
    if pair.state is not PairState.ACTIVE:
        return False
    side = listing.side
    if pair.seen.get(side) == listing.revision:
        return False
    return not _only_ours(context, pair, listing)


def _only_ours(context: Context, pair: Pair, listing: Conversation) -> bool:
    """Tell whether every part is known and no register moved: then our own writes changed the row.

    Only Dashly's rows show their newest part; Intercom's show the opening.
    """
    if listing.side is Side.INTERCOM or listing.parts_count is None or not listing.parts:
        return False
    known = context.store.ledger.count(pair.row, listing.side)
    if listing.parts_count != known or not context.store.ledger.knows(listing.side, listing.parts[-1].id):
        return False
    now = context.helpdesks[listing.side].now()
    base = pair.base.get(listing.side, Registers())
    same_status = awake(base.status, now) == awake(listing.registers.status, now)
    rest = (base.assignee, base.team, base.tags)
    return same_status and rest == (
        listing.registers.assignee,
        listing.registers.team,
        listing.registers.tags,
    )


def note(context: Context, listing: Conversation) -> int:
    """Put a listed conversation on the list of work; return its row."""
    remember_people(context, listing)
    now = context.clock.now()
    row = context.store.pairs.listed(listing.side, listing.id, due=now, queue=context.queue)
    if len(context.listed) < LISTED_KEPT:
        context.listed.add(row)
    return row
