"""What Dashly's documents leave open, asked of a real app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.dashly import forms
from connector.doctor.trial import NAME, TAG, Answer, Trial, first
from connector.errors import Rejected
from connector.helpdesk.port import AddTag, Person, SetStatus
from mappings.model import CLOSED, Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.dashly.helpdesk import DashlyHelpdesk
    from connector.doctor.forwards import Forwards
    from connector.helpdesk.port import Receipt


def make_person(helpdesk: DashlyHelpdesk, external_id: str) -> Person:
    """Create the test person, who has a name and no address; one that exists stays as they are."""
    customer = Customer(external_id, name=NAME)
    helpdesk.client.set_props(external_id, forms.shadow_form(customer, full=False))
    return Person(external_id, by_external_id=True)


class DashlyQuestions:
    """The questions, in an order in which each finds the conversation as it needs it."""

    def __init__(self, trial: Trial, helpdesk: DashlyHelpdesk, forwards: Forwards, marker: str) -> None:
        self._trial = trial
        self._desk = helpdesk
        self._forwards = forwards
        self._marker = marker

    def ask(self) -> Iterator[tuple[str, Answer]]:
        """Yield each answer by name."""
        yield from self._notes()
        yield from self._tags()
        yield from self._closing()
        yield from self._paging()

    def _notes(self) -> Iterator[tuple[str, Answer]]:
        receipts: list[Receipt] = []
        step = self._trial.step(lambda: receipts.append(self._trial.note(marker=self._marker)))
        made = first(step)
        yield "reply_returns_id", receipts[0].part is not None
        yield "external_id_returned", made is not None and made.external_id == self._marker
        # The words of a trial hold `<` and `&` for this very question.
        yield "text_escaped", made is not None and made.words is not None and "&lt;" in made.words.text
        yield "note_moves_last_update", step.moved
        # The same marker once more: Dashly's documents do not say whether it is an idempotency key.
        yield "external_id_unique", self._refused_or_swallowed()

    def _refused_or_swallowed(self) -> bool:
        try:
            return not self._trial.step(lambda: self._trial.note(marker=self._marker)).new
        except Rejected:
            return True

    def _tags(self) -> Iterator[tuple[str, Answer]]:
        yield "tag_moves_last_update", self._trial.step(self._trial.tag).moved
        # By the client: the helpdesk treats a repeated tag as a success, as a sync must.
        form = forms.tag_form(AddTag(self._trial.id, self._trial.agent, TAG))
        yield "repeated_tag_refused", _refused(lambda: self._desk.client.add_tag(self._trial.id, form))
        self._trial.step(self._trial.untag)

    def _closing(self) -> Iterator[tuple[str, Answer]]:
        trial = self._trial
        yield "close_moves_last_update", trial.step(trial.close).moved
        # Likewise for a repeated close.
        form = forms.close_form(SetStatus(trial.id, trial.agent, CLOSED))
        yield "repeated_close_refused", _refused(lambda: self._desk.client.close(trial.id, form))
        # On the closed conversation. Each act that may reopen is followed by another closing.
        yield "note_reopens", trial.step(trial.note).reopened
        trial.close_again()
        step = trial.step(trial.agent_writes)
        yield "agent_reply_reopens", step.reopened
        yield "agent_reply_assigns", step.after.registers.assignee is not None
        trial.close_again()
        yield "customer_reply_reopens", trial.step(trial.person_writes).reopened

    def _paging(self) -> Iterator[tuple[str, Answer]]:
        # A whole second earlier: cursors have microseconds, the conversation's own time does not.
        position = f"[{int(self._trial.seen.updated) - 1}, 0]"
        try:
            with self._forwards.turned():
                page = self._desk.client.conversations({}, position=position)
        except Rejected:
            yield "after_paging", False
            return
        found = any(str(row.get("id")) == self._trial.id for row in page.rows)
        yield "after_paging", found
        if found:
            # Where it is not null, a poll by `after` could go on from it in the next run.
            yield "after_cursor_null_at_head", self._forwards.cursor is None


def _refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except Rejected:
        return True
    return False
