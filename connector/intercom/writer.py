"""Carries out writes on Intercom, in either generation.

A message that must be silent and cannot be in this version is refused before anything is sent.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

from connector.errors import Gone, Rejected, Unclear
from connector.helpdesk.port import (
    AddTag,
    Assign,
    CustomerMerged,
    DeleteConversation,
    Person,
    PostMessage,
    PostNote,
    Receipt,
    Redact,
    RemoveTag,
    SetStatus,
    StartConversation,
)
from connector.http.waiting import wait
from connector.intercom import bodies
from connector.intercom.generation import Contact
from connector.intercom.versions import capabilities
from mappings.model import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.helpdesk.port import File, Write
    from connector.host.clock import Clock
    from connector.intercom.answers import Json
    from connector.intercom.client import IntercomClient
    from connector.intercom.generation import Generation, Started
    from connector.intercom.versions import Settings
    from connector.intercom.views import Views
    from mappings.model import Registers

# A contact made a moment ago may not be known yet where conversations are made.
_PATIENCE = (2.0, 4.0)
_UNKNOWN_OTHER = "The conversation exists: check the Intercom ids in [map.admins] and default_admin."


class Writer:
    """The writes of an ``IntercomHelpdesk``."""

    def __init__(
        self,
        client: IntercomClient,
        generation: Generation,
        views: Views,
        clock: Clock,
        *,
        settings: Settings,
    ) -> None:
        self._client = client
        self._max_files = capabilities(client.version).files_per_message
        self._generation = generation
        self._clock = clock
        self._views = views
        self._loud_mirror = settings.loud_mirror
        self._tag_version = settings.tag_version

    def send(self, write: Write, known: frozenset[str]) -> Receipt:
        """Carry out one write; ``known`` parts are left out of what is shown."""
        match write:
            case StartConversation():
                return self._start(write)
            case PostMessage():
                return self._message(write, known)
            case PostNote():
                body = bodies.note_body(write, self._client.version)
                return self._reply(write.conversation, body, known, write.files)
            case Assign():
                return self._assign(write, known)
            case SetStatus():
                return self._set_status(write, known)
            case AddTag() | RemoveTag():
                return self._tag(write)
            case Redact():
                return self._redact(write, known)
            case DeleteConversation():
                return self._delete(write)

    def _start(self, write: StartConversation) -> Receipt:
        contact = self._contact(write.customer)
        started, current = self._start_patiently(contact, write)
        if started.conversation is None:
            raise Unclear(
                "Intercom opened a conversation but did not say which.",
                hint="The next run looks for it before anything is sent again.",
            )
        return Receipt(
            started.conversation,
            part=f"{bodies.SOURCE_PREFIX}{started.message}",
            merged=_became(contact.id, current.id),
        )

    def _start_patiently(self, contact: Contact, write: StartConversation) -> tuple[Started, Contact]:
        """Open it, again after a pause when the contact is new, or as who the contact really is by now."""
        for seconds in _PATIENCE:
            try:
                return self._generation.start(contact, write.text, write.created), contact
            except Rejected as error:
                refused = error.status == HTTPStatus.BAD_REQUEST  # so may a lead be that is named a user
                current = self._generation.current(contact.id) if refused or _missing(error) else None
                if current is None or (refused and current == contact):
                    raise
                if current == contact:
                    wait(self._clock, seconds)
                contact = current
        return self._generation.start(contact, write.text, write.created), contact

    def _contact(self, person: Person) -> Contact:
        if not person.by_external_id:
            return Contact(person.id)
        found = self._generation.by_external_id(person.id)
        if found is None:
            raise Gone("Intercom does not know this customer.", status=404, code="not_found")
        return found

    def _message(self, write: PostMessage, known: frozenset[str]) -> Receipt:
        if write.customer is not None and write.agent is None:
            return self._customer_message(write, write.customer, known)
        if write.agent is not None and write.customer is None:
            body = bodies.agent_body(write, write.agent, self._client.version, silent=self._silence(write))
            return self._reply(write.conversation, body, known, write.files)
        raise ValueError("a message has exactly one author")

    def _customer_message(self, write: PostMessage, customer: Person, known: frozenset[str]) -> Receipt:
        try:
            body = bodies.customer_body(write, customer, self._client.version)
            return self._reply(write.conversation, body, known, write.files)
        except Gone:
            raise
        except Rejected as error:
            current = self._generation.current(customer.id) if _missing(error) else None
            if customer.by_external_id or current is None or current.id == customer.id:
                raise
        body = bodies.customer_body(write, Person(current.id), self._client.version)
        receipt = self._reply(write.conversation, body, known, write.files)
        return replace(receipt, merged=_became(customer.id, current.id))

    def _silence(self, write: PostMessage) -> bool:
        """Return whether to send the flag that forbids notifications."""
        if not write.silent or self._client.version.has("skip_notifications"):
            return write.silent
        if self._loud_mirror:
            return False
        raise Rejected(
            f"Intercom {self._client.version} cannot post an agent's message without notifying the customer.",
            status=0,
            code="not_silent",
            hint="Use api_version 2.15 or later, or set loud_mirror in [intercom].",
        )

    def _reply(
        self, conversation: str, body: Json, known: frozenset[str], files: tuple[File, ...] = ()
    ) -> Receipt:
        if len(files) > self._max_files:
            _impossible(f"{len(files)} files in a reply")
        with self._gone_only_if_gone(conversation):
            return Receipt(view=self._views.written(self._client.reply(conversation, body), known))

    def _assign(self, write: Assign, known: frozenset[str]) -> Receipt:
        def done(now: Registers) -> bool:
            if write.assignee is not None:
                return now.assignee == write.assignee
            return now.team == write.team if write.team is not None else now.assignee is None

        return self._act(write.conversation, bodies.assign_body(write), known, done)

    def _set_status(self, write: SetStatus, known: frozenset[str]) -> Receipt:
        if write.status.state is State.SNOOZED and write.status.until is None:
            _impossible("snoozing without an end")
        return self._act(
            write.conversation, bodies.status_body(write), known, lambda now: now.status == write.status
        )

    def _act(
        self, conversation: str, body: Json, known: frozenset[str], done: Callable[[Registers], bool]
    ) -> Receipt:
        """Change state or assignment; a refusal counts as done when it is so already."""
        try:
            return Receipt(view=self._views.written(self._generation.act(conversation, body), known))
        except Rejected as error:
            view = self._views.whole(self._client.conversation(conversation))
            if done(view.registers):
                return Receipt(view=view)
            raise _not_gone(error) from error

    def _tag(self, write: AddTag | RemoveTag) -> Receipt:
        if not self._client.version.has("conversation tags") and self._tag_version is None:
            _impossible("tags on a conversation in this version")
        adding = isinstance(write, AddTag)
        try:
            self._change_tag(write, adding=adding)
        except Gone:
            raise
        except Rejected as error:
            # A tag that was made again since has another id.
            if _missing(error) and self._client.forget_kept_tags():
                return self._tag(write)
            if adding or error.code != "tag_not_found":
                raise
        return Receipt()

    def _change_tag(self, write: AddTag | RemoveTag, *, adding: bool) -> None:
        tag = (self._client.find_or_create_tag if adding else self._client.find_tag)(write.tag)
        if tag is None:
            return
        call = self._client.tag if adding else self._client.untag
        with self._gone_only_if_gone(write.conversation):
            call(write.conversation, tag, actor=write.actor, version=self._tag_version)

    def _redact(self, write: Redact, known: frozenset[str]) -> Receipt:
        if not self._client.version.has("redaction"):
            _impossible("erasing a part in this version")
        with self._gone_only_if_gone(write.conversation):
            made = self._client.redact(bodies.redact_body(write))
            return Receipt(view=self._views.written(made, known - {write.part}))

    def _delete(self, write: DeleteConversation) -> Receipt:
        if not self._client.version.has("deletion"):
            _impossible("deleting a conversation in this version")
        with contextlib.suppress(Gone):
            self._client.delete_conversation(write.conversation)
        return Receipt()

    @contextlib.contextmanager
    def _gone_only_if_gone(self, conversation: str) -> Iterator[None]:
        """Ask whether the conversation is there: a missing person or tag is refused in the same words."""
        try:
            yield
        except Gone as error:
            self._client.conversation(conversation)
            raise _not_gone(error) from error


def _not_gone(error: Rejected) -> Rejected:
    """Return a refusal without the claim that the conversation is gone."""
    if not isinstance(error, Gone):
        return error
    return Rejected(str(error), status=error.status, code=error.code, hint=_UNKNOWN_OTHER)


def _became(was: str, now: str) -> CustomerMerged | None:
    return None if was == now else CustomerMerged(was, now)


def _missing(error: Rejected) -> bool:
    return error.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


def _impossible(what: str) -> NoReturn:
    raise Rejected(f"Intercom has no call for {what}.", status=0, code="no_api")
