"""One run, as the manual tells it: poll both sides, work off what changed, move the watermarks, sweep."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from connector.engine.past.choice import refuse_unread
from connector.engine.plan.deletion import takes_copies_along
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.shadow import is_copy
from connector.engine.recover.adopt import adopt_mirror
from connector.engine.run.limits import LimitKey
from connector.engine.run.report import Reached
from connector.engine.run.rows import Rows
from connector.engine.sync.beside import LivePasses
from connector.engine.sync.clocks import latest_time
from connector.engine.sync.emptiness import refuse_empty
from connector.engine.sync.holding import in_turn
from connector.errors import AccessDenied, NeverSent, RemoteError
from connector.http.turns import Priority, priority
from mappings.model import Side
from state.records import Operation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from connector.engine.past.choice import Choice
    from connector.engine.run.report import Report
    from connector.engine.sync.run import Run
    from mappings.model import Conversation
    from state.records import Pair


def sync(run: Run, named: Mapping[Side, Collection[str]] = MappingProxyType({})) -> None:
    """Carry over what changed on both sides since the watermarks.

    The ``named`` conversations were hinted at: they are looked at too, though no list shows them yet.
    """
    ends = run.window_ends()  # before the first page: what changes while we read belongs to the next run
    run.holding.release(run.parties.clock.now(), accept=run.limits.accepted)
    ahead = Ahead()
    # Dashly first: its marks tell whether the state file can be trusted when Intercom's list is read.
    with priority(Priority.POLL):
        for side in sorted(run.policy.sources):
            run = _poll(run, side, ahead, named.get(side, ()))
    if not run.limits.accepted:
        # In turn, so that one customer's flood does not take every place.
        run.holding.hold(in_turn(ahead.creates)[run.limits.max_creates :], LimitKey.CREATES)
        run.holding.hold(ahead.removals[run.limits.max_removals :], LimitKey.REMOVALS)
    if run.queue.work_off() and not run.parties.clock.stopped:
        for side in run.policy.sources:
            if not run.helpdesks[side].lists_cut:  # what a list did not show is not worked off
                run.store.watermarks.advance(side, ends[side])
        # After the watermarks: what is old can wait, and nothing new waits for it.
        if run.main is None:  # beside a backfill, which needs the requests, nothing old is looked for
            run.sweep.sweep()
            run.queue.work_off()
    if run.main is None:  # the backfill beside it reports what is left when both are done
        _tell_what_stands(run)


def backfill(run: Run, choice: Choice, *, after: Report | None = None) -> None:
    """Carry over the chosen past conversations; what was carried before is left as it is.

    ``after`` is the report of the run before, of the same command: the account covers both.
    """
    refuse_unread(choice, run.policy.sources)
    beside = LivePasses(run, sync)
    before = Reached() if after is None else after.reached
    # A live pass may deal with a part that waits since the first run: counted once, it is found in both.
    run.store.ledger.tally.waiting.update(() if after is None else after.waiting)
    with priority(Priority.BACKFILL):
        _list_past(beside.backfill, choice)
        queue = beside.backfill.queue
        chosen = Rows.of(chain(before.chosen, run.store.pairs.due_rows(run.queue_name)))
        queue.go_on(before)
        try:
            queue.work_off()
            beside.settle()
        finally:
            run.report.account = queue.account_of(chosen)
            run.report.reached = Reached(chosen, queue.finished, queue.put_aside)
    _tell_what_stands(run)


def _list_past(run: Run, choice: Choice) -> None:
    run.store.pairs.forget_unstarted(run.queue_name)  # what an earlier, other backfill had listed
    creates = 0
    for position, (listing, pair) in enumerate(run.poll.past(choice)):
        run.poll.enqueue(listing, due=choice.rank(listing, position))
        shown = listing if pair is not None and pair.linked else run.reader.opened(listing)
        creates += _creates(shown, pair)
        run.meanwhile()
    run.store.pairs.number_anew(run.queue_name, due=run.parties.clock.now())
    # The whole list before the first write: a backfill over a limit writes nothing.
    run.limits.listed(creates=creates)


@dataclass
class Ahead:
    """What a run is about to do, as far as the lists tell: what is over a limit is held before it begins."""

    creates: dict[str, list[int]] = field(default_factory=dict)
    """The conversations without a mirror, by customer."""
    removals: list[int] = field(default_factory=list)


def _poll(run: Run, side: Side, ahead: Ahead, named: Collection[str]) -> Run:
    """Queue what a side lists as changed or deleted; the run that is returned may trust less than before."""
    before = run.report.seen
    listed: set[str] = set()
    for listing, pair in chain(run.poll.changed(side), run.poll.named(side, named, besides=listed)):
        if listing.id in named:  # nothing else is asked for below, and a list may be long
            listed.add(listing.id)
        shown = listing if pair is not None and pair.linked else run.reader.opened(listing)
        run = _doubting(run, shown, pair)
        if pair is None and _link_again(run, listing):
            continue
        row = run.poll.enqueue(listing)
        if _creates(shown, pair) and not run.holding.holds(row):
            ahead.creates.setdefault(_customer(listing), []).append(row)
        if listing.deleted and pair is not None:
            ahead.removals += _removals(run, pair, side)
    meta = run.store.meta
    missed = _queue_deleted(run, side, ahead) if run.poll.is_due(side, meta.deletions_read(side)) else None
    if run.report.seen == before and (missed or run.poll.is_due(side, meta.found_filled(side))):
        # A quiet side shows an empty list as well, so it is asked further.
        gone = partial(_queue_deleted, run, side, ahead) if missed is None else lambda: missed
        refuse_empty(run.store, run.helpdesks[side], side, gone)
        meta.set_found_filled(side, run.helpdesks[side].now())
    return run


def _queue_deleted(run: Run, side: Side, ahead: Ahead) -> set[int]:
    """Queue what a side lists as deleted and return the rows of those pairs."""
    asked = run.helpdesks[side].now()
    missed = list(run.poll.deleted(side))
    for pair in missed:
        run.poll.enqueue_deleted(pair, side)
        ahead.removals += _removals(run, pair, side)
    run.store.meta.set_deletions_read(side, asked)
    return {pair.row for pair in missed}


def _doubting(run: Run, listing: Conversation, pair: Pair | None) -> Run:
    """A copy of ours that the state file does not know proves that it missed something."""
    known = pair is not None or run.policy.trusted_from > listing.created
    if known or not is_copy(listing):
        return run
    if any(intent.op is Operation.START for intent in run.store.journal.open()):
        return run  # it may be what that start made
    if run.store.pairs.find(listing.side, listing.id) is not None:
        return run  # a pass beside this one made it while the opening was read
    return run.doubting(latest_time(run.helpdesks, run.parties.clock.now()))


def _link_again(run: Run, listing: Conversation) -> bool:
    """Pair a Dashly conversation from before the state file could be trusted, ahead of all work.

    From Dashly's side a pair is found more surely, so no thread may meet its other end first. What fails here
    is left to the work on the conversation.
    """
    if listing.side is Side.INTERCOM or listing.deleted or listing.created >= run.policy.trusted_from:
        return False
    try:
        found = adopt_mirror(run.recovery, run.helpdesks[Side.DASHLY].conversation(listing.id), lax=True)
    except (AccessDenied, NeverSent):  # no request will succeed: the run ends
        raise
    except RemoteError:
        return False
    if found:
        run.report.notice(Notice(NoticeKind.LINKED_AGAIN, Side.DASHLY, listing.id, detail="again"))
    return found


def _creates(listing: Conversation, pair: Pair | None) -> bool:
    """Tell whether a listed conversation gets a mirror, and is not a copy itself."""
    return not listing.deleted and not is_copy(listing) and (pair is None or not pair.linked)


def _removals(run: Run, pair: Pair, side: Side) -> list[int]:
    held = run.holding.holds(pair.row)
    return [pair.row] if takes_copies_along(pair, run.policy, side) and not held else []


def _customer(listing: Conversation) -> str:
    customer = listing.customer
    return f"{listing.side}:{customer.id if customer is not None else listing.id}"


def _tell_what_stands(run: Run) -> None:
    """Tell what limits hold, which lists a token may not see, and how many items are in quarantine."""
    run.holding.tell()
    for side in Side:
        for name in run.helpdesks[side].lists_refused:
            run.report.notice(Notice(NoticeKind.LIST_REFUSED, side, part=name, detail=name))
    waiting = len(run.store.quarantine.items())
    # A number beside the one item that this run told of by its name would say the same twice.
    if waiting > sum(notice.kind is NoticeKind.QUARANTINED for notice in run.report.notices):
        run.report.notice(Notice(NoticeKind.STILL_QUARANTINED, detail=str(waiting)))
