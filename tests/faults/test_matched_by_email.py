"""Customers and their addresses: `[people] match_email`, and addresses that are an identity in Intercom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.app import inspecting
from connector.engine.past.choice import Choice
from connector.helpdesk.query import HistoryQuery
from connector.sandbox.switches import IntercomSwitches
from tests.faults.conversations import bodies, told
from tests.faults.lab import IC, Crash

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

EVA = "eva@example.org"
USERS = {"people": {"match_email": "users"}}
NOTE = "Matched by e-mail"
WITHHELD = "it is not on their record here"
TWICE = IntercomSwitches(email_is_merge_key=False)


def contacts_of_talks(lab: Lab) -> list[str]:
    """Return whose the conversations in Intercom are."""
    return [str(talk.contacts[0]) for talk in lab.world.intercom.state.conversations.values()]


def asks(lab: Lab, text: str = "a question.", **known: Any) -> str:
    """Let a Dashly user with Eva's address begin a conversation."""
    dashly = lab.world.dashly
    return dashly.customer_starts(dashly.customer("Eva", email=EVA, **known), text)


@pytest.mark.parametrize("known", [{}, {"user_id": "acct-1"}])
@pytest.mark.parametrize("typed", [EVA, "Eva@Example.ORG"])
def test_the_one_user_with_the_address_is_taken_and_agents_are_told_once(
    theatre: Theatre, typed: str, known: dict[str, str]
) -> None:
    """One note a person, in their first conversation; nothing on their record changes."""
    lab = theatre.bound(settings=USERS)
    there = lab.world.intercom.customer("E. Lind", email=typed)
    lab.world.intercom.customer("A lead", email=EVA, role="lead")
    talk = asks(lab, **known)
    lab.until_clean(lab.sync)
    user = str(lab.world.dashly.state.conversations[int(talk)].user)
    lab.world.dashly.customer_starts(user, "a second one.")
    lab.until_clean(lab.sync)

    assert contacts_of_talks(lab) == [there, there]
    assert told(lab, "intercom", NOTE) == 1
    kept = lab.world.intercom.state.contacts[there]
    assert (kept.name, kept.email, kept.external_id) == ("E. Lind", typed, None)
    assert lab.world.notifications(via="api") == []
    assert lab.differences() == []


@pytest.mark.parametrize("version", ["2.16", "1.4"])
@pytest.mark.parametrize(
    "others",
    [[{"role": "lead"}], [{"user_id": "acct-9"}], [{}, {}]],
    ids=["a lead", "has an id", "two users"],
)
def test_nobody_else_is_taken(theatre: Theatre, others: list[dict[str, Any]], version: str) -> None:
    """Never a lead, one of several, or who has an id: an own contact is made, without a note of a match."""
    settings = {**USERS, "intercom": {"api_version": version}}
    lab = theatre.bound(settings=settings, intercom_switches=TWICE)
    there = [lab.world.intercom.customer("Somebody", email=EVA, **other) for other in others]
    asks(lab)
    lab.until_clean(lab.sync)

    assert set(contacts_of_talks(lab)).isdisjoint(there)
    assert told(lab, "intercom", NOTE) == 0
    assert lab.differences() == []


def test_in_1x_nobody_is_matched_by_an_address(theatre: Theatre) -> None:
    """It has no search that says how many there are."""
    lab = theatre.bound(settings={**USERS, "intercom": {"api_version": "1.4"}})
    there = lab.world.intercom.customer("E. Lind", email=EVA)
    asks(lab)
    lab.until_clean(lab.sync)

    assert there not in contacts_of_talks(lab)
    assert told(lab, "intercom", NOTE) == 0


def test_two_users_who_typed_one_address_are_not_one_person(theatre: Theatre) -> None:
    """The second gets a contact of their own."""
    lab = theatre.bound(settings=USERS)
    there = lab.world.intercom.customer("E. Lind", email=EVA)
    asks(lab)
    lab.until_clean(lab.sync)
    asks(lab, "me too.")
    lab.until_clean(lab.sync)

    first, second = contacts_of_talks(lab)
    assert (first, second != there) == (there, True)
    assert told(lab, "intercom", NOTE) == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("settings", "known"),
    [({}, {}), ({}, {"user_id": "acct-1"}), ({"intercom": {"api_version": "1.4"}}, {}), (USERS, {})],
)
def test_dying_anywhere_the_note_is_written_once(
    theatre: Theatre, settings: dict[str, Any], known: dict[str, str]
) -> None:
    """Whenever the process ends between the match, the note, and its being remembered."""
    for number in range(1, 60, 2):
        lab = theatre.bound(settings=settings)
        lab.world.intercom.customer("E. Lind", email=EVA)
        asks(lab, **known)
        lab.points = 0
        lab.die = lambda at, _what, when, number=number: (at, when) == (number, "after")
        try:
            lab.sync()
        except Crash:
            lab.time.sleep(200)
        finally:
            lab.die = None
        lab.until_clean(lab.sync)

        assert told(lab, "intercom", NOTE if settings is USERS else WITHHELD) == 1
        assert lab.differences() == []


