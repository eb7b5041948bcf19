"""The write protocol: how a remote write happens once in effect, whatever fails.

Six parts, all needed together: (1) a durable intent before the request leaves, (2) the request is sent once,
(3) an unclear outcome is looked for no sooner than ``settle`` after it was sent, (4) meanwhile the
conversation is blocked, (5) a remote part answers for one intent only, (6) our part is found in an answer by
marker or fingerprint, never by position.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.reasons import Reason
from connector.engine.plan.recognition.fingerprint import SLACK, Expected, match
from connector.engine.run.events import Done, Events
from connector.engine.write.confirmation import Confirmations
from connector.engine.write.job import Blocked, Made, Unrecognised, WrittenAlready
from connector.errors import ConnectorError, Gone, Unclear
from connector.helpdesk.port import Person
from connector.host.log import about
from connector.http.turns import Priority, priority
from mappings.keyed import keyed
from mappings.model import Ref, Side
from state.records import (
    CARRIED,
    Intent,
    IntentState,
    LedgerRow,
    Operation,
    dump_rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.engine.run.in_hand import InHand
    from connector.engine.write.departure import Departures
    from connector.engine.write.job import Job
    from connector.helpdesk.port import Helpdesk, Receipt
    from connector.host.clock import Clock
    from mappings.model import Conversation, Seconds, Side
    from state.records import Begun
    from state.store import Store


MOMENT: Seconds = 1.0  # an answer that is awaited in this process comes soon, or fails
SEARCH_PATIENCE = 5  # Intercom's search was seen to lag for up to ten minutes


class Protocol:
    """Carries out jobs and settles those whose outcome is not known."""

    def __init__(  # noqa: PLR0913 - all that a write depends on
        self,
        store: Store,
        helpdesks: Mapping[Side, Helpdesk],
        clock: Clock,
        departures: Departures,
        *,
        settle: Seconds,
        run: str | None,
        before_first: Callable[[], None] = lambda: None,
        maker: str | None = None,
        in_hand: InHand | None = None,
    ) -> None:
        self._store = store
        self._helpdesks = helpdesks
        self._clock = clock
        self._departures = departures
        self._settle = settle
        self._run = run
        self._before_first = before_first
        self._confirmations = Confirmations(store, clock, run, maker)
        self._events = Events(run)
        self._in_flight = set[str]() if in_hand is None else in_hand.in_flight

    # -- writing ------------------------------------------------------------------------------------

    def perform(self, job: Job) -> Made | None:
        """Make one write; None when it was made before.

        Blocked when its outcome is not known, WrittenAlready when the ledger shows what it would carry.
        """
        with about(part=job.covers[0].id if job.covers else None):
            return self._perform(job)

    def _perform(self, job: Job) -> Made | None:
        before = self._store.journal.get(job.marker)
        # An earlier run made it and stopped before the end of its plan.
        if before is not None and before.state is IntentState.DONE:
            return None
        if before is not None:
            # A second request while the first may still arrive is how a message comes twice.
            raise Blocked("a write of this conversation is not settled yet", until=before.settle_at)
        # Only now: what the journal knows is this very write, not a second one.
        self._refuse_second(job)
        self._before_first()
        intent, claimed = self._intent_of(job), self._claimed(job.row, job.side)
        self._in_flight.add(job.marker)
        try:
            return self._confirm(job, intent, claimed, self._send(job, intent, claimed))
        finally:
            self._in_flight.discard(job.marker)

    def _refuse_second(self, job: Job) -> None:
        """Refuse to carry what was carried: only an edit, with another text, or a removal may follow."""
        ledger = self._store.ledger
        for row in ledger.keyed((*job.covers, *job.carries)):  # as the ledger keeps hashes
            before = ledger.get(job.row, row.side, row.id)
            if before is not None and _says_the_same(before, row):
                raise WrittenAlready(Ref(row.side, row.id))

    def _intent_of(self, job: Job) -> Intent:
        now, key = self._clock.now(), self._store.key
        return Intent(
            marker=job.marker,
            conversation=job.row,
            side=job.side,
            op=job.op,
            payload_hash=keyed(key, hashlib.sha256(repr(job.write).encode(errors="replace")).hexdigest()),
            fingerprint=job.expected.dump(key) if job.expected else "",
            covers=dump_rows(self._store.ledger.keyed(job.covers)),
            sent_at=now,
            settle_at=now + self._settle,
            begun=self._keyed(job.begun),
        )

    def _keyed(self, begun: Begun | None) -> Begun | None:
        """Return how words are cut as the file may hold it."""
        if begun is None or begun.text_hash is None:
            return begun
        return replace(begun, text_hash=keyed(self._store.key, begun.text_hash))

    def _send(self, job: Job, intent: Intent, claimed: frozenset[str]) -> Receipt:
        try:
            with self._departures.of(intent, self._run) as departure:
                receipt = self._helpdesks[job.side].send(job.write, known=claimed)
        except Unclear as error:
            # It may have been applied, or be applied later: only reading will tell.
            raise Blocked(str(error), until=self._settles_at(intent)) from error
        except ConnectorError:  # refused, or it never left: surely nothing was made
            if departure.left:
                self._store.journal.drop(job.marker)
            raise
        if receipt.merged is not None:
            self._store.people.merged(job.side, receipt.merged.was, receipt.merged.now)
        return receipt

    def _confirm(self, job: Job, intent: Intent, claimed: frozenset[str], receipt: Receipt) -> Made:
        """Find what a confirmed write made, and remember it; from here on it is never sent again."""
        if job.expected is None:  # a register: what counts is its value, which is read at the next look
            self._confirmations.register_written(job, receipt.part)
            return Made(receipt.part, receipt.view)
        conversation = receipt.conversation or job.expected.conversation
        expected = replace(job.expected, conversation=conversation)
        view = receipt.view
        if view is None and receipt.part is None:
            self._store.journal.answered(job.marker, expected.dump(self._store.key))
            view = self._read_back(job.side, conversation, intent)
        # By fingerprint, never the newest: a person may have written in the same moment.
        part = receipt.part or self._find(job, view, claimed)
        if part is None:
            self._store.journal.answered(job.marker, expected.dump(self._store.key))
            # It exists, so it is never sent again; a later read may show which part it is.
            until = self._settles_at(intent)
            raise Blocked("the answer to a write does not show what was written", until=until)
        self._confirmations.words_written(intent, part, conversation, view)
        return Made(part, view)

    def _read_back(self, side: Side, conversation: str, intent: Intent) -> Conversation:
        try:
            return self._helpdesks[side].conversation(conversation)
        except ConnectorError as error:
            raise Blocked("a write could not be read back", until=self._settles_at(intent)) from error

    def _settles_at(self, intent: Intent) -> Seconds:
        """Return when a write may be looked for: it may have left later than its intent was written."""
        return (self._store.journal.get(intent.marker) or intent).settle_at

    def _find(self, job: Job, view: Conversation | None, claimed: frozenset[str]) -> str | None:
        if view is None or job.expected is None:
            return None
        # Whatever was there before answers for something else: "ok" and "ok" are two messages.
        found = match(
            job.expected, view.parts, claimed | job.there_before, key=self._store.key, answered=True
        )
        return found.id if found else None

    def _claimed(self, row: int, side: Side) -> frozenset[str]:
        return self._store.ledger.ids(row, side)

    # -- settling -----------------------------------------------------------------------------------

    def settle(self, row: int) -> None:
        """Find out what became of every unclear write of a conversation; Blocked when it is too early."""
        with priority(Priority.RECOVERY):
            self._settle_open(row)

    def _settle_open(self, row: int) -> None:
        for intent in self._store.journal.open(row):
            if self._clock.now() < intent.settle_at:
                raise Blocked("a write of this conversation is not settled yet", until=intent.settle_at)
            # A register has no fingerprint: its value is compared again by the next plan.
            if intent.fingerprint and self._adopt(intent):
                continue
            if intent.state is IntentState.ANSWERED:
                # It was made: sent again it would be there twice.
                raise Unrecognised(Reason.NOT_FOUND_AGAIN.tell(intent.side))
            surely = self._surely_missing_at(intent)
            if self._clock.now() < surely:
                raise Blocked("a search may not show yet what a write made", until=surely)
            self._store.journal.drop(intent.marker)

    def _surely_missing_at(self, intent: Intent) -> Seconds:
        """Return from when on a write that is not found was surely not made: a search may lag behind."""
        searched = intent.op is Operation.START and self._helpdesks[intent.side].capabilities.searched
        settle = intent.settle_at - intent.sent_at
        return intent.sent_at + settle * (SEARCH_PATIENCE if searched else 1)

    def _adopt(self, intent: Intent) -> bool:
        """Look for what a write made and remember it; tell whether there is nothing left to be sent."""
        expected = Expected.load(intent.fingerprint)
        if intent.op is Operation.START and not expected.conversation:
            return self._adopt_start(intent, expected)
        try:
            view = self._helpdesks[intent.side].conversation(expected.conversation)
        except Gone:  # what it may have made is gone as well
            self._store.journal.drop(intent.marker)
            return True
        claimed = self._claimed(intent.conversation, intent.side)
        answered = intent.state is IntentState.ANSWERED
        found = match(expected, view.parts, claimed, key=self._store.key, answered=answered)
        if found is None:
            return False
        self._remember(intent, found.id, expected.conversation, view)
        return True

    def _adopt_start(self, intent: Intent, expected: Expected) -> bool:
        person = Person(expected.person, by_external_id=expected.by_external_id)
        # A start has its original's time where the side back-dates.
        since = min(expected.earliest, expected.created or expected.sent_at) - SLACK
        begun = self._helpdesks[intent.side].begun_by(person, since)
        return any(self.adopt_start(intent, conversation) for conversation in begun)

    def adopt_start(self, intent: Intent, begun: Conversation) -> bool:
        """Adopt a conversation that an unclear start made, if it is the one; tell whether it is."""
        opening = begun.opening
        # Whoever made it is about to confirm it, and would find its part claimed.
        if intent.marker in self._in_flight or opening is None or not self._is_free(begun):
            return False
        # Nothing is claimed yet in a conversation that nobody knows.
        if match(Expected.load(intent.fingerprint), [opening], (), key=self._store.key) is None:
            return False
        view = self._helpdesks[begun.side].conversation(begun.id)
        self._remember(intent, opening.id, begun.id, view)
        return True

    def _is_free(self, begun: Conversation) -> bool:
        known = self._store.pairs.find(begun.side, begun.id)
        return known is None or not (known.linked or self._store.ledger.count(known.row, begun.side))

    def _remember(self, intent: Intent, part: str, conversation: str, view: Conversation) -> None:
        self._confirmations.words_written(intent, part, conversation, view)
        ids = self._store.pairs.get(intent.conversation).ids
        self._events.log(Done.WRITE_ADOPTED, ids, side=intent.side, part=part)

    def known_at(self, intent: Intent) -> Seconds:
        """Return when the outcome of a write may be known: soon, while its answer is still awaited here."""
        return self._clock.now() + MOMENT if intent.marker in self._in_flight else intent.settle_at


def _says_the_same(before: LedgerRow, row: LedgerRow) -> bool:
    carried = before.disposition in CARRIED and row.disposition in CARRIED
    return carried and before.counterpart is not None and _said(before) == _said(row)


def _said(row: LedgerRow) -> tuple[str | None, bool]:
    return row.text_hash, row.removed
