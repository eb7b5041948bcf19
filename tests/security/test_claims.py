"""A stranger who claims to be somebody: by an address, by an id, as a lead, on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mappings.keyed import is_keyed_id
from mappings.model import Side
from mappings.persons import FOR_CONTACT, FOR_USER
from tests.faults import lab as laboratory
from tests.keys import KEY
from tests.outcome import plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.lab import Lab

VICTIM = "victim@example.org"


def people(dashly: Any) -> list[Any]:
    """Return the users of Dashly but the technical one, on whom the connector keeps who wrote last."""
    return [user for user in dashly.state.users.values() if user.props.get("$name") != "Sync connector"]


@pytest.fixture
def bound(tmp_path: Path) -> Callable[..., Lab]:
    """Return what makes a connector that is bound already, in a version of Intercom."""

    def make(version: str = "2.16", **world: Any) -> Lab:
        lab = laboratory.make(tmp_path, settings={"intercom": {"api_version": version}}, **world)
        lab.init()
        return lab

    return make


def texts(lab: Lab, side: str) -> dict[str, list[str]]:
    """Return by customer what is in the conversations of a side, whoever wrote it."""
    found: dict[str, list[str]] = {}
    desk: Any = lab.world.desk(side)
    for talk in lab.world.truth()[side]["conversations"]:
        state = desk.state.conversations[int(talk["id"])]
        person = str(state.user if side == "dashly" else state.contacts[0])
        parts = [*([talk["source"]] if "source" in talk else []), *talk["parts"]]
        found.setdefault(person, []).extend(plain(part["body"]) for part in parts)
    return found


@pytest.mark.parametrize("version", ["2.16", "1.4"])
@pytest.mark.parametrize("role", ["lead", "user"])
def test_an_address_that_a_stranger_typed_in_intercom_brings_no_conversation(
    bound: Callable[..., Lab], version: str, role: str
) -> None:
    """The victim's Dashly conversation is copied to a contact of our own, not to who has the address."""
    lab = bound(version)
    stranger = lab.world.intercom.customer("Mallory", email=VICTIM, role=role)
    there = lab.world.dashly
    talk = there.customer_starts(there.customer("Vic", email=VICTIM, user_id="acct-1"), "my card?")
    lab.until_clean(lab.sync)
    there.agent_writes(talk, "it ends in 4242")
    lab.until_clean(lab.sync)

    found = texts(lab, "intercom")
    assert stranger not in found
    assert ["it ends in 4242" in "\n".join(said) for said in found.values()] == [True]
    kept = lab.world.intercom.state.contacts[stranger]
    assert (kept.name, kept.external_id, kept.email) == ("Mallory", None, VICTIM)


@pytest.mark.long
@pytest.mark.parametrize("version", ["2.16", "1.4"])
def test_an_address_that_a_stranger_typed_in_dashly_brings_no_conversation(
    bound: Callable[..., Lab], version: str
) -> None:
    """What the victim says in Intercom, and hears there, never comes to who typed the address in Dashly."""
    lab = bound(version)
    dashly, intercom = lab.world.dashly, lab.world.intercom
    stranger = dashly.customer("Mallory", email=VICTIM)
    victim = intercom.customer("Vic", email=VICTIM, user_id="acct-1")
    dashly.customer_starts(stranger, "I am the victim")
    lab.until_clean(lab.sync)
    talk = intercom.customer_starts(victim, "my card?")
    lab.until_clean(lab.sync)
    intercom.agent_writes(talk, "it ends in 4242")
    lab.until_clean(lab.sync)

    assert texts(lab, "dashly")[str(stranger)] == ["I am the victim"]
    assert texts(lab, "intercom")[victim] == ["my card?", "it ends in 4242"]
    assert lab.world.notifications(via="api") == []


@pytest.mark.long
@pytest.mark.parametrize("version", ["2.16", "1.4"])
def test_a_lead_that_bears_the_id_of_a_user_speaks_for_nobody(
    bound: Callable[..., Lab], version: str
) -> None:
    """Visitors choose ids: nothing of theirs comes into the user's account, nor the user's to them."""
    lab = bound(version)
    dashly, intercom = lab.world.dashly, lab.world.intercom
    victim = dashly.customer("Vic", user_id="acct-1")
    lead = intercom.customer("Mallory", user_id="acct-1", role="lead")
    intercom.customer_starts(lead, "I am Vic")
    lab.until_clean(lab.sync)
    talk = dashly.customer_starts(victim, "my card?")
    lab.until_clean(lab.sync)
    dashly.agent_writes(talk, "it ends in 4242")
    lab.until_clean(lab.sync)

    assert texts(lab, "dashly")[str(victim)] == ["my card?", "it ends in 4242"]
    assert texts(lab, "intercom")[lead] == ["I am Vic"]
    assert len(texts(lab, "intercom")) == 2


