"""Customers through the clients: found, made, adopted, followed; nothing is overwritten, nobody probed."""

from __future__ import annotations

import pytest

from connector.errors import Gone, Rejected
from connector.helpdesk.port import Person, PostMessage, StartConversation
from mappings.model import Customer, Message, Side
from tests.golden.stage import Stage

D, IC = Side.DASHLY, Side.INTERCOM
DANA = Customer("500", external_id="acct-500", name="Dana", email="dana@example.net", phone="15550100")


@pytest.fixture(params=["2.16", "1.4"])
def stage(request, tmp_path):
    """Fresh helpdesks with helpdesks in either generation of Intercom."""
    stage = Stage(tmp_path, request.param, IC)
    yield stage
    stage.close()


@pytest.fixture
def modern(tmp_path):
    """The same in 2.16 only, which alone knows archived and merged contacts."""
    stage = Stage(tmp_path, "2.16", IC)
    yield stage
    stage.close()


def contact(stage, key):
    """Return what Intercom keeps of a contact."""
    return stage.world.intercom.state.contacts[key]


def last(stage, talk):
    """Return the newest part with words."""
    return [part for part in stage.helpdesks[IC].conversation(talk).parts if part.words][-1]


def test_a_customer_is_found_by_external_id_before_email(stage):
    """The external id wins over an address that somebody else has."""
    people = stage.world.intercom
    people.customer("Other", email=DANA.email)
    right = people.customer("Right", user_id=DANA.external_id)

    assert stage.helpdesks[IC].find_customer(DANA.external_id) == Person(right)


def test_an_address_finds_nobody_and_changes_nobody(stage):
    """Somebody with the same address is somebody else: the customer is made without it."""
    known = stage.world.intercom.customer("D. Ortiz", email=DANA.email, phone="1999")

    made = stage.helpdesks[IC].create_customer(DANA)

    kept = contact(stage, known)
    assert made != Person(known)
    assert (kept.name, kept.phone, kept.external_id, kept.email) == ("D. Ortiz", "1999", None, DANA.email)
    assert contact(stage, made.id).email is None


def test_nobody_is_made_up_by_looking(stage):
    """Looking for somebody unknown creates nobody, on either side."""
    before = (len(stage.world.intercom.state.contacts), len(stage.world.dashly.state.users))

    assert stage.helpdesks[IC].find_customer(DANA.external_id) is None
    assert stage.helpdesks[D].find_customer(DANA.external_id) is None

    assert (len(stage.world.intercom.state.contacts), len(stage.world.dashly.state.users)) == before
    assert {r.path.rpartition("/")[2] for r in stage.world.requests("dashly")} == {"conversations"}


def test_a_contact_that_search_does_not_show_yet_is_adopted(modern):
    """The conflict names the contact in the way; what it holds is not overwritten."""
    taken = modern.world.intercom.customer("D. Ortiz", email=DANA.email, user_id=DANA.external_id)

    made = modern.helpdesks[IC].create_customer(DANA)

    assert made == Person(taken)
    assert contact(modern, taken).name == "D. Ortiz"


def test_an_archived_contact_comes_back(modern):
    """A contact that was archived is brought back instead of blocking its customer for ever."""
    person = modern.helpdesks[IC].create_customer(DANA)
    contact(modern, person.id).archived = True

    again = modern.helpdesks[IC].create_customer(DANA)
    talk = modern.helpdesks[IC].send(StartConversation(again, "I am back")).conversation

    assert (again, contact(modern, person.id).archived) == (person, False)
    assert last(modern, talk).words == Message("I am back")


def test_a_merged_contact_is_followed(modern):
    """What was a lead and merged a user speaks as the user, in old conversations and in new ones."""
    people = modern.world.intercom
    lead = people.customer("Visitor", role="lead")
    user = people.customer("Dana", email=DANA.email)
    talk = people.customer_starts(lead, "Hello")
    people.merge_contacts(lead, user)

    modern.helpdesks[IC].send(PostMessage(talk, "more", customer=Person(lead)))
    started = modern.helpdesks[IC].send(StartConversation(Person(lead), "new")).conversation

    assert (last(modern, talk).words, last(modern, talk).author.id) == (Message("more"), user)
    assert modern.helpdesks[IC].conversation(started).customer.id == user


def test_a_deleted_contact_is_no_deleted_conversation(modern):
    """Nothing can be begun for somebody who is gone, and their conversation is not taken for gone."""
    people = modern.world.intercom
    lost = people.customer("Dana", email=DANA.email)
    talk = people.customer_starts(lost, "Hello")
    contact(modern, lost).archived = True

    with pytest.raises(Gone):
        modern.helpdesks[IC].send(StartConversation(Person("65f0000000000000000000ff"), "x"))
    with pytest.raises(Rejected) as caught:
        modern.helpdesks[IC].send(PostMessage(talk, "x", customer=Person("65f0000000000000000000ff")))
    assert not isinstance(caught.value, Gone)


@pytest.mark.parametrize(
    "customer",
    [
        Customer("7", "sync-7"),
        Customer("7", "sync-7", name="O'Brien & <b>Söhne</b> 👩‍💻"),
        Customer("7", "sync-7", name="x" * 300, email="not an address", phone="call me"),
        Customer("7", external_id="a?c=d&e b", name="Dana"),
    ],
)
def test_anybody_can_be_made(stage, customer):
    """Whatever is known of a customer, there is a person to write as, the same one the next time."""
    for side in Side:
        person = stage.helpdesks[side].create_customer(customer)
        assert stage.helpdesks[side].create_customer(customer) == person
        assert stage.helpdesks[side].send(StartConversation(person, "Hello")).conversation


def test_a_shadow_user_cannot_be_reached_and_keeps_their_name(stage):
    """On Dashly a contact becomes a user with a name only; an agent's message there notifies nobody."""
    desk = stage.helpdesks[D]
    person = desk.create_customer(DANA)
    desk.create_customer(Customer("501", DANA.external_id, name="Somebody else"))
    talk = desk.send(StartConversation(person, "Hello")).conversation

    desk.send(PostMessage(talk, "an answer", agent="151204", marker="m"))

    (user,) = stage.world.dashly.state.users.values()
    assert (user.user_id, user.props) == (DANA.external_id, {"$name": "Dana"})
    assert stage.world.notifications() == []
