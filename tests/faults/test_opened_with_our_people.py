"""Conversations that operators and campaigns open with people whom the connector made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.errors import RailTripped
from connector.sandbox.switches import DashlySwitches
from mappings.persons import TECHNICAL_NAME
from tests.faults.conversations import begin, parts, told
from tests.faults.lab import IC, NORA, NORA_THERE, D
from tests.outcome import plain

if TYPE_CHECKING:
    from mappings.model import Side
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

AGENTS = {D: NORA, IC: NORA_THERE}
VERSIONS = ["2.16", "2.11", "1.4"]


def met(theatre: Theatre, side: Side, version: str = "2.16", **settings: Any) -> tuple[Lab, str]:
    """Let a customer of the other side be known, and return who stands for them on this one."""
    switches = DashlySwitches(unreplied_listed=True)
    intercom = {"api_version": version, **settings.pop("intercom", {})}
    lab = theatre.bound(settings={"intercom": intercom, **settings}, dashly_switches=switches)
    begin(lab, side.other.value, "the first question.")
    lab.until_clean(lab.sync)
    if side is D:
        (talk,) = lab.world.dashly.state.conversations.values()
        return lab, str(talk.user)
    (copy,) = lab.world.intercom.state.conversations.values()
    return lab, copy.contacts[0]


def people(lab: Lab, side: Side) -> list[str]:
    """Return who is known on a side, without the technical person of ours."""
    users = [
        str(one.id) for one in lab.world.dashly.state.users.values() if TECHNICAL_NAME not in str(one.props)
    ]
    contacts = [
        one.id for one in lab.world.intercom.state.contacts.values() if TECHNICAL_NAME not in str(one.name)
    ]
    return users if side is D else contacts


def opened(lab: Lab, side: Side, person: str, by: str, text: str = "are you well?") -> str:
    """Let an operator or a campaign open a conversation with a person."""
    agent = AGENTS[side] if by == "operator" else None
    return lab.world.desk(side.value).campaign_starts(person, text, agent=agent)


def copies(lab: Lab, side: Side, original: str) -> str:
    """Return the conversation that mirrors one of this side."""
    with lab.memory() as store:
        pair = store.pairs.find(side, original)
    assert pair is not None
    return pair.ids[side.other]


def words(lab: Lab, side: Side, conversation: str) -> list[tuple[str, str]]:
    """Return kind and text of what is in a conversation, the opening first."""
    (talk,) = [one for one in lab.world.truth()[side.value]["conversations"] if one["id"] == conversation]
    said = [*([talk["source"]] if "source" in talk else []), *talk["parts"]]
    return [(part.get("type", "source"), plain(part["body"])) for part in said if part["body"]]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("by", ["operator", "campaign"])
@pytest.mark.parametrize("side", [D, IC])
def test_it_is_copied_silently_and_listed(theatre: Theatre, side: Side, by: str, version: str) -> None:
    """Nobody is notified of it on the other side; the run says to whom it was not sent, once."""
    lab, person = met(theatre, side, version)
    talk = opened(lab, side, person, by)

    ran = lab.sync()
    lab.until_clean(lab.sync)

    assert told(lab, side.other.value, "are you well?") == 1
    assert lab.world.notifications(via="api") == []
    assert [line for line in ran.attention if talk in line and "not sent to the customer" in line]
    assert lab.differences() == []
    with lab.memory() as store:
        assert store.quarantine.items() == []
        assert store.meta.trusted_from() <= 0
    assert len(people(lab, D)) == len(people(lab, IC)) == 1


@pytest.mark.parametrize("side", [D, IC])
def test_a_loud_mirror_stays_silent_for_it(theatre: Theatre, side: Side) -> None:
    """Where agents' messages cannot be silent they are notes, whatever was chosen for other copies."""
    lab, person = met(theatre, side, "2.11", intercom={"loud_mirror": True})
    opened(lab, side, person, "operator")

    lab.until_clean(lab.sync)

    assert told(lab, side.other.value, "are you well?") == 1
    assert lab.world.notifications(via="api") == []


