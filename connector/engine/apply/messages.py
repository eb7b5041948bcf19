"""Carrying words: files fetched, the person found, the breaker asked, and the write made by the protocol."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.apply.attachments import Fetched, files_of
from connector.engine.apply.refusals import BreakerTripped, PartRefused, TextTooLong
from connector.engine.plan.actions import Form, PostWords
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.plan.shadow import is_unreachable
from connector.engine.plan.splitting import losses_of
from connector.engine.write.customers import person_for
from connector.engine.write.protocol import Blocked, Job
from connector.engine.write.requests import write_of
from connector.errors import Gone, Rejected
from connector.helpdesk.port import Person
from mappings.files import with_not_copied
from mappings.model import Customer, Ref, Side
from mappings.text import text_hash
from state.records import Operation

if TYPE_CHECKING:
    from connector.engine.apply.execution import Execution
    from connector.engine.write.protocol import Made
    from connector.helpdesk.port import File
    from mappings.model import Attachment, Loss, Seconds
    from state.records import LedgerRow

TOO_BIG = "ReplyTooBig"
CALLS_A_START = 3  # the person may have to be made, and brought back from the archive


class WordsApplier:
    """Carries out the carries of one plan."""

    def __init__(self, execution: Execution) -> None:
        self._task = execution
        self._context = execution.context
        self._named: dict[str, tuple[Loss, ...]] = {}
        self._spent: dict[str, Seconds] = {}

    def carry(self, carry: PostWords) -> None:
        """Carry words; a refusal for good names the part at which the conversation stops."""
        try:
            self._carry(carry)
        except Gone:
            raise
        except Rejected as error:
            if error.code == TOO_BIG:
                raise TextTooLong(str(error), carry.target) from error
            raise PartRefused(str(error), Ref(carry.target.other, carry.source)) from error

    def _carry(self, carry: PostWords) -> None:
        with files_of(self._context, self._task.row, carry, self._spent) as fetched:
            carry = self._naming(carry, fetched.missing)
            try:
                self._write(carry, fetched.files)
            except Rejected as error:
                if not _may_be_for_the_files(error, fetched):
                    raise
                self._context.report.notice(
                    Notice(
                        NoticeKind.FILES_REFUSED,
                        carry.target.other,
                        self._task.ids().get(carry.target.other, ""),
                        carry.source,
                        detail=str(error),
                    )
                )
            else:
                return
        self._write(self._naming(carry, fetched.attachments), ())

    def _write(self, carry: PostWords, files: tuple[File, ...]) -> None:
        person = self._person(carry) if carry.agent is None else None
        created = self._created(carry)
        conversation = self._task.ids().get(carry.target, "")
        starts = carry.form is Form.START
        self._context.limits.write(calls=CALLS_A_START if starts else 1, creates=starts)
        self._breaker()
        carry = replace(carry, covers=self._with_losses(carry.covers))
        expected = self._expected(carry, conversation, person, created)
        job = Job(
            row=self._task.row,
            side=carry.target,
            op=Operation(carry.form),
            marker=carry.marker,
            write=write_of(carry, conversation, person, files, created),
            expected=replace(expected, files=tuple(file.name for file in files)),
            covers=carry.covers,
            there_before=self._task.shown_before(carry.target),
        )
        self._after(carry, self._perform(carry, job))

    def _naming(self, carry: PostWords, files: tuple[Attachment, ...]) -> PostWords:
        """Name files that do not travel in the text, and in the ledger once the part is covered."""
        self._named[carry.source] = self._named.get(carry.source, ()) + losses_of(files)
        return replace(carry, text=with_not_copied(carry.text, files))

    def _with_losses(self, covers: tuple[LedgerRow, ...]) -> tuple[LedgerRow, ...]:
        return tuple(replace(row, losses=row.losses + self._named.get(row.id, ())) for row in covers)

    def _perform(self, carry: PostWords, job: Job) -> Made | None:
        try:
            return self._context.protocol.perform(job)
        except Gone as error:
            if carry.form is not Form.START or not self._forget_person(carry.target):
                raise
            raise Blocked(str(error), until=self._context.clock.now()) from error

    def _after(self, carry: PostWords, made: Made | None) -> None:
        task = self._task
        task.wrote.add(carry.target)
        task.count(carry.covers)
        if carry.form is Form.START:
            self._context.report.count(created=1)
        if made is not None and made.view is not None:
            task.shown[carry.target] = made.view.registers
            if carry.form is Form.START and carry.target is Side.DASHLY and task.snapshot.shadow:
                task.stale = not is_unreachable(made.view.customer)
        elif carry.form is not Form.NOTE:
            task.shown[carry.target] = None
            task.look.add(carry.target)

    def _breaker(self) -> None:
        """Stop a conversation in which we write so fast that two systems must be answering each other."""
        limits = self._context.config.limits
        if self._context.backfill:
            return
        since = self._context.clock.now() - limits.breaker_window
        if self._context.store.ledger.written_since(self._task.row, since) >= limits.breaker_writes:
            raise BreakerTripped(
                f"more than {limits.breaker_writes} writes of ours in {limits.breaker_window:.0f} s: a loop?"
            )

    def _created(self, carry: PostWords) -> Seconds | None:
        """Return the time to write, never in the other side's future; None where it cannot be given."""
        if carry.created is None or not self._context.policy.capabilities[carry.target].back_dating:
            return None
        return float(int(min(carry.created, self._context.helpdesks[carry.target].now())))

    def _expected(
        self, carry: PostWords, conversation: str, person: Person | None, created: Seconds | None
    ) -> Expected:
        return Expected(
            conversation=conversation,
            public=carry.form is not Form.NOTE,
            text_hash=text_hash(carry.text),
            sent_at=self._context.helpdesks[carry.target].now(),
            marker=carry.marker if carry.target is Side.DASHLY else "",
            agent=carry.agent,
            created=created,
            source=carry.source,
            source_created=carry.created,
            person=person.id if person else "",
            by_external_id=person.by_external_id if person else False,
            app_code=self._context.policy.app_code if carry.target is Side.INTERCOM else None,
        )

    def _person(self, carry: PostWords) -> Person:
        store, target, row = self._context.store, carry.target, self._task.row
        known = store.pairs.get(row).people.get(target)
        if known:
            return Person(known)
        customer = self._customer(target.other)
        shadow = self._task.snapshot.shadow
        person = person_for(store, self._context.helpdesks, target, customer, shadow=shadow)
        if not person.by_external_id:
            store.pairs.set_person(row, target, person.id)
        return person

    def _forget_person(self, target: Side) -> bool:
        """Forget who stood for the customer, since they were deleted; tell whether anybody was remembered."""
        store, customer = self._context.store, self._customer(target.other)
        store.pairs.forget_person(self._task.row, target)
        return store.people.forget_counterpart(target.other, customer.id)

    def _customer(self, side: Side) -> Customer:
        view = self._task.snapshot.views.get(side)
        if view is not None and view.customer is not None:
            return view.customer
        row = self._task.row
        return Customer(id=self._context.store.pairs.get(row).people.get(side) or f"nobody-{row}")


def _may_be_for_the_files(error: Rejected, fetched: Fetched) -> bool:
    """Tell whether the words alone may be taken."""
    return bool(fetched.files) and error.code != TOO_BIG and not isinstance(error, Gone)
