"""Recognising a write of ours among what people wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.engine.plan.recognition.fingerprint import CLOCKS_APART, SLACK, Expected, match
from mappings.keyed import keyed
from mappings.model import Attachment, Author, AuthorKind, Message, Note, Part, Side
from mappings.text import text_hash
from tests.keys import KEY

SENT = 1_000.0
CUSTOMER = Author(AuthorKind.CUSTOMER, "c1", "Carla")
ANNA, STEFAN = Author(AuthorKind.AGENT, "11", "Anna"), Author(AuthorKind.AGENT, "12", "Stefan")
FILE = Attachment("a.png", "https://files.example/a.png")


def expected(text: str = "ok", **more: Any) -> Expected:
    """Return the fingerprint of a message as agent 11, in a conversation whose newest part is known."""
    made = {
        "conversation": "i1",
        "public": True,
        "text_hash": text_hash(text),
        "sent_at": SENT,
        "agent": "11",
        "newest": SENT - SLACK,
    }
    return Expected(**{**made, **more})


def part(number: int = 5, text: str = "ok", **more: Any) -> Part:
    """Return a message of agent 11 that an API call made."""
    made = {
        "type": "comment",
        "created": SENT + 1,
        "author": ANNA,
        "entries": (Message(text),),
        "by_api": True,
    }
    return Part(side=Side.INTERCOM, id=str(number), **{**made, **more})


def found(
    *parts: Part, want: Expected | None = None, claimed: tuple[str, ...] = (), **more: Any
) -> str | None:
    """Return the id of the part that answers for the write."""
    chosen = match(want or expected(), parts, claimed, key=KEY, **more)
    return chosen.id if chosen else None


@pytest.mark.parametrize(
    ("shown", "want"),
    [
        (part(), expected()),
        (part(text="  OK  then"), expected("OK then ")),  # white space is the side's own business
        (part(entries=(Note("ok"),)), expected(public=False)),
        (part(author=CUSTOMER, by_api=None), expected(agent=None)),
        (part(created=700.0), expected(created=700.0)),
        (part(created=700.0), expected(created=700.9)),  # whole seconds
        (part(author=Author(AuthorKind.AGENT)), expected()),  # the side does not say who
        (part(), expected(agent="default_admin")),  # a name that stands for whoever it is
        (part(created=SENT - SLACK), expected()),
        (part(entries=(Message("ok", (FILE,)),)), expected(files=("a.png",))),
        (part(), expected(files=("a.png",))),  # files may arrive later
        (part(by_api=None), expected()),
    ],
)
def test_a_write_is_recognised(shown: Part, want: Expected) -> None:
    """Author, kind, text, files and time are what a side keeps of a write."""
    assert found(shown, want=want) == "5"


@pytest.mark.parametrize(
    "stranger",
    [
        part(text="ok!"),
        part(entries=(Note("ok"),)),
        part(author=STEFAN),
        part(author=CUSTOMER),
        part(by_api=False),  # typed by hand
        part(created=SENT - SLACK - 1),  # there before
        part(removed=True),
        part(entries=()),
        part(external_id="somebody-else"),
    ],
)
def test_a_stranger_is_not_taken_for_ours(stranger: Part) -> None:
    """One thing that differs is enough."""
    assert found(stranger) is None


@pytest.mark.parametrize(
    ("known", "shown", "agent", "ours"),
    [("a", "a", "11", True), ("a", None, "11", False), (None, None, "11", True), ("a", None, None, True)],
    ids=["by an app", "typed", "apps are not shown", "a customer's"],
)
def test_where_apps_are_shown_a_part_without_one_was_typed(
    known: str | None, shown: str | None, agent: str | None, *, ours: bool
) -> None:
    """For a customer's own part no side says so."""
    one = part(app_code=shown, author=ANNA if agent else CUSTOMER)

    assert (found(one, want=expected(app_code=known, agent=agent)) == "5") is ours


def test_files_of_another_name_are_not_ours() -> None:
    """The same words with another file are another message."""
    other = part(entries=(Message("ok", (replace(FILE, name="b.png"),)),))

    assert found(other, want=expected(files=("a.png",))) is None


def test_a_note_is_never_taken_for_a_message() -> None:
    """Visibility is part of the fingerprint in both directions."""
    assert found(part(entries=(Note("ok"),)), want=expected(public=True)) is None
    assert found(part(entries=(Message("ok"),)), want=expected(public=False)) is None


def test_a_customer_s_identical_message_is_not_adopted_for_an_agent_s() -> None:
    """A human who types the same words as our copy keeps their message."""
    assert found(part(author=CUSTOMER, by_api=None)) is None


