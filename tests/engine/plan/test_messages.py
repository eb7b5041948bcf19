"""How the new words of one side reach the other."""

from __future__ import annotations

from typing import Any

import pytest

from connector.engine.plan.actions import Form, Plan
from connector.engine.plan.planner import plan
from mappings.model import Author, AuthorKind, Event, Message, Note, Side, TagsChanged
from tests.engine.plan.plans import conversation, dispositions, notices, posts, said

D, IC = Side.DASHLY, Side.INTERCOM
DAY = 86_400.0


def test_a_customer_s_first_message_opens_the_mirror(make: Any) -> None:
    """The mirror begins with the customer's own words, at their own time."""
    hello = make.part(D, 1, Message("Hello"))

    planned = plan(make.snapshot(make.pair(D), make.view(D, hello)), make.policy())

    (start,) = posts(planned)
    assert (start.target, start.form, start.text, start.agent) == (IC, Form.START, "Hello", None)
    assert (start.marker, start.source, start.created) == ("da:app:1", "1", hello.created)
    assert dispositions(planned) == {"1": "copied"}


@pytest.mark.parametrize("opener", ["agent", "bot"])
def test_a_conversation_that_we_started_is_opened_by_a_neutral_line(make: Any, opener: str) -> None:
    """Nothing is sent as outbound: a stub as the customer, then the real message, silent."""
    first = make.part(D, 1, Message("News!"), by=getattr(make, opener), ago=50.0)

    planned = plan(make.snapshot(make.pair(D), make.view(D, first)), make.policy())

    expected = {"agent": ("message", "News!", "11"), "bot": ("message", "Robi (bot): News!", "980")}
    assert said(planned) == [("start", "Conversation copied from Dashly.", None), expected[opener]]
    assert all(post.silent for post in posts(planned))
    assert dispositions(planned) == {"1": "copied"}


def test_a_campaign_of_nobody_opens_the_mirror_with_a_stub_and_a_note(make: Any) -> None:
    """Whoever cannot be named speaks in a note only."""
    first = make.part(D, 1, Message("News!"), by=make.nobody)

    planned = plan(make.snapshot(make.pair(D), make.view(D, first)), make.policy())

    assert [post.form for post in posts(planned)] == [Form.START, Form.NOTE]


def test_a_note_alone_opens_the_mirror_privately(make: Any) -> None:
    """The words of a first note are in a note, never in the opening."""
    first = make.part(D, 1, Note("He owes us"), by=make.agent)

    planned = plan(make.snapshot(make.pair(D), make.view(D, first)), make.policy())

    assert said(planned) == [
        ("start", "Conversation copied from Dashly.", None),
        ("note", "He owes us", "11"),
    ]


def test_a_conversation_of_events_only_is_not_mirrored(make: Any) -> None:
    """A tag or an assignment alone is no reason to make a conversation."""
    tagged = make.part(D, 1, TagsChanged(("vip",)), by=make.agent)

    assert plan(make.snapshot(make.pair(D), make.view(D, tagged)), make.policy()) == Plan()


def test_the_stub_is_not_younger_than_what_follows(make: Any) -> None:
    """The neutral line carries the time of the conversation's beginning."""
    first = make.part(D, 1, Message("News!"), by=make.agent, ago=500.0)

    stub, message = posts(plan(make.snapshot(make.pair(D), make.view(D, first)), make.policy()))

    assert stub.created is not None
    assert message.created is not None
    assert stub.created <= message.created


def test_equal_texts_are_two_messages(make: Any) -> None:
    """Two messages "ok" are carried twice, under two markers, in order."""
    parts = [make.part(D, 1, Message("ok"), ago=50), make.part(D, 2, Message("ok"), ago=50)]

    planned = plan(conversation(make, *parts), make.policy())

    assert [post.marker for post in posts(planned)] == ["da:app:1", "da:app:2"]