@pytest.mark.parametrize("chosen", ["intercom:", "probe:dashly:ws", "..", "../../conversations"])
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_an_id_that_looks_like_ours_is_an_ordinary_persons(
    bound: Callable[..., Lab], side: str, chosen: str
) -> None:
    """The conversation is copied, nothing is in quarantine, and the state stays trusted."""
    lab = bound()
    desk: Any = lab.world.desk(side)
    visitor = desk.customer("Mallory", user_id=chosen)
    desk.customer_starts(visitor, "see me")

    ran = lab.until_clean(lab.sync)

    other = "intercom" if side == "dashly" else "dashly"
    assert list(texts(lab, other).values()) == [["see me"]]
    assert ran.attention == ()
    with lab.memory() as store:
        assert store.meta.trusted_from() <= 0


@pytest.mark.parametrize("version", ["2.16", "1.4"])
@pytest.mark.parametrize(
    "confusable", [" acct-1", "acct-1\n", "acct\u200b-1", "acct-1\x00", "\u202eacct-1", "acct-\xad1"]
)
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_an_id_that_only_looks_like_a_users_is_another_persons(
    bound: Callable[..., Lab], side: str, confusable: str, version: str
) -> None:
    """White space and what nobody sees make another id, and one that no person of ours is made under."""
    lab = bound(version)
    here: Any = lab.world.desk(side)
    there: Any = lab.world.desk("intercom" if side == "dashly" else "dashly")
    victim = there.customer("Vic", user_id="acct-1")
    there.customer_starts(victim, "my card?")
    here.customer_starts(here.customer("Mallory", user_id=confusable), "I am Vic")
    lab.until_clean(lab.sync)

    assert texts(lab, there.side)[str(victim)] == ["my card?"]
    assert sorted(texts(lab, there.side).values()) == [["I am Vic"], ["my card?"]]
    assert len(texts(lab, side)) == 2


@pytest.mark.parametrize("version", ["2.16", "1.4"])
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_who_learnt_an_id_of_ours_is_not_whom_it_stands_for(
    bound: Callable[..., Lab], side: str, version: str
) -> None:
    """Teammates see such ids; on the side that it was not made for it is nobody's."""
    lab = bound(version)
    here: Any = lab.world.desk(side)
    there: Any = lab.world.desk("intercom" if side == "dashly" else "dashly")
    here.customer_starts(here.customer("Vic"), "my card?")
    lab.until_clean(lab.sync)
    kind = FOR_USER if side == "dashly" else FOR_CONTACT
    ids = [one.user_id if side == "intercom" else one.external_id for one in _persons(there)]
    (leaked,) = [one for one in ids if one and is_keyed_id(KEY, kind, str(one))]

    here.customer_starts(here.customer("Mallory", user_id=leaked), "I am Vic")
    lab.until_clean(lab.sync)

    assert sorted(texts(lab, there.side).values()) == [["I am Vic"], ["my card?"]]


def _persons(desk: Any) -> list[Any]:
    return list((desk.state.users if desk.side == "dashly" else desk.state.contacts).values())


def test_people_of_ours_bear_ids_that_nobody_can_choose(bound: Callable[..., Lab]) -> None:
    """Keyed on both sides, without an address on Dashly."""
    lab = bound()
    dashly, intercom = lab.world.dashly, lab.world.intercom
    dashly.customer_starts(dashly.customer("Dana"), "one")
    intercom.customer_starts(intercom.customer("Ines", email="ines@example.org"), "two")
    lab.until_clean(lab.sync)

    (shadow,) = [user for user in people(dashly) if user.user_id]
    (contact,) = [one for one in intercom.state.contacts.values() if one.external_id]
    assert is_keyed_id(KEY, FOR_CONTACT, str(shadow.user_id))
    assert shadow.props == {"$name": "Ines"}
    assert is_keyed_id(KEY, FOR_USER, str(contact.external_id))


@pytest.mark.parametrize("version", ["2.16", "1.4"])
def test_equal_own_ids_are_the_same_person(bound: Callable[..., Lab], version: str) -> None:
    """A site that signs its ids has one person on both sides, also when Dashly was never read for them."""
    lab = bound(version)
    dashly, intercom = lab.world.dashly, lab.world.intercom
    user = dashly.customer("Dana", user_id="acct-1")
    contact = intercom.customer("Dana", user_id="acct-1")
    intercom.customer_starts(contact, "from there")
    lab.until_clean(lab.sync)
    dashly.customer_starts(user, "from here")
    lab.until_clean(lab.sync)

    assert set(texts(lab, "dashly")) == {str(user)}
    assert set(texts(lab, "intercom")) == {contact}
    assert len(people(dashly)) == 1
    assert lab.world.truth()["dashly"].get("made_by_reading", []) == []
    assert lab.differences() == []


def test_a_customer_who_answers_in_the_mirror_makes_no_second_person(bound: Callable[..., Lab]) -> None:
    """They are known by the state, and speak as who they are."""
    lab = bound()
    dashly, intercom = lab.world.dashly, lab.world.intercom
    dana = dashly.customer("Dana")
    dashly.customer_starts(dana, "one")
    lab.until_clean(lab.sync)
    (mirror,) = [talk["id"] for talk in lab.world.truth()[Side.INTERCOM.value]["conversations"]]
    intercom.customer_writes(mirror, "two")
    lab.until_clean(lab.sync)

    assert len(people(dashly)) == 1
    assert texts(lab, "dashly") == {str(dana): ["one", "two"]}