def test_an_agent_s_identical_message_is_not_adopted() -> None:
    """What was typed by hand is not ours even when the author and the words are."""
    typed, ours = part(4, by_api=False), part(5)

    assert found(typed, ours) == "5"
    assert found(typed) is None


def test_a_marker_wins_over_everything() -> None:
    """With a marker there is nothing to compare, and an earlier twin without it is left alone."""
    twin, ours = part(4), part(5, text="rewritten by the side", external_id="ic:ws:1")

    assert found(twin, ours, want=expected(marker="ic:ws:1")) == "5"


def test_a_marker_of_another_write_is_respected() -> None:
    """A part that carries somebody's marker is not ours by its words."""
    assert found(part(external_id="ic:ws:2"), want=expected(marker="ic:ws:1")) is None


def test_each_copy_answers_once() -> None:
    """Three equal messages are three messages: a claimed one is not claimed again."""
    three = [part(number) for number in (5, 6, 7)]
    claimed: tuple[str, ...] = ()
    for _ in range(4):
        chosen = found(*three, claimed=claimed)
        claimed += (chosen,) if chosen else ()

    assert claimed == ("5", "6", "7")


def test_what_an_app_wrote_goes_before_a_person_s_equal_words() -> None:
    """Before our own code is learnt: a teammate typed the same in the same second, and stands first."""
    typed, ours = part(1, by_api=None), part(2, by_api=None, app_code="conn-1")

    assert found(typed, ours) == "2"
    assert found(typed, ours, want=expected(created=SENT + 1)) == "2"
    assert found(typed, ours, claimed=("2",)) == "1"


def test_the_oldest_of_several_is_taken() -> None:
    """Order decides, not the position in the answer."""
    assert found(part(9), part(10), part(7)) == "7"


def test_a_confirmed_write_forgives_another_time() -> None:
    """When the side said yes, a creation time that it changed does not matter."""
    late = part(created=SENT + 30)

    assert found(late, want=expected(created=400.0)) is None
    assert found(late, want=expected(created=400.0), answered=True) == "5"
    assert found(part(created=SENT - CLOCKS_APART - 1), want=expected(created=400.0), answered=True) is None


def test_a_confirmed_write_forgives_a_date_ahead_of_the_records_when_one_part_can_be_meant() -> None:
    """Two that are alike are two guesses, and an unconfirmed write may not be there at all."""
    early = part(created=SENT - 60)

    assert found(early, answered=True) == "5"
    assert found(early) is None
    assert found(early, part(4, created=SENT - 50), answered=True) is None


def test_a_confirmed_write_prefers_the_exact_time() -> None:
    """Forgiving is for want of something better only."""
    assert found(part(4), part(5, created=400.0), want=expected(created=400.0), answered=True) == "5"


@given(
    st.builds(
        Expected,
        conversation=st.text(),
        public=st.booleans(),
        text_hash=st.text().map(text_hash),
        sent_at=st.floats(0, 1e10),
        marker=st.text(),
        agent=st.none() | st.text(),
        created=st.none() | st.floats(0, 1e10),
        files=st.lists(st.text(), max_size=3).map(tuple),
        source=st.text(),
        person=st.text(),
        by_external_id=st.booleans(),
    )
)
def test_a_fingerprint_survives_the_journal(want: Expected) -> None:
    """What an intent keeps is what is looked for after a crash."""
    assert Expected.load(want.dump(KEY)) == replace(want, text_hash=keyed(KEY, want.text_hash))


@pytest.mark.parametrize("ahead", [40.0, 300.0])
def test_a_date_ahead_of_the_records_hides_no_write(ahead: float) -> None:
    """Times of records are compared with each other: the newest that was shown before, not a `Date`."""
    want = expected(sent_at=SENT + ahead).after([part(1, created=SENT - 90), part(2, "other", created=SENT)])

    assert found(part(5), want=want) == "5"
    assert found(part(5, created=SENT - 1), want=want) is None
    assert found(part(5), want=expected(sent_at=SENT + ahead, newest=None)) == "5"
    assert found(part(5), want=expected(sent_at=SENT + 700, newest=None)) is None


def test_what_stood_there_before_is_no_write_of_ours() -> None:
    """A person may have said the same in the very second that was the newest."""
    person, ours = part(4, created=SENT - 2), part(5, created=SENT - 2)
    want = Expected.load(expected(sent_at=SENT).after([person, part(3, created=SENT - 9)]).dump(KEY))

    assert found(person, want=want) is None
    assert found(person, ours, want=want) == "5"
    assert expected().after([]) == expected()