def test_order_is_by_time_and_then_by_number(make: Any) -> None:
    """Part 10 of the same second follows part 9."""
    parts = [make.part(D, 10, Message("b"), ago=50), make.part(D, 9, Message("a"), ago=50)]

    planned = plan(conversation(make, *parts), make.policy())

    assert [post.source for post in posts(planned)] == ["9", "10"]


def test_an_unmapped_agent_speaks_through_the_default_with_their_name(make: Any) -> None:
    """Nobody's words are put under another person's name without saying so."""
    part = make.part(D, 1, Message("Hi"), by=make.stranger)

    assert said(plan(conversation(make, part), make.policy())) == [("message", "Stefan (agent): Hi", "990")]


def test_a_second_customer_is_named(make: Any) -> None:
    """Among several people each line says who wrote it, except the customer's own."""
    other = make.part(D, 2, Message("Me too"), by=Author(AuthorKind.CUSTOMER, "u2", "Udo"), ago=10)
    first = make.part(D, 1, Message("Hi"))

    planned = plan(conversation(make, first, other), make.policy())

    assert said(planned) == [("message", "Hi", None), ("message", "Udo (customer): Me too", None)]


def test_an_event_becomes_a_note(make: Any) -> None:
    """What exists on one side only is told to agents in one line."""
    part = make.part(IC, 1, Event("Rated 5 of 5"), by=make.nobody)

    planned = plan(conversation(make, part, source=IC, origin=IC), make.policy())

    assert said(planned) == [("note", "Rated 5 of 5", "98")]
    assert dispositions(planned) == {"1": "note"}


def test_an_agent_s_message_in_the_mirror_is_delivered(make: Any) -> None:
    """That is the point of the connector: it reaches the customer on the origin."""
    part = make.part(IC, 1, Message("Hi"), by=Author(AuthorKind.AGENT, "11", "Anna"))

    (post,) = posts(plan(conversation(make, part, source=IC), make.policy()))

    assert (post.target, post.form, post.agent, post.silent) == (D, Form.MESSAGE, "1", False)


def test_a_late_message_becomes_a_note_and_a_person_hears(make: Any) -> None:
    """Older than max_age: nobody is surprised by yesterday's mail, but somebody is told."""
    part = make.part(D, 1, Message("Hi"), by=make.agent, ago=DAY + 1)

    planned = plan(conversation(make, part, origin=IC), make.policy())

    (post,) = posts(planned)
    assert (post.form, post.silent) == (Form.NOTE, True)
    assert "Not delivered" in post.text
    assert "".join(notices(planned)) == (
        "Dashly conversation d1: an answer (part 1) was seen too late; in Intercom it is a note, "
        "and the customer did not get it"
    )


def test_a_message_just_in_time_is_delivered(make: Any) -> None:
    """Exactly max_age old is not too old."""
    part = make.part(D, 1, Message("Hi"), by=make.agent, ago=DAY)

    (post,) = posts(plan(conversation(make, part, origin=IC), make.policy()))

    assert (post.form, post.silent) == (Form.MESSAGE, False)


def test_a_backfill_delivers_nothing(make: Any) -> None:
    """History is silent always, however fresh it is."""
    part = make.part(IC, 1, Message("Hi"), by=Author(AuthorKind.AGENT, "11", "Anna"), ago=1)

    planned = plan(conversation(make, part, source=IC, backfill=True), make.policy())

    assert [post.form for post in posts(planned)] == [Form.NOTE]
    assert notices(planned) == ()


def test_history_goes_to_intercom_with_its_own_times(make: Any) -> None:
    """Native parts, back-dated, in their old order."""
    parts = [
        make.part(D, 1, Message("Help"), ago=3 * DAY),
        make.part(D, 2, Message("Here"), by=make.agent, ago=2 * DAY),
    ]
    snapshot = make.snapshot(make.pair(D), make.view(D, *parts), backfill=True)

    planned = plan(snapshot, make.policy())

    assert [(c.form, c.created) for c in posts(planned)] == [
        (Form.START, parts[0].created),
        (Form.MESSAGE, parts[1].created),
    ]
