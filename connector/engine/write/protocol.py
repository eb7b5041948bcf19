"""The write protocol: how a remote write happens once in effect, whatever fails.

Six parts, all needed together: (1) a durable intent before the request leaves, (2) the request is sent once,
(3) an unclear outcome is looked for no sooner than ``settle`` after it was sent, (4) meanwhile the
conversation is blocked, (5) a remote part answers for one intent only, (6) our part is found in an answer by
marker or fingerprint, never by position.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.fingerprint import SLACK, Expected, match
from connector.engine.plan.shadow import is_unreachable
from connector.errors import ConnectorError, Gone, Unclear
from connector.helpdesk.port import Person
from mappings.keyed import keyed
from mappings.model import Side
from state.records import OWN, Disposition, Intent, IntentState, LedgerRow, Operation, dump_rows, load_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.helpdesk.port import Helpdesk, Receipt, Write
    from connector.host.clock import Clock
    from mappings.model import Conversation, Part, Seconds
    from state.store import Store


MOMENT: Seconds = 1.0
SEARCH_PATIENCE = 5  # Intercom's search was seen to lag for up to ten minutes


class Blocked(ConnectorError):
    """A write of this conversation is unclear; ``until`` is when it may be looked for."""

    def __init__(self, message: str, *, until: Seconds) -> None:
        super().__init__(message)
        self.until = until


class Unrecognised(ConnectorError):
    """A confirmed write cannot be found: it is never sent again, a person must look."""


@dataclass(frozen=True, slots=True)
class Job:
    """One write about to be made, with what becomes true once it exists.

    ``there_before`` are parts that the side showed before: none of them can be what this write makes.
    """

    row: int
    side: Side
    op: Operation
    marker: str
    write: Write
    expected: Expected | None
    covers: tuple[LedgerRow, ...] = ()
    there_before: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Made:
    """What a write made: the part, and the conversation as it is now where the side showed it."""

    part: str | None
    view: Conversation | None = None


class Protocol:
    """Carries out jobs and settles those whose outcome is not known."""

    def __init__(
        self,
        store: Store,
        helpdesks: Mapping[Side, Helpdesk],
        clock: Clock,
        *,
        settle: Seconds,
        run: str | None,
    ) -> None:
        self._store = store
        self._desks = helpdesks
        self._clock = clock
        self._settle = settle
        self._run = run
        self._in_flight: set[str] = set()

    def known_at(self, intent: Intent) -> Seconds:
        """Return when the outcome of a write may be known: soon, while its answer is still awaited here."""
        return self._clock.now() + MOMENT if intent.marker in self._in_flight else intent.settle_at

    def perform(self, job: Job) -> Made | None:
        """Make one write; None when it was made before. Blocked when its outcome is not known."""
        before = self._store.journal.get(job.marker)
        if before is not None and before.state is IntentState.DONE:
            return None
        if before is not None:
            raise Blocked("a write of this conversation is not settled yet", until=before.settle_at)
        intent = self._begin(job)
        self._in_flight.add(job.marker)
        try:
            receipt = self._desks[job.side].send(job.write)
        except Unclear as error:
            raise Blocked(str(error), until=intent.settle_at) from error
        except ConnectorError:
            self._store.journal.drop(job.marker)
            raise
        finally:
            self._in_flight.discard(job.marker)
        if receipt.merged is not None:
            self._store.people.merged(job.side, receipt.merged.was, receipt.merged.now)
        return self._confirm(job, intent, receipt)

    def _begin(self, job: Job) -> Intent:
        now, key = self._clock.now(), self._store.key
        intent = Intent(
            marker=job.marker,
            conversation=job.row,
            side=job.side,
            op=job.op,
            payload_hash=keyed(key, hashlib.sha256(repr(job.write).encode(errors="replace")).hexdigest()),
            fingerprint=job.expected.dump(key) if job.expected else "",
            covers=dump_rows(self._store.ledger.keyed(job.covers)),
            sent_at=now,
            settle_at=now + self._settle,
        )
        self._store.journal.begin(intent, self._run)
        return intent

    def _confirm(self, job: Job, intent: Intent, receipt: Receipt) -> Made:
        if job.expected is None:
            self._finish_register(job, receipt)
            return Made(receipt.part, receipt.view)
        conversation = receipt.conversation or job.expected.conversation
        view = receipt.view
        if view is None and (receipt.part is None or job.op is Operation.START):
            known = replace(job.expected, conversation=conversation)
            self._store.journal.answered(job.marker, known.dump(self._store.key))
            view = self._read_back(job.side, conversation, intent)
        part = receipt.part or self._find(job, view)
        if part is None:
            self._store.journal.answered(job.marker, job.expected.dump(self._store.key))
            raise Blocked("the answer to a write does not show what was written", until=intent.settle_at)
        self._finish(intent, part, conversation, view)
        return Made(part, view)

    def _read_back(self, side: Side, conversation: str, intent: Intent) -> Conversation:
        try:
            return self._desks[side].conversation(conversation)
        except ConnectorError as error:
            raise Blocked("a write could not be read back", until=intent.settle_at) from error

    def _find(self, job: Job, view: Conversation | None) -> str | None:
        if view is None or job.expected is None:
            return None
        claimed = self._claimed(job.row, job.side) | job.there_before
        found = match(job.expected, view.parts, claimed, key=self._store.key, answered=True)
        return found.id if found else None

    def _claimed(self, row: int, side: Side) -> frozenset[str]:
        return frozenset(self._store.ledger.of(row)[side])

    # -- what becomes true --------------------------------------------------------------------------

    def _finish_register(self, job: Job, receipt: Receipt) -> None:
        with self._store.transaction():
            if receipt.part is not None:
                self._store.ledger.put(job.row, [self._own(job.side, receipt.part, job.op, "")], self._run)
            self._store.journal.drop(job.marker)

    def _finish(self, intent: Intent, part: str, conversation: str, view: Conversation | None) -> None:
        covers = load_rows(intent.covers)
        expected = Expected.load(intent.fingerprint)
        now = self._clock.now()  # the breaker counts by the time of the source: a backlog is no loop
        created = now if expected.source_created is None else min(now, expected.source_created)
        with self._store.transaction():
            own = replace(self._own(intent.side, part, intent.op, expected.source), created=created)
            if intent.op is Operation.START:
                self._link(intent, conversation, view)
            rows = [own, *(replace(row, counterpart=row.counterpart or part) for row in covers)]
            self._store.ledger.put(intent.conversation, rows, self._run)
            self._store.journal.done(intent.marker, part)
            if view is not None and expected.agent is not None:
                self._learn_app_code(view, part)
        if any(row.removed for row in covers):
            self._store.empty_log()

    def _learn_app_code(self, view: Conversation, part: str) -> None:
        """Remember how Intercom marks what an agent says through our token: no person's words bear that."""
        code = next((one.app_code for one in view.parts if one.id == part), None)
        if code is not None and code != self._store.meta.get("app_code"):
            self._store.meta.set("app_code", code)

    def _own(self, side: Side, part: str, op: Operation, source: str) -> LedgerRow:
        return LedgerRow(
            side=side,
            id=part,
            type=op,
            created=self._clock.now(),
            disposition=Disposition.ABSORBED,
            reason=OWN,
            ours=True,
            counterpart=source or None,
        )

    def _link(self, intent: Intent, conversation: str, view: Conversation | None) -> None:
        pairs = self._store.pairs
        pairs.link(intent.conversation, intent.side, conversation, at=self._clock.now(), run=self._run)
        if view is not None:
            pairs.set_base(intent.conversation, intent.side, view.registers)
            if view.customer is not None:
                pairs.set_person(intent.conversation, intent.side, view.customer.id)
            if view.side is Side.DASHLY:
                pairs.set_shadow(intent.conversation, shadow=is_unreachable(view.customer))

    # -- settling -----------------------------------------------------------------------------------

    def settle(self, row: int) -> None:
        """Find out what merged of every unclear write of a conversation; Blocked when it is too early."""
        for intent in self._store.journal.open(row):
            if self._clock.now() < intent.settle_at:
                raise Blocked("a write of this conversation is not settled yet", until=intent.settle_at)
            if intent.fingerprint and self._adopt(intent):
                continue
            if intent.state is IntentState.ANSWERED:
                raise Unrecognised("a write was confirmed, but what it made cannot be told from the rest")
            surely = self._surely_missing_at(intent)
            if self._clock.now() < surely:
                raise Blocked("a search may not show yet what a write made", until=surely)
            self._store.journal.drop(intent.marker)

    def _surely_missing_at(self, intent: Intent) -> Seconds:
        """Return from when on a write that is not found was surely not made: a search may lag behind."""
        searched = intent.op is Operation.START and self._desks[intent.side].capabilities.searched
        settle = intent.settle_at - intent.sent_at
        return intent.sent_at + settle * (SEARCH_PATIENCE if searched else 1)

    def _adopt(self, intent: Intent) -> bool:
        expected = Expected.load(intent.fingerprint)
        if intent.op is Operation.START and not expected.conversation:
            return self._adopt_start(intent, expected)
        try:
            view = self._desks[intent.side].conversation(expected.conversation)
        except Gone:  # what it may have made is gone as well
            self._store.journal.drop(intent.marker)
            return True
        claimed = self._claimed(intent.conversation, intent.side)
        answered = intent.state is IntentState.ANSWERED
        found = match(expected, view.parts, claimed, key=self._store.key, answered=answered)
        if found is None:
            return False
        self._finish(intent, found.id, expected.conversation, view)
        return True

    def _adopt_start(self, intent: Intent, expected: Expected) -> bool:
        person = Person(expected.person, by_external_id=expected.by_external_id)
        since = min(expected.sent_at - SLACK, expected.created or expected.sent_at) - SLACK
        begun = self._desks[intent.side].begun_by(person, since)
        return any(self.adopts(intent, conversation) for conversation in begun)

    def adopts(self, intent: Intent, begun: Conversation) -> bool:
        """Adopt a conversation that an unclear start made, if it is the one; tell whether it is."""
        known = self._store.pairs.find(begun.side, begun.id)
        if known is not None and (known.linked or self._store.ledger.count(known.row, begun.side)):
            return False
        opening = begun.opening
        expected = Expected.load(intent.fingerprint)
        if opening is None or match(expected, [opening], (), key=self._store.key) is None:
            return False
        view = self._desks[begun.side].conversation(begun.id)
        first: Part = next((part for part in view.parts if part.id == opening.id), opening)
        self._finish(intent, first.id, begun.id, view)
        return True
