"""What Intercom's documents leave open, asked of a real workspace in the configured version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.doctor.trial import NAME, TAG, Answer, Step, Trial, first
from connector.errors import ConnectorError, Rejected
from connector.helpdesk.port import Person, Redact
from connector.http.waiting import wait
from mappings.model import Customer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.intercom.helpdesk import IntercomHelpdesk
    from connector.intercom.versions import Version
    from mappings.model import Part, Seconds

PATIENCE: Seconds = 60.0  # a search that lags longer needs another overlap anyway
# Far enough that no clock and no rounding can explain it.
_HALF_AN_HOUR, _DAY = 1800, 86_400


def make_person(helpdesk: IntercomHelpdesk, external_id: str) -> Person:
    """Create the test person, who has a name and no address; one that exists is used again."""
    made = helpdesk.create_customer(Customer(external_id, external_id, name=NAME))
    if made is None:
        raise ConnectorError("somebody else has the id of the test person", hint="look at who it is")
    return made


class IntercomQuestions:
    """The questions, in an order in which each finds the conversation as it needs it."""

    def __init__(self, trial: Trial, helpdesk: IntercomHelpdesk, version: Version) -> None:
        self._trial = trial
        self._desk = helpdesk
        self._version = version

    def ask(self) -> Iterator[tuple[str, Answer]]:
        """Yield each answer by name; what the version does not know is not asked."""
        # The conversation was opened an hour back: half of that is surely not the moment of writing.
        if self._version.has("create created_at"):
            yield "create_back_dated", self._trial.seen.created < self._desk.now() - _HALF_AN_HOUR
        step = self._trial.step(self._trial.note)
        made = first(step)
        # A part that is not read at once would be looked for, and perhaps sent, a second time.
        yield "reads_own_writes", made is not None
        if self._version.has("app_package_code"):
            yield "app_package_code", made.app_code if made else None
        if self._version.has("admin created_at"):
            yield from self._back_dating(made)
        yield from self._closing()
        yield from self._tags()
        if self._version.has("redaction") and made is not None:
            yield "redaction_moves_updated_at", self._trial.step(lambda: self._redact(made)).moved
        yield from self._searching()

    def _redact(self, part: Part) -> None:
        self._desk.send(Redact(self._trial.id, part.id))

    def _back_dating(self, newer: Part | None) -> Iterator[tuple[str, Answer]]:
        past = float(int(self._desk.now()) - _HALF_AN_HOUR)
        step = self._trial.step(lambda: self._trial.note(created=past))
        made = first(step)
        kept = made is not None and made.created == past
        yield "back_dating", kept
        yield "back_dated_note_moves_updated_at", step.moved
        if kept and made is not None and newer is not None:
            yield "parts_ordered_by", self._order(made, newer)
            yield "time_before_the_conversation", self._too_early()

    def _order(self, older: Part, newer: Part) -> str:
        """Tell whether a part with an older time, written later, comes before or after the newer one."""
        # As it was sent: the helpdesk sorts parts before anybody sees them.
        listed = self._desk.client.conversation(self._trial.id).get("conversation_parts") or {}
        ids = [str(part.get("id")) for part in listed.get("conversation_parts", ())]
        if older.id not in ids or newer.id not in ids:
            return "unknown"
        return "created_at" if ids.index(older.id) < ids.index(newer.id) else "writing"

    def _too_early(self) -> str:
        before = float(int(self._trial.seen.created) - _DAY)
        try:
            made = first(self._trial.step(lambda: self._trial.note(created=before)))
        except Rejected:
            return "refused"
        return "kept" if made is not None and made.created == before else "changed"

    def _closing(self) -> Iterator[tuple[str, Answer]]:
        trial = self._trial
        yield "close_moves_updated_at", trial.step(trial.close).moved
        yield "note_reopens", trial.step(trial.note).reopened
        trial.close_again()
        # The whole probe depends on silence.
        if self._desk.capabilities.silent_messages:  # else the message would notify
            yield "agent_reply_reopens", trial.step(trial.agent_writes).reopened
            trial.close_again()
        yield "customer_reply_reopens", trial.step(trial.person_writes).reopened

    def _tags(self) -> Iterator[tuple[str, Answer]]:
        if not self._desk.capabilities.tags:
            return
        # A tag of that name that people made is theirs: it stays.
        there = self._desk.client.find_tag(TAG) is not None
        try:
            step = self._trial.step(self._trial.tag)
            yield "tag_moves_updated_at", step.moved
            yield "tag_writes_part", bool(step.new)
            self._trial.step(self._trial.untag)
        finally:
            if not there:
                self._remove_tag()

    def _remove_tag(self) -> None:
        made = self._desk.client.find_tag(TAG)
        if made is not None:
            self._desk.client.call("DELETE", f"/tags/{made}", asked="the removal of the test tag")

    def _searching(self) -> Iterator[tuple[str, Answer]]:
        step = self._trial.step(self._trial.note)
        delay = self._delay(step)
        yield "search_delay", delay
        if delay is not None and self._version.has("search"):
            yield "search_includes_equal", self._includes_equal(step)

    def _delay(self, step: Step) -> int | None:
        """Return after how many seconds lists show a change; None when not within a minute."""
        begun = self._trial.clock.now()
        while (waited := self._trial.clock.now() - begun) <= PATIENCE:
            rows = self._desk.changed_since(step.after.updated)
            if any(row.id == step.after.id and row.updated >= step.after.updated for row in rows):
                return round(waited)
            wait(self._trial.clock, 1.0)
        return None

    def _includes_equal(self, step: Step) -> bool:
        wanted = [
            {"field": "contact_ids", "operator": "=", "value": self._trial.person.id},
            # The specification says that `>` includes what is equal; others report that it does not.
            {"field": "updated_at", "operator": ">", "value": int(step.after.updated)},
        ]
        asked, body = "the search for conversations", {"query": {"operator": "AND", "value": wanted}}
        page = self._desk.client.call("POST", "/conversations/search", asked=asked, body=body)
        rows = self._desk.client.rows(page, "conversations", asked=asked)
        return any(str(row.get("id")) == step.after.id for row in rows)