@pytest.mark.long
@pytest.mark.parametrize("side", [D, IC])
def test_it_belongs_to_the_other_side_once_the_customer_answers_there(theatre: Theatre, side: Side) -> None:
    """What was said before is not delivered, what agents write afterwards is, once."""
    lab, person = met(theatre, side)
    talk = opened(lab, side, person, "operator")
    lab.until_clean(lab.sync)
    lab.time.sleep(60)
    desk, there = lab.world.desk(side.value), lab.world.desk(side.other.value)
    mirror = copies(lab, side, talk)
    desk.agent_writes(talk, "before the answer.", agent=AGENTS[side])
    lab.time.sleep(60)
    there.customer_writes(mirror, "I am well.")
    lab.time.sleep(60)
    desk.agent_writes(talk, "good to hear.", agent=AGENTS[side])

    lab.until_clean(lab.sync)
    lab.time.sleep(60)
    desk.agent_writes(talk, "good bye.", agent=AGENTS[side])
    lab.until_clean(lab.sync)

    delivered = [plain(note.text) for note in lab.world.notifications(via="api")]
    assert delivered == ["good to hear.", "good bye."]
    assert told(lab, side.value, "I am well.") == 1
    assert told(lab, side.other.value, "before the answer.") == 1
    assert lab.differences() == []
    with lab.memory() as store:
        pair = store.pairs.find(side, talk)
        assert pair is not None
        assert (pair.origin, pair.stand_in) == (side.other, False)


@pytest.mark.long
@pytest.mark.parametrize("side", [D, IC])
def test_an_answer_typed_in_its_copy_is_not_delivered_to_our_person(theatre: Theatre, side: Side) -> None:
    """The customer has it where it was typed; a person of ours may have got an address meanwhile."""
    lab, person = met(theatre, side)
    talk = opened(lab, side, person, "operator")
    lab.until_clean(lab.sync)
    if side is D:
        lab.world.dashly.state.users[int(person)].props["$email"] = "eva@example.org"
    lab.time.sleep(60)
    lab.world.desk(side.other.value).agent_writes(
        copies(lab, side, talk), "an answer.", agent=AGENTS[side.other]
    )

    lab.until_clean(lab.sync)

    assert told(lab, side.value, "an answer.") == 1
    assert lab.world.notifications(via="api") == []
    assert lab.differences() == []


@pytest.mark.long
@pytest.mark.parametrize("by", ["operator", "campaign"])
def test_a_mailing_to_everybody_doubts_nothing_and_holds_up_nobody(theatre: Theatre, by: str) -> None:
    """Our people among the others: everybody is copied, and an agent's answer elsewhere is delivered."""
    lab, shadow = met(theatre, D)
    dashly = lab.world.dashly
    others = [dashly.customer(f"P{number}") for number in range(3)]
    (mirror,) = [talk["id"] for talk in lab.world.truth()["dashly"]["conversations"]]
    agent = NORA if by == "operator" else None
    dashly.mailing([shadow, *others], "a word to all.", agent=agent)
    dashly.agent_writes(mirror, "the answer.", agent=NORA)

    lab.until_clean(lab.sync)

    assert [plain(note.text) for note in lab.world.notifications(via="api")] == ["the answer."]
    assert told(lab, "intercom", "a word to all.") == 4
    assert lab.differences() == []


@pytest.mark.long
@pytest.mark.parametrize("version", ["2.16", "1.4"])
def test_a_person_of_ours_who_answers_where_they_were_made_is_reached_there(
    theatre: Theatre, version: str
) -> None:
    """A contact under the site's own id may log in: from then on answers come to them as to everybody."""
    lab = theatre.bound(settings={"intercom": {"api_version": version}})
    dashly, intercom = lab.world.dashly, lab.world.intercom
    dashly.customer_starts(dashly.customer("Eva", user_id="acct-1"), "the first question.")
    lab.until_clean(lab.sync)
    (person,) = people(lab, IC)
    talk = opened(lab, IC, person, "operator")
    lab.until_clean(lab.sync)
    lab.time.sleep(60)
    intercom.customer_writes(talk, "I am here.")
    lab.until_clean(lab.sync)
    lab.time.sleep(60)
    dashly.agent_writes(copies(lab, IC, talk), "an answer.", agent=NORA)

    lab.until_clean(lab.sync)

    assert [plain(note.text) for note in lab.world.notifications(via="api")] == ["an answer."]
    assert lab.differences() == []


