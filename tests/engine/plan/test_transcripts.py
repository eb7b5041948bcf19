"""History written out in notes."""

from __future__ import annotations

from typing import Any

from connector.engine.plan.actions import Form
from connector.engine.plan.planner import plan
from mappings.languages import Language
from mappings.model import Author, AuthorKind, Message, Note, Side
from tests.engine.plan.plans import conversation, dispositions, notices, posts

D, IC = Side.DASHLY, Side.INTERCOM
DAY = 86_400.0


def test_history_goes_to_dashly_as_a_transcript(make: Any) -> None:
    """One silent note with times and authors; the opening is a neutral line, not the old message."""
    parts = [
        make.part(IC, 1, Message("Help"), ago=3 * DAY),
        make.part(IC, 2, Message("Here"), by=make.agent, ago=2 * DAY),
        make.part(IC, 3, Note("easy"), by=make.agent, ago=2 * DAY),
    ]

    planned = plan(make.snapshot(make.pair(IC), make.view(IC, *parts)), make.policy())

    stub, history = posts(planned)
    assert (stub.form, stub.text) == (Form.START, "Conversation copied from Intercom.")
    assert history.form is Form.NOTE
    for words in ("History copied from Intercom", "UTC", "Carla", "Help", "Anna", "Here", "note: easy"):
        assert words in history.text
    assert dispositions(planned) == dict.fromkeys("123", "transcript")


def test_live_messages_follow_the_transcript(make: Any) -> None:
    """What is old is in the note, what is new is a message again."""
    parts = [make.part(IC, 1, Message("old"), ago=3 * DAY), make.part(IC, 2, Message("new"))]

    planned = plan(make.snapshot(make.pair(IC), make.view(IC, *parts)), make.policy())

    assert [post.form for post in posts(planned)] == [Form.START, Form.NOTE, Form.MESSAGE]
    assert dispositions(planned) == {"1": "transcript", "2": "copied"}


def test_a_late_agent_message_in_a_transcript_is_told(make: Any) -> None:
    """Written out as history or not: a person hears that the customer never got it."""
    part = make.part(IC, 1, Message("Hi"), by=Author(AuthorKind.AGENT, "11", "Anna"), ago=2 * DAY)

    planned = plan(conversation(make, part, source=IC), make.policy())

    assert "".join(notices(planned)) == (
        "Intercom conversation i1: an answer (part 1) was seen too late; in Dashly it is a note, "
        "and the customer did not get it"
    )


def test_a_message_that_goes_on_in_the_next_note_says_where(make: Any) -> None:
    """A run that stops between the notes goes on behind the words that are there."""
    text = " ".join(f"word{number:03}" for number in range(150))
    parts = [make.part(IC, 1, Message("Help"), ago=3 * DAY), make.part(IC, 2, Message(text), ago=2 * DAY)]

    first, *others = posts(plan(conversation(make, *parts, source=IC, origin=IC), make.policy()))

    assert first.begins is not None
    assert (first.begins.of, first.begins.language) == ("2", Language.ENGLISH)
    assert text.endswith(others[0].text.split("\n")[-1][-20:].strip()) or len(others) > 1
    told = sum(word in first.text for word in text.split())
    assert len(text[-first.begins.left[0] :].split()) == len(text.split()) - told
    assert others[-1].begins is None
