"""What is recorded once a write is known to exist: ledger, journal and pair, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.plan.shadow import is_unreachable
from mappings.model import Side
from state.records import OWN, Disposition, LedgerRow, Operation, load_rows

if TYPE_CHECKING:
    from connector.engine.write.job import Job
    from connector.host.clock import Clock
    from mappings.model import Conversation
    from state.records import Intent
    from state.store import Store


@dataclass(frozen=True)
class Confirmations:
    """Remembers writes that exist."""

    store: Store
    clock: Clock
    run: str | None
    maker: str | None

    def register_written(self, job: Job, part: str | None) -> None:
        """Remember a write of a register or a redaction; it may have made a part."""
        with self.store.transaction(lazily=True):
            # Together or not at all: a part that the ledger lacks would be carried back as somebody's change.
            if part is not None:
                self.store.ledger.put(job.row, [self._own(job.side, part, job.op)], self.run)
            self.store.journal.drop(job.marker)

    def words_written(self, intent: Intent, part: str, conversation: str, view: Conversation | None) -> None:
        """Remember words that are in a conversation as a part, and what they cover."""
        covers = load_rows(intent.covers)
        # A power cut that takes this back leaves the intent: the write is unclear then, and is looked for.
        with self.store.transaction(lazily=True):
            if intent.op is Operation.START:
                self._link(intent, conversation, view)
            if view is not None:
                self.store.pairs.set_first_base(intent.conversation, intent.side, view.registers)
            rows = [self._own_words(intent, part), *(_carried(row, part) for row in covers)]
            self.store.ledger.put(intent.conversation, rows, self.run)
            self.store.journal.done(intent.marker, part)
            if view is not None and Expected.load(intent.fingerprint).agent is not None:
                self._learn_app_code(view, part)
        # Only after the transaction: the log cannot be emptied while it is written.
        if any(row.removed for row in covers):
            self.store.empty_log()

    def _own_words(self, intent: Intent, part: str) -> LedgerRow:
        """Return the row of our part, at the time of its source."""
        expected = Expected.load(intent.fingerprint)
        own = self._own(intent.side, part, intent.op)
        source_created = own.created if expected.source_created is None else expected.source_created
        # As it was written: at the source's time, or now where that lies in the future.
        return replace(own, created=min(own.created, source_created), counterpart=expected.source or None)

    def _own(self, side: Side, part: str, op: Operation) -> LedgerRow:
        return LedgerRow(
            side=side,
            id=part,
            type=op,
            created=self.clock.now(),
            # Ours, and absorbed: nothing that we wrote may ever be copied back.
            disposition=Disposition.ABSORBED,
            reason=OWN,
            ours=True,
        )

    def _link(self, intent: Intent, conversation: str, view: Conversation | None) -> None:
        pairs = self.store.pairs
        pairs.link(intent.conversation, intent.side, conversation, at=self.clock.now(), run=self.maker)
        if view is not None:
            if view.customer is not None:
                pairs.set_person(intent.conversation, intent.side, view.customer.id)
            if view.side is Side.DASHLY and view.customer is not None:
                self.store.people.put_customer(view.side, view.customer)  # for their next conversation
            if view.side is Side.DASHLY:
                pairs.set_shadow(intent.conversation, shadow=is_unreachable(view.customer))

    def _learn_app_code(self, view: Conversation, part: str) -> None:
        """Remember how Intercom marks what an agent says through our token: no person's words have it."""
        code = next((one.app_code for one in view.parts if one.id == part), None)
        if code is not None and code != self.store.meta.app_code():
            self.store.meta.set_app_code(code)


def _carried(row: LedgerRow, part: str) -> LedgerRow:
    """A part cut into pieces or told in several notes points to the first of them."""
    return replace(row, counterpart=row.counterpart or part)
