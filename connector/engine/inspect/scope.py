"""Every conversation of both sides with a verdict: none is passed over in silence.

Dashly's list leads, since its rows spare the comparison a request each; then come the conversations that only
the state file remembers, then those that only Intercom lists. Memory does not grow with their number, except
for one bit each.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from connector.engine.inspect.verdict import Verdict
from connector.engine.inspect.verify import Difference, verify_pair
from connector.engine.plan.shadow import is_copy, is_technical
from connector.engine.run.rows import Rows
from connector.errors import ConfigError, Rejected
from connector.helpdesk.query import HistoryQuery
from mappings.model import Side
from mappings.names import TITLES
from state.records import Pair, PairState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connector.engine.sync.run import Run
    from mappings.model import Conversation, Seconds

    Job = Callable[[], "tuple[Finding, ...]"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One conversation, or pair, with its verdict.

    An ``explained`` one is as people or the configuration wanted it; any other but an equal one makes the
    command exit with 1. ``row`` is that of the pair, None where there is none.
    """

    verdict: Verdict
    dashly: str
    intercom: str
    why: str = ""
    explained: bool = True
    differences: tuple[Difference, ...] = ()
    row: int | None = None


OUT_OF_STEP = {
    PairState.GONE: (Verdict.GONE, "one of its conversations was deleted", True),
    PairState.UNLINKED: (Verdict.UNLINKED, "it was unlinked by hand", True),
    PairState.QUARANTINED: (Verdict.QUARANTINED, "connector quarantine list", False),
}
"""What is told of a pair that is not kept in step, and whether it is as people wanted it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is compared: what changed on a side since a time, or the conversations with these ids, or all."""

    since: Seconds | None = None
    ids: tuple[str, ...] = ()


def verify_all(run: Run, wanted: Wanted, compared: Rows | None = None) -> Iterator[Finding]:
    """Yield a finding for every wanted conversation that either side or the state file knows.

    Except for the rows that were ``compared`` before. ConfigError for an id that none of them knows.
    """
    for findings in run.crew.each(lambda job: job(), _jobs(run, wanted, compared or Rows())):
        yield from findings


def _jobs(run: Run, wanted: Wanted, compared: Rows) -> Iterable[Job]:
    """Return what is to be checked, and tell how much that is."""
    if wanted.ids:
        run.parties.listener.due(len(wanted.ids))
        return _named(run, wanted.ids)
    jobs = _listed(run, wanted, compared)
    if wanted.since is None:
        run.parties.listener.due(sum(run.store.pairs.counts().values()) - len(compared))
        return jobs
    # Nothing but the lists tells how many changed.
    changed = tuple(jobs)
    run.parties.listener.due(len(changed))
    return changed


def _listed(run: Run, wanted: Wanted, compared: Rows) -> Iterator[Job]:
    """Yield what is to be checked of the conversations that changed since a time, or of all."""
    met, query = Rows(), HistoryQuery(since=wanted.since)

    def is_first(pair: Pair) -> bool:
        return met.add(pair.row) == 1 and pair.row not in compared

    for listing in run.helpdesks[Side.DASHLY].history(query):
        pair = run.store.pairs.find(Side.DASHLY, listing.id)
        if pair is not None and is_first(pair):
            # The row of the list stands for a read of it.
            yield partial(_findings_of, run, pair, fresh=False)
        elif pair is None:
            yield partial(_of_unknown, run, listing)
    # Then what the lists did not show: deleted, or hidden from this token; of these no change is known.
    for pair in run.store.pairs.every() if wanted.since is None else ():
        if is_first(pair):
            yield partial(_findings_of, run, pair, fresh=True)
    for listing in run.helpdesks[Side.INTERCOM].history(query):
        pair = run.store.pairs.find(Side.INTERCOM, listing.id)
        if pair is None:
            yield partial(_of_unknown, run, listing)
        elif is_first(pair):
            yield partial(_findings_of, run, pair, fresh=True)


def _named(run: Run, ids: tuple[str, ...]) -> Iterator[Job]:
    """Yield what is to be checked of conversations by their ids on either side."""
    met = Rows()
    for conversation in dict.fromkeys(ids):
        pairs = [run.store.pairs.find(side, conversation) for side in Side]
        known = [pair for pair in pairs if pair is not None]
        for pair in known:
            if met.add(pair.row) == 1:
                yield partial(_findings_of, run, pair, fresh=True)
        if not known:
            listings = [found for side in Side if (found := _asked(run, side, conversation)) is not None]
            if not listings:
                raise ConfigError(
                    f"neither side has a conversation {conversation}",
                    hint="correct --id: it takes ids of either side",
                )
            for listing in listings:
                yield partial(_of_unknown, run, listing)


def _asked(run: Run, side: Side, conversation: str) -> Conversation | None:
    try:
        return run.helpdesks[side].conversation(conversation)
    except Rejected:  # an id of the other side may not even have the form of this side's
        return None


def out_of_step(pair: Pair) -> Finding | None:
    """Return the finding of a pair that is not kept in step, or has no mirror; None for any other."""
    dashly, intercom = (pair.ids.get(side, "") for side in Side)
    if pair.state is not PairState.ACTIVE:
        verdict, why, explained = OUT_OF_STEP[pair.state]
        return Finding(verdict, dashly, intercom, why, explained)
    if not pair.linked:
        why = "the next run creates its mirror" if pair.due else "nothing in it has to be copied"
        return Finding(Verdict.WITHOUT_MIRROR, dashly, intercom, why, explained=not pair.due)
    return None


def _findings_of(run: Run, pair: Pair, *, fresh: bool) -> tuple[Finding, ...]:
    return (replace(_finding_of(run, pair, fresh=fresh), row=pair.row),)


def _of_unknown(run: Run, listing: Conversation) -> tuple[Finding, ...]:
    return tuple(unknown(run, listing))


def _finding_of(run: Run, pair: Pair, *, fresh: bool) -> Finding:
    # Before it is compared: these need not be equal.
    found = out_of_step(pair)
    if found is not None:
        return found
    dashly, intercom = (pair.ids.get(side, "") for side in Side)
    differences = tuple(verify_pair(run, pair, fresh=fresh))
    wrong = any(not one.known for one in differences)
    verdict = Verdict.DIFFERENT if wrong else Verdict.EQUAL
    return Finding(verdict, dashly, intercom, explained=not wrong, differences=differences)


def unknown(run: Run, listing: Conversation) -> Iterator[Finding]:
    """Yield a conversation that the state file does not know, with the reason why it has no mirror."""
    if listing.deleted or is_technical(listing.customer):
        return
    why, explained = _reason(run, listing)
    ids = {listing.side: listing.id}
    dashly, intercom = (ids.get(side, "") for side in Side)
    yield Finding(Verdict.WITHOUT_MIRROR, dashly, intercom, why, explained)


def _reason(run: Run, listing: Conversation) -> tuple[str, bool]:
    """Return why a conversation has no mirror, and whether that is as it was configured."""
    side = listing.side
    if is_copy(run.reader.opened(listing)):
        return "it is a copy of ours that the state file does not know: connector recover", False
    if side not in run.policy.sources:
        return f"nothing is copied from {TITLES[side]}", True
    if listing.updated < float(run.store.meta.get(f"{side}_since") or 0):
        return f"older than the binding: connector backfill --from {side}", True
    return "the next run lists it", False