@pytest.mark.parametrize(
    ("version", "unique", "given"), [("2.16", True, False), ("2.16", False, True), ("1.4", True, False)]
)
def test_an_address_that_somebody_has_is_withheld_where_it_is_a_key(
    theatre: Theatre,
    version: str,
    unique: bool,  # noqa: FBT001 - a case
    given: bool,  # noqa: FBT001 - a case
) -> None:
    """Then it is in a note, once a person; where several may have it, it stands on the record."""
    lab = theatre.bound(
        settings={"intercom": {"api_version": version}},
        intercom_switches=IntercomSwitches(email_is_merge_key=unique),
    )
    there = lab.world.intercom.customer("Somebody", email=EVA)
    asks(lab)
    lab.until_clean(lab.sync)

    (ours,) = contacts_of_talks(lab)
    assert ours != there
    assert (lab.world.intercom.state.contacts[ours].email == EVA) is given
    notes = [text for text in bodies(lab, "intercom") if WITHHELD in text]
    assert [EVA in text for text in notes] == [True] * (not given)
    assert lab.world.intercom.state.contacts[there].email == EVA
    assert lab.world.notifications(via="api") == []
    assert lab.differences() == []


def test_who_is_deleted_takes_the_note_of_their_address_along(theatre: Theatre) -> None:
    """The address stands nowhere else in Intercom."""
    lab = theatre.bound()
    lab.world.intercom.customer("Somebody", email=EVA)
    talk = asks(lab)
    lab.until_clean(lab.sync)
    lab.world.dashly.delete_conversation(talk)
    lab.until_clean(lab.sync)

    assert told(lab, "intercom", EVA) == 0


@pytest.mark.parametrize("match", ["never", "users"])
def test_a_plan_counts_whom_an_address_would_match(theatre: Theatre, match: str) -> None:
    """With what it risks, whatever is configured; nobody is matched by looking."""
    lab = theatre.bound(settings={"people": {"match_email": match}})
    lab.world.intercom.customer("E. Lind", email=EVA)
    lab.world.intercom.customer("F", email="f@example.org", user_id="f")
    asks(lab)
    lab.world.dashly.customer_starts(lab.world.dashly.customer("F", email="f@example.org"), "me too.")

    planned = inspecting.plan_sync(lab.config, lab.environment)
    checked = inspecting.check_mapping(lab.config, lab.environment)

    assert (planned.forecast.by_email, checked.by_email) == (1, 1)
    assert [
        line for line in planned.cautions if line.startswith("1 customers") and "anybody can type" in line
    ]
    with lab.memory() as store:
        assert (
            store.file._db.execute("SELECT count(*) FROM people WHERE counterpart IS NOT NULL").fetchone()[0]
            == 0
        )


def test_copies_in_the_chats_of_real_users_are_counted(theatre: Theatre) -> None:
    """Before a run by the plan, afterwards in the state: only those of users whom we did not make."""
    lab = theatre.bound()
    intercom = lab.world.intercom
    lab.world.dashly.customer("Dana", user_id="acct-1")
    intercom.customer_starts(intercom.customer("Dana", user_id="acct-1"), "from a customer of both.")
    intercom.customer_starts(intercom.customer("Ines"), "from a stranger to Dashly.")

    planned = inspecting.plan_sync(lab.config, lab.environment)
    past = inspecting.plan_backfill(lab.config, lab.environment, Choice(IC, HistoryQuery()))
    lab.until_clean(lab.sync)

    assert (planned.forecast.in_chats, past.forecast.in_chats) == (1, 1)
    assert [line for line in planned.cautions if "pause Dashly's automatic messages" in line]
    with lab.memory() as store:
        assert store.pairs.in_chats() == 1
