"""Carries out writes on Dashly. What it has no call for is refused before anything is sent."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, NoReturn

from connector.dashly import forms
from connector.errors import Gone, Rejected, Unclear
from connector.helpdesk.port import (
    AddTag,
    Assign,
    DeleteConversation,
    PostMessage,
    PostNote,
    Receipt,
    Redact,
    RemoveTag,
    SetStatus,
    StartConversation,
)
from mappings.model import State
from mappings.wire.values import read_optional_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.dashly.client import DashlyClient, Form
    from connector.helpdesk.port import File, Write
    from connector.http.lists import Json

_TAG_DONE = frozenset({"ConversationTagAlreadyAssigned", "ConversationTagIsNotAssigned"})


class Writer:
    """The writes of a ``DashlyHelpdesk``."""

    def __init__(self, client: DashlyClient) -> None:
        self._client = client

    def send(self, write: Write) -> Receipt:
        """Carry out one write."""
        match write:
            case StartConversation():
                return self._start(write)
            case PostMessage():
                return self._reply(write.conversation, _message_form(write), write.files)
            case PostNote():
                return self._reply(write.conversation, forms.note_form(write), write.files)
            case Assign():
                return self._assign(write)
            case SetStatus():
                return self._set_status(write)
            case AddTag() | RemoveTag():
                return self._tag(write)
            case Redact():
                return _impossible("erasing a part")
            case DeleteConversation():
                return _impossible("deleting a conversation")

    def _start(self, write: StartConversation) -> Receipt:
        conversation = _id(self._client.start_conversation(write.customer.id, forms.start_form(write)))
        if conversation is None:
            raise Unclear(
                "Dashly opened a conversation but did not say which.",
                hint="The next run looks for it before anything is sent again.",
            )
        return Receipt(conversation=conversation)

    def _reply(self, conversation: str, form: Form, files: tuple[File, ...]) -> Receipt:
        if len(files) > 1:
            _impossible("more than one file in a reply")
        with self._gone_only_if_gone(conversation):
            return _made(self._client.reply(conversation, form, file=files[0] if files else None))

    def _assign(self, write: Assign) -> Receipt:
        if write.assignee is None and write.team is not None:
            _impossible("assigning to a team")
        call = functools.partial(self._client.assign, write.conversation, forms.assign_form(write))
        return self._act(
            write.conversation, call, lambda raw: write.assignee is None and not raw.get("assignee")
        )

    def _set_status(self, write: SetStatus) -> Receipt:
        if write.status.state is not State.CLOSED:
            _impossible("reopening or snoozing a conversation")
        call = functools.partial(self._client.close, write.conversation, forms.close_form(write))
        return self._act(write.conversation, call, lambda raw: raw.get("closed") is True)

    def _act(self, conversation: str, call: Callable[[], Json], done: Callable[[Json], bool]) -> Receipt:
        """Change state or assignment; a refusal counts as done when it is so already."""
        try:
            with self._gone_only_if_gone(conversation):
                return _made(call())
        except Gone:
            raise
        except Rejected:
            if not done(self._client.conversation(conversation)):
                raise
            return Receipt()

    def _tag(self, write: AddTag | RemoveTag) -> Receipt:
        call = self._client.add_tag if isinstance(write, AddTag) else self._client.remove_tag
        try:
            with self._gone_only_if_gone(write.conversation):
                return _made(call(write.conversation, forms.tag_form(write)))
        except Rejected as error:
            if error.code in _TAG_DONE:
                return Receipt()
            raise

    @contextlib.contextmanager
    def _gone_only_if_gone(self, conversation: str) -> Iterator[None]:
        """Ask whether the conversation is there: an unknown agent is refused in the same words."""
        try:
            yield
        except Gone as error:
            self._client.conversation(conversation)
            raise Rejected(str(error), status=error.status, code=error.code, hint=_UNKNOWN_AGENT) from error


_UNKNOWN_AGENT = "The conversation exists: check the Dashly ids in [map.admins] and default_admin."


def _message_form(write: PostMessage) -> Form:
    if write.customer is not None and write.agent is None:
        return forms.customer_form(write, write.customer)
    if write.agent is not None and write.customer is None:
        return forms.agent_form(write, write.agent)
    raise ValueError("a message has exactly one author")


def _made(data: Json) -> Receipt:
    return Receipt(part=_id(data))


def _id(data: Json) -> str | None:
    return read_optional_id(data.get("id"))


def _impossible(what: str) -> NoReturn:
    raise Rejected(f"Dashly has no call for {what}.", status=0, code="no_api")
