"""Finding out which conversations changed: pages are streamed, work is queued durably, nothing piles up."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.past.listing import chosen, first
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.registers.three_way import awake
from connector.engine.plan.shadow import is_technical
from connector.errors import AccessDenied, ConfigError, NeverSent, RemoteError
from mappings.model import Conversation, Registers, Side
from state.records import PairState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from connector.engine.past.choice import Choice
    from connector.engine.read.reader import Reader
    from connector.engine.run.in_hand import InHand
    from connector.engine.run.report import Report
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from connector.host.progress import Listener
    from mappings.model import Seconds
    from state.records import Pair, Queue
    from state.store import Store

SELDOM: Seconds = 600.0  # deletions are few, and their list may be long; a side is seldom emptied


@dataclass(frozen=True, kw_only=True)
class Poll:
    """Reads the lists of both sides, and queues what they show. ``overlap`` is read twice, for late rows."""

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    clock: Clock
    reader: Reader
    report: Report
    queue: Queue
    overlap: Seconds
    in_hand: InHand
    listener: Listener

    def changed(self, side: Side) -> Iterator[tuple[Conversation, Pair | None]]:
        """Yield the listed conversations of a side that show something new, with their pair if there is one.

        A conversation without a mirror whose last change is older than the binding belongs to a backfill.
        """
        rows = self._listed(side, self.helpdesks[side].changed_since(self._since(side)))
        yield from self._with_news(side, rows)

    def named(
        self, side: Side, conversations: Collection[str], *, besides: Collection[str]
    ) -> Iterator[tuple[Conversation, Pair | None]]:
        """Yield the named conversations that show something new, with their pair; ``besides`` are known."""
        wanted = (one for one in sorted(conversations) if one not in besides)
        yield from self._with_news(side, (found for one in wanted for found in self._fetched(side, one)))

    def _fetched(self, side: Side, conversation: str) -> Iterator[Conversation]:
        """Yield a conversation that a hint named, if it can be read: a hint may be forged, or too late."""
        try:
            found = self.helpdesks[side].conversation(conversation)
        except (AccessDenied, NeverSent):  # no request will succeed: the run ends
            raise
        except RemoteError:
            return
        self.report.count(seen=1)
        yield found

    def _with_news(
        self, side: Side, rows: Iterator[Conversation]
    ) -> Iterator[tuple[Conversation, Pair | None]]:
        bound = self.store.meta.since(side)
        for listing in rows:
            pair = self.store.pairs.find(side, listing.id)
            if pair is None and (listing.updated < bound or is_technical(listing.customer)):
                continue
            if pair is None or self._is_news(pair, listing):
                yield listing, pair

    def deleted(self, side: Side) -> Iterator[Pair]:
        """Yield the pairs in step whose conversation a side lists as deleted since that was asked last."""
        asked = self.store.meta.deletions_read(side)
        since = self._since(side)
        since = since if asked is None else max(0.0, min(since, asked - self.overlap))
        for conversation in self.helpdesks[side].deleted_since(since):
            pair = self.store.pairs.find(side, conversation)
            if pair is not None and pair.state is PairState.ACTIVE:
                yield pair

    def is_due(self, side: Side, asked: Seconds | None) -> bool:
        """Tell whether a side is to be asked again what is asked now and then, as last at a time."""
        return asked is None or not 0 <= self.helpdesks[side].now() - asked < SELDOM

    def past(self, choice: Choice) -> Iterator[tuple[Conversation, Pair | None]]:
        """Yield what a backfill has work on: the named conversations, or what fits the query.

        Tells when nothing fits at all; ConfigError for what cannot be asked for.
        """
        return first(choice, self._past(choice))

    def _past(self, choice: Choice) -> Iterator[tuple[Conversation, Pair | None]]:
        side, fits = choice.source, False

        def is_known(conversation: str) -> bool:
            return self.store.pairs.find(side, conversation) is not None

        for listing in self._listed(side, chosen(self.helpdesks[side], choice, is_known)):
            fits = True
            pair = self.store.pairs.find(side, listing.id)
            if listing.id in choice.besides or (pair is None and is_technical(listing.customer)):
                continue
            if pair is None or (pair.state is PairState.ACTIVE and not self._is_copied(pair, listing)):
                yield listing, pair
        if not fits:
            self.report.notice(Notice(NoticeKind.NOTHING_FITS, side))

    def enqueue(self, listing: Conversation, *, due: Seconds | None = None) -> int:
        """Put a listed conversation on the queue, due now unless said otherwise, and return its row."""
        at = self.clock.now() if due is None else due
        pair = self.store.pairs.find(listing.side, listing.id)
        # Who works on it would take it off the queue when they are done, with what was not seen yet.
        with self.in_hand.alone(pair.row) if pair is not None else nullcontext(), self.store.transaction():
            self.reader.remember_people(listing)
            row = self.store.pairs.listed(listing.side, listing.id, due=at, queue=self.queue)
        self.reader.expect(listing)
        return row

    def enqueue_deleted(self, pair: Pair, side: Side) -> None:
        """Put a pair on the queue whose conversation a side lists as deleted."""
        with self.in_hand.alone(pair.row):
            self.store.pairs.listed(side, pair.ids[side], due=self.clock.now(), queue=self.queue)

    def _since(self, side: Side) -> Seconds:
        at = self.store.watermarks.get(side)
        if at is None:
            raise ConfigError("the state file is not bound to two workspaces yet", hint="connector init")
        return max(0.0, at - self.overlap)

    def _listed(self, side: Side, rows: Iterator[Conversation]) -> Iterator[Conversation]:
        """Yield the rows of a list and count them; report rows without an id, and a list that was cut."""
        helpdesk = self.helpdesks[side]
        before, cut = helpdesk.passed_over, helpdesk.lists_cut
        for listing in rows:
            self.report.count(seen=1)
            self.listener.listed()
            yield listing
        if helpdesk.lists_cut > cut:
            self.report.notice(Notice(NoticeKind.LIST_CUT, side))
        lost = helpdesk.passed_over - before
        if lost:
            self.report.notice(Notice(NoticeKind.WITHOUT_ID, side, detail=str(lost)))

    def _is_copied(self, pair: Pair, listing: Conversation) -> bool:
        if not pair.linked or pair.due:
            return False
        return pair.origin is not listing.side or not self._is_news(pair, listing)

    def _is_news(self, pair: Pair, listing: Conversation) -> bool:
        """Tell whether a listed row shows anything that is not in the ledger."""
        if pair.state is not PairState.ACTIVE:
            return False
        if pair.seen.get(listing.side) == listing.revision:
            return False
        return not self._only_ours(pair, listing)

    def _only_ours(self, pair: Pair, listing: Conversation) -> bool:
        """Tell whether every part is known and no register moved: then our own writes changed the row.

        Only Dashly's rows show their newest part; Intercom's show the opening.
        """
        side, ledger = listing.side, self.store.ledger
        if side is Side.INTERCOM or listing.parts_count is None or not listing.parts:
            return False
        if listing.parts_count != ledger.count(pair.row, side):
            return False
        if not ledger.knows(side, listing.parts[-1].id):
            return False
        return _same_registers(
            pair.base.get(side, Registers()), listing.registers, self.helpdesks[side].now()
        )


def _same_registers(base: Registers, shown: Registers, now: Seconds) -> bool:
    """Tell whether nobody changed a register; a snooze that ran out by itself does not count."""
    same_status = awake(base.status, now) == awake(shown.status, now)
    return same_status and (base.assignee, base.team, base.tags) == (shown.assignee, shown.team, shown.tags)
