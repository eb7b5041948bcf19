"""Turning a carry into the write that a helpdesk understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form, PostWords
from connector.helpdesk.port import Person, PostMessage, PostNote, StartConversation
from mappings.model import Side

if TYPE_CHECKING:
    from connector.helpdesk.port import File, Write
    from mappings.model import Seconds


def write_of(
    carry: PostWords,
    conversation: str,
    person: Person | None,
    files: tuple[File, ...],
    created: Seconds | None,
) -> Write:
    """Return the write that carries words; a note has a branch of its own."""
    marker = carry.marker if carry.target is Side.DASHLY else ""
    match carry.form:
        case Form.START if person is not None:
            return StartConversation(person, carry.text, created)
        case Form.NOTE if carry.agent is not None:
            return PostNote(conversation, carry.text, carry.agent, files, created, marker)
        case _:
            return PostMessage(
                conversation,
                carry.text,
                customer=person,
                agent=carry.agent,
                files=files,
                created=created,
                silent=carry.silent,
                marker=marker,
            )