def two_by_an_operator(theatre: Theatre) -> Lab:
    """Let an operator open two conversations and go on in them, where one may be created in a run."""
    lab, person = met(theatre, D, limits={"max_creates": 1})
    for text in ("are you well?", "and your parcel?"):
        talk = opened(lab, D, person, "operator", text)
        lab.time.sleep(60)
        lab.world.dashly.agent_writes(talk, "one more.", agent=NORA)
    return lab


def test_a_backfill_counts_them_before_it_writes_anything(theatre: Theatre) -> None:
    """Dashly's list does not say who opened them: each is asked, and what is over the limit stops it."""
    lab = two_by_an_operator(theatre)

    error = lab.backfill(D).error

    assert isinstance(error, RailTripped)
    assert str(error).startswith("2 conversations would be created, the limit is 1")
    assert told(lab, "intercom", "are you well?") == 0


def test_a_run_holds_those_over_the_limit(theatre: Theatre) -> None:
    """They are new conversations like any others, and no sign of an older state."""
    lab = two_by_an_operator(theatre)

    assert lab.sync().code == 5

    assert told(lab, "intercom", "are you well?") + told(lab, "intercom", "and your parcel?") == 1
    with lab.memory() as store:
        assert store.meta.trusted_from() <= 0


def test_one_that_is_told_before_is_not_told_again(theatre: Theatre) -> None:
    """A later run says nothing new of it and ends with 0."""
    lab, person = met(theatre, D)
    opened(lab, D, person, "operator")
    lab.until_clean(lab.sync)
    lab.time.sleep(700)

    assert lab.sync().code == 0


@pytest.mark.long
@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("side", [D, IC])
def test_it_is_found_again_when_the_state_is_lost(theatre: Theatre, side: Side, *, answered: bool) -> None:
    """With the side to which it belongs, so that nothing is copied or delivered a second time."""
    lab, person = met(theatre, side)
    talk = opened(lab, side, person, "operator")
    lab.until_clean(lab.sync)
    if answered:
        lab.time.sleep(60)
        lab.world.desk(side.other.value).customer_writes(copies(lab, side, talk), "I am well.")
        lab.until_clean(lab.sync)
    before = lab.outcome()
    lab.lose()

    assert lab.recover() == 2
    lab.until_clean(lab.sync)

    assert lab.outcome() == before
    assert lab.differences() == []
    assert lab.world.notifications(via="api") == []
    lab.time.sleep(60)
    lab.world.desk(side.value).agent_writes(talk, "one more.", agent=AGENTS[side])
    lab.until_clean(lab.sync)
    assert len(lab.world.notifications(via="api")) == int(answered)


def test_a_copy_of_ours_that_the_state_does_not_know_is_still_doubted(theatre: Theatre) -> None:
    """What was opened in a shadow user's voice by the API is ours: an older state was put back."""
    lab = theatre.bound()
    kept = lab.keep("kept.db")
    begin(lab, "intercom", "a question.")
    lab.until_clean(lab.sync)
    lab.restore(kept)

    lab.sync()

    with lab.memory() as store:
        assert store.meta.trusted_from() > 0
    assert told(lab, "dashly", "a question.") == 1


def test_a_shadow_user_of_nobody_known_makes_no_contact(theatre: Theatre) -> None:
    """The contact was deleted and the state lost: the conversation waits for a person, and nobody is made."""
    lab, person = met(theatre, D)
    lab.lose()
    lab.recover()
    with lab.memory() as store:
        store.file._db.execute("DELETE FROM people")
    for talk in list(lab.world.intercom.state.conversations):
        lab.world.intercom.delete_conversation(str(talk))
    opened(lab, D, person, "operator")

    ran = lab.sync()

    assert len(people(lab, IC)) == 1
    assert [line for line in ran.attention if "quarantine" in line]
    assert parts(lab, "intercom") == []
