"""What words become: a note that lacks its speaker becomes nothing, never a message."""

from __future__ import annotations

import pytest

from connector.engine.plan.actions import Form, PostWords
from connector.engine.write.drafts import write_of
from connector.helpdesk.port import PostMessage, PostNote
from mappings.model import Side


def _words(form: Form, agent: str | None) -> PostWords:
    return PostWords(Side.INTERCOM, form, "marker", "1", "Only for us", agent=agent)


@pytest.mark.parametrize("form", [Form.NOTE, Form.START])
def test_without_a_speaker_nothing_is_written(form: Form) -> None:
    """A note without an agent, or a start without a person, is refused instead of sent as a message."""
    with pytest.raises(ValueError, match="nobody is there"):
        write_of(_words(form, None), "c1", None, (), None)


def test_each_form_has_its_own_write() -> None:
    """A note becomes a note, a message a message."""
    assert isinstance(write_of(_words(Form.NOTE, "7"), "c1", None, (), None), PostNote)
    assert isinstance(write_of(_words(Form.MESSAGE, "7"), "c1", None, (), None), PostMessage)
