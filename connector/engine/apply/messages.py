"""Posting words: fetch the files, find the person, ask the breaker, and write by the protocol."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.apply.refusals import PartRefused, TextTooLong
from connector.engine.apply.voices import is_customer_missing
from connector.engine.plan.actions import Form, PostWords
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.plan.shadow import is_unreachable
from connector.engine.plan.splitting import losses_of
from connector.engine.run.events import Done
from connector.engine.write.job import Blocked, WrittenAlready
from connector.errors import AccessDenied, Gone, Rejected
from mappings.files import with_not_copied
from mappings.model import Ref, Side

if TYPE_CHECKING:
    from connector.engine.apply.attachments import Fetched, Files
    from connector.engine.apply.breaker import Breaker
    from connector.engine.apply.execution import Execution
    from connector.engine.apply.records import Records
    from connector.engine.apply.voices import Voices
    from connector.engine.run.events import Events
    from connector.engine.run.limits import Limits
    from connector.engine.run.report import Report
    from connector.engine.write.customers import People
    from connector.engine.write.drafts import Drafts
    from connector.engine.write.job import Job, Made
    from connector.engine.write.protocol import Protocol
    from connector.errors import RemoteError
    from connector.helpdesk.port import File
    from connector.host.clock import Clock
    from mappings.model import Attachment
    from state.pairs import Pairs
    from state.records import LedgerRow

TOO_BIG = "ReplyTooBig"  # Dashly's code for a text over its limit, which it does not document
CALLS_A_START = 3  # the person may have to be made, and brought back from the archive

DONE_BY = {
    Form.START: Done.CONVERSATION_CREATED,
    Form.MESSAGE: Done.MESSAGE_COPIED,
    Form.NOTE: Done.NOTE_COPIED,
}


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Posts messages and notes."""

    pairs: Pairs
    clock: Clock
    files: Files
    people: People
    drafts: Drafts
    protocol: Protocol
    limits: Limits
    breaker: Breaker
    voices: Voices
    records: Records
    report: Report
    events: Events

    def post(self, execution: Execution, words: PostWords) -> None:
        """Post words with their files; a refusal for good names the part at which the conversation stops."""
        try:
            self._post(execution, words)
        except Gone:  # the conversation was deleted: that is more than a refusal
            raise
        except Rejected as error:
            # Our guess of the limit is wrong, not the part: it is cut smaller next time.
            if error.code == TOO_BIG:
                raise TextTooLong(str(error), words.target) from error
            why = self.voices.why_refused(words, error)
            raise PartRefused(why, Ref(words.target.other, words.source)) from error

    def _post(self, execution: Execution, words: PostWords) -> None:
        """Post words with their files; when those may be what is refused, the words alone."""
        with self.files.of(execution.row, words, execution.spent) as fetched:
            named = self._naming(execution, words, fetched.missing)
            try:
                self._write(execution, named, fetched.files)
            except Rejected as error:
                if not _may_be_for_the_files(error, fetched):
                    raise
                self._tell_refused(execution, words, error)
            else:
                return
        # The write with files was certainly refused, so nothing of it exists.
        self._write(execution, self._naming(execution, named, fetched.attachments), ())

    def _write(self, execution: Execution, words: PostWords, files: tuple[File, ...]) -> None:
        """Write words as whoever may speak them."""
        words = self.voices.of(execution, words)
        try:
            self._write_as(execution, words, files)
        except (Rejected, AccessDenied) as error:
            # The survivor of a merge is still the customer; a note that names them is the last resort.
            if self._written_as_shown(execution, words, files, error):
                return
            instead = self.voices.instead(execution, words, error)
            if instead is None:
                raise
        else:
            return
        self._write_as(execution, instead, files)

    def _written_as_shown(
        self, execution: Execution, words: PostWords, files: tuple[File, ...], error: RemoteError
    ) -> bool:
        """Write as whom the conversation now shows, when the customer is gone; tell whether that worked."""
        if not is_customer_missing(words, error):
            return False
        if not self.people.take_shown(execution.snapshot, words.target):
            return False
        try:
            self._write_as(execution, words, files)
        except (Rejected, AccessDenied) as again:
            if not is_customer_missing(words, again):
                raise
            return False
        return True

    def _write_as(self, execution: Execution, words: PostWords, files: tuple[File, ...]) -> None:
        person = self.people.voice_of(execution.snapshot, words.target) if words.agent is None else None
        conversation = execution.ids.get(words.target, "")
        starts = words.form is Form.START
        # Both are asked before the intent: a write that may not be made leaves nothing to settle.
        self.limits.write(calls=CALLS_A_START if starts else 1, creates=starts)
        self.breaker.check(execution.row)
        words = replace(words, covers=_with_losses(execution, words))
        job = self.drafts.job(words, execution.row, conversation, person, files)
        shown = execution.shown_before(words.target)
        job = replace(
            job,
            expected=job.expected.after(shown) if job.expected else None,
            carries=execution.carries.get(words.marker, ()),
            there_before=frozenset(part.id for part in shown),
        )
        made = self._perform(execution, words, job)
        if made is not None:
            # None was made in an earlier run, and counted then.
            self.breaker.wrote(execution.row, words.target, job.covers)
        self._record(execution, words, made)

    def _perform(self, execution: Execution, words: PostWords, job: Job) -> Made | None:
        try:
            return self.protocol.perform(job)
        except WrittenAlready:
            self.breaker.refused(execution.row, words.target)
            raise
        except Gone as error:  # when a start fails so, only the person can be gone: another stands in at once
            if words.form is not Form.START or not self.people.forget(execution.snapshot, words.target):
                raise
            raise Blocked(str(error), until=self.clock.now()) from error

    def _record(self, execution: Execution, words: PostWords, made: Made | None) -> None:
        """Count what was written, and say what is known of the side by now."""
        target, starts = words.target, words.form is Form.START
        shown = execution.wrote_to(target, made)
        if starts:
            execution.ids = self.pairs.get(execution.row).ids
            self.report.count(created=1)
        if made is not None:
            self.events.log(DONE_BY[words.form], execution.ids, side=target, part=words.source)
        if shown:
            if starts and target is Side.DASHLY and execution.snapshot.shadow:
                # The plan assumed a user whom nothing reaches: one with an address must not get the rest.
                execution.stale = not is_unreachable(execution.answered[target].customer)
        elif words.form is not Form.NOTE:  # a message may reopen a conversation or assign it; a note does not
            execution.shown[target] = None
            execution.stirred.add(target)

    def _naming(self, execution: Execution, words: PostWords, files: tuple[Attachment, ...]) -> PostWords:
        """Name files that are not copied in the text, and in the ledger once the part is covered."""
        execution.named[words.source] = execution.named.get(words.source, ()) + losses_of(files)
        return replace(words, text=with_not_copied(words.text, files, self.voices.policy.wording))

    def _tell_refused(self, execution: Execution, words: PostWords, error: Rejected) -> None:
        source = words.target.other
        conversation = execution.ids.get(source, "")
        self.report.notice(
            Notice(NoticeKind.FILES_REFUSED, source, conversation, words.source, detail=str(error))
        )


def _with_losses(execution: Execution, words: PostWords) -> tuple[LedgerRow, ...]:
    return tuple(replace(row, losses=row.losses + execution.named.get(row.id, ())) for row in words.covers)


def _may_be_for_the_files(error: Rejected, fetched: Fetched) -> bool:
    """Tell whether the words alone may be taken."""
    return bool(fetched.files) and error.code != TOO_BIG and not isinstance(error, Gone)
