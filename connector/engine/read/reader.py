"""Reading the sides of one conversation that are due, as cheaply as the sides allow."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from connector.engine.plan.shadow import is_shadow, is_unreachable
from connector.engine.plan.snapshot import Snapshot, accounted_for
from connector.engine.read.moved import moved_rows
from connector.engine.write.identification import Identification
from connector.errors import Rejected
from mappings.model import Agent, AuthorKind, Side
from mappings.reading.assembly import with_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.helpdesk.port import Helpdesk
    from mappings.model import Conversation, Seconds
    from state.records import LedgerRow, Pair, ToTell
    from state.store import Store

LISTED_KEPT = 4000  # a list may be endless, memory is not: what is listed beyond this is read again


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads conversations for the planner, and remembers the people whom they show.

    ``names`` are those of agents and teams by id, ``skew`` how far the clocks of both sides are apart. A
    reader that does not ``remember`` leaves the state file as it is.
    """

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    names: Mapping[Side, Mapping[str, str]]
    skew: Seconds = 0.0
    backfill: bool = False
    remember: bool = True
    match_email: bool = False
    identification: Identification = field(init=False)
    _listed: set[tuple[Side, str]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        """Find people with what is remembered."""
        known = Identification(
            self.store, self.helpdesks, remember=self.remember, match_email=self.match_email
        )
        object.__setattr__(self, "identification", known)

    def expect(self, listing: Conversation) -> None:
        """Use what a list of this run shows of a conversation as its next reading."""
        if len(self._listed) < LISTED_KEPT:
            self._listed.add((listing.side, listing.id))

    def opened(self, listing: Conversation) -> Conversation:
        """Return a listed conversation, with its opening where only that tells whether it is our copy."""
        if listing.opening is not None or listing.deleted or not is_shadow(listing.customer):
            return listing
        with suppress(Rejected):
            return self.helpdesks[listing.side].conversation(listing.id)
        return listing

    def observe(
        self, pair: Pair, sides: Iterable[Side], *, whole: bool = False, before: Snapshot | None = None
    ) -> Snapshot:
        """Read the named sides of a pair, ``whole`` with all parts; Gone when one does not exist.

        What was read for the snapshot made just ``before`` is not read again.
        """
        fresh = not self._take_listed(pair)
        ledger = self.store.ledger.of(pair.row)
        views = dict(before.read) if before is not None else {}
        for side in sides:
            if side in pair.ids and side not in views:
                views[side] = self._view(side, pair.ids[side], None if whole else ledger[side], fresh=fresh)
        snapshot = self._taken_in(pair, views, ledger)
        if fresh or whole:
            return snapshot
        # Dashly's row carries the newest part and the registers; Intercom's shows no parts at all.
        return replace(snapshot, listed=frozenset({Side.DASHLY} & views.keys()))

    def answered(self, row: int, views: Mapping[Side, Conversation]) -> Snapshot:
        """Return what sides showed of a pair in their answers to our writes."""
        return self._taken_in(self.store.pairs.get(row), views, self.store.ledger.of(row))

    def _taken_in(
        self, pair: Pair, views: Mapping[Side, Conversation], ledger: Mapping[Side, Mapping[str, LedgerRow]]
    ) -> Snapshot:
        """Remember and count what was read, and return it with what is remembered."""
        if self.remember:
            self._remember(pair, views, ledger)
        named = {s: replace(v, parts=with_names(v.parts, self.names[s])) for s, v in views.items()}
        snapshot = self.snapshot(pair, named, ledger)
        if self.remember and snapshot.stand_in is not pair.stand_in:
            self.store.pairs.set_stand_in(pair.row, stand_in=snapshot.stand_in)
        return snapshot

    def snapshot(
        self,
        pair: Pair,
        views: Mapping[Side, Conversation],
        ledger: Mapping[Side, Mapping[str, LedgerRow]],
    ) -> Snapshot:
        """Return what is read and what is remembered, as the planner wants it."""
        watermarks = self.store.watermarks
        # Younger parts of a known pair are live: a sync delivers them, a backfill never would.
        limits = {side: watermarks.get(side) for side in Side} if self.backfill and pair.linked else {}
        return Snapshot(
            pair=pair,
            views=views,
            ledger=ledger,
            now={side: self.helpdesks[side].now() for side in Side},
            backfill=self.backfill,
            history_until={side: at for side, at in limits.items() if at is not None},
            shadow=self._shadow(pair, views),
            to_tell=self._to_tell(pair),
            stand_in=self._stand_in(pair, views.get(pair.origin), ledger[pair.origin]),
            begun=self.store.journal.begun(pair.row),
            moved={
                side: moved_rows(self.store, pair.row, view, ledger[side]) for side, view in views.items()
            },
            skew=self.skew,
        )

    def _remember(
        self, pair: Pair, views: Mapping[Side, Conversation], ledger: Mapping[Side, Mapping[str, LedgerRow]]
    ) -> None:
        with self.store.transaction():
            for side, view in views.items():
                self.remember_people(view)
                if side not in pair.base:
                    self.store.pairs.set_first_base(pair.row, side, view.registers)
                # Counted when seen, whatever becomes of them: the report must add up.
                unknown = (part.id for part in view.parts if part.id not in ledger[side])
                self.store.ledger.tally.seen(pair.row, side, unknown)

    def remember_people(self, view: Conversation) -> None:
        """Remember the customer and the teammates that a conversation shows."""
        if not self.remember:
            return
        people = self.store.people
        with self.store.transaction():
            pair = self.store.pairs.find(view.side, view.id)
            if view.side is Side.DASHLY and pair is not None and pair.linked:
                self.store.pairs.set_shadow(pair.row, shadow=is_unreachable(view.customer))
            if view.customer is not None:
                people.put_customer(view.side, view.customer)
            agents = {
                part.author.id: Agent(part.author.id, part.author.name or "", part.author.email)
                for part in view.parts
                if part.author.kind is AuthorKind.AGENT and part.author.id
            }
            people.put_agents(view.side, tuple(agents.values()))

    def _take_listed(self, pair: Pair) -> bool:
        """Take a pair off those that a list of this run showed; tell whether it was one of them."""
        shown = self._listed & set(pair.ids.items())
        self._listed.difference_update(pair.ids.items())
        return bool(shown)

    def _view(
        self, side: Side, conversation: str, ledger: Mapping[str, LedgerRow] | None, *, fresh: bool
    ) -> Conversation:
        if ledger is None:
            return self.helpdesks[side].conversation(conversation)
        return self.helpdesks[side].conversation(conversation, known=accounted_for(ledger), fresh=fresh)

    def _shadow(self, pair: Pair, views: Mapping[Side, Conversation]) -> bool:
        dashly = views.get(Side.DASHLY)
        if dashly is not None:
            return is_unreachable(dashly.customer)
        if pair.linked or Side.INTERCOM not in views:
            return pair.linked and pair.shadow
        view = views[Side.INTERCOM]
        # A mail proves an address, not a person: its sender gets a shadow user.
        return view.by_email or self.identification.user_of(view.customer) is None

    def _to_tell(self, pair: Pair) -> ToTell | None:
        contact = pair.people.get(Side.INTERCOM)
        return self.store.people.to_tell(Side.INTERCOM, contact) if contact and pair.linked else None

    def _stand_in(self, pair: Pair, view: Conversation | None, known: Mapping[str, LedgerRow]) -> bool:
        """Tell whether nobody is reached where a conversation began: its customer is a silent stand-in."""
        if view is None or view.customer is None:
            return pair.stand_in
        whole = view.complete or pair.stand_in  # the newest parts alone never show that nobody wrote
        return (
            whole
            and self.identification.is_ours(view.side, view.customer)
            and not any(
                part.author.kind is AuthorKind.CUSTOMER and not (part.id in known and known[part.id].ours)
                for part in view.parts
            )
        )
