from dataclasses import replace

import pytest

from connector.errors import Gone, RailTripped, Rejected, Unclear
from connector.helpdesk.port import (
    AddTag,
    Assign,
    Person,
    PostMessage,
    PostNote,
    Redact,
    RemoveTag,
    SetStatus,
    StartConversation,
)
from mappings.model import CLOSED, OPEN, Customer, Message, Note, Side, State, Status
from mappings.text import comparison_text
from tests.kept import kept

DANA = Customer("500", external_id="acct-500", name="Dana", email="dana@example.net")
PNG = kept("a.png", "image/png", b"\x89PNG fake")
TEXT = "line one\nline two <tag> & 👩‍💻\n\nhttps://example.org/?a=1&b=2"


@pytest.fixture
def begun(rig):
    """A person that the desk made, with a conversation that it opened."""
    person = rig.desk.create_customer(DANA)
    receipt = rig.desk.send(StartConversation(person, "hello"))
    return person, receipt.conversation


@pytest.fixture
def agent(rig):
    """Somebody who can act."""
    return rig.people.agents()[0]


def newest(rig, conversation):
    """Return the last part with words."""
    return [part for part in rig.desk.conversation(conversation).parts if part.words][-1]


def test_a_conversation_is_opened_as_the_customer(rig, begun):
    """It is found again by its customer, with the words and the opening in place."""
    person, conversation = begun

    (found,) = rig.desk.begun_by(person, 0)

    assert found.id == conversation
    assert (found.parts[0].opening, found.parts[0].words) == (True, Message("hello"))


def test_creating_a_customer_is_safe_to_repeat(rig):
    """The same customer becomes the same person."""
    assert rig.desk.create_customer(DANA) == rig.desk.create_customer(DANA)


@pytest.mark.parametrize("unique", [True, False])
def test_who_has_an_address_already_is_not_taken_for_its_bearer(rig, unique):
    """Somebody else is made, and what was kept from the side is told; only who asks by e-mail finds them."""
    state = rig.world.intercom.state
    state.switches = replace(state.switches, email_is_merge_key=unique)
    there = rig.people.customer("Somebody", email=DANA.email)

    made = rig.desk.create_customer(DANA)
    found = rig.desk.find_by_email("DANA@example.net", "nobody@example.net")

    searched = rig.side is Side.INTERCOM and rig.desk.capabilities.searched
    gets_addresses = searched and not unique
    assert made.id != there
    assert made.withheld is (rig.side is Side.INTERCOM and not gets_addresses)
    assert found == ({"dana@example.net": Person(there)} if searched and unique else {})


@pytest.mark.parametrize("text", ["plain", TEXT])
def test_a_note_stays_a_note(rig, begun, agent, text):
    """Only agents see it, nobody is told, and it reads back as it was written."""
    told = len(rig.world.notifications(via="api"))

    rig.desk.send(PostNote(begun[1], text, agent, marker="m:1"))

    part = newest(rig, begun[1])
    assert isinstance(part.words, Note)
    assert comparison_text(part.words.text) == comparison_text(text)
    assert part.author.id == agent
    assert len(rig.world.notifications(via="api")) == told


@pytest.mark.parametrize("text", ["plain", TEXT])
def test_a_customers_message(rig, begun, text):
    """It is the customer's, and reads back as it was written."""
    rig.desk.send(PostMessage(begun[1], text, customer=begun[0], marker="m:1"))

    part = newest(rig, begun[1])
    assert isinstance(part.words, Message)
    assert comparison_text(part.words.text) == comparison_text(text)
    assert part.author.id == rig.desk.conversation(begun[1]).customer.id


def test_an_agents_message(rig, begun, agent):
    """It is the agent's; a silent one tells nobody, or is refused before anything is sent."""
    write = PostMessage(begun[1], "an answer", agent=agent, marker="m:1")
    before, told = len(rig.seen), len(rig.world.notifications(via="api"))
    if rig.side is Side.INTERCOM and not rig.desk.capabilities.silent_messages:
        with pytest.raises(Rejected):
            rig.desk.send(write)
        assert len(rig.seen) == before
        return

    rig.desk.send(write)

    part = newest(rig, begun[1])
    assert (part.words, part.author.id) == (Message("an answer"), agent)
    if rig.desk.capabilities.silent_messages:
        assert len(rig.world.notifications(via="api")) == told


def test_the_answer_helps_to_find_the_part(rig, begun, agent):
    """A receipt holds the part's id or the conversation as it is now."""
    receipt = rig.desk.send(PostNote(begun[1], "here", agent, marker="m:9"))

    if receipt.part is not None:
        assert newest(rig, begun[1]).id == receipt.part
    else:
        assert receipt.view.parts[-1].words == Note("here")


def test_markers_and_times_are_kept_where_the_side_can(rig, begun, agent):
    """Dashly keeps the marker, newer Intercoms the time."""
    at = float(int(rig.world.clock.now()) - 5_000)

    rig.desk.send(PostNote(begun[1], "dated", agent, created=at, marker="m:7"))

    part = next(p for p in rig.desk.conversation(begun[1]).parts if p.words == Note("dated"))
    if rig.side is Side.DASHLY:
        assert part.external_id == "m:7"
    if rig.desk.capabilities.back_dating:
        assert part.created == at


def test_a_file_travels(rig, begun, agent):
    """As many files as a message may hold arrive whole; one more is refused."""
    most = rig.desk.capabilities.files_per_message
    with pytest.raises(Rejected):
        rig.desk.send(PostNote(begun[1], "files", agent, files=(PNG,) * (most + 1)))
    if not most:
        return

    rig.desk.send(PostNote(begun[1], "files", agent, files=(PNG,)))

    (attachment,) = newest(rig, begun[1]).words.attachments
    assert rig.desk.download(attachment).sha256 == PNG.sha256


def test_tags(rig, begun, agent):
    """Putting a tag on and taking it off works, and works again."""
    for _ in range(2):
        rig.desk.send(AddTag(begun[1], agent, "billing"))
    assert rig.desk.conversation(begun[1]).registers.tags == {"billing"}

    for _ in range(2):
        rig.desk.send(RemoveTag(begun[1], agent, "billing"))
    assert rig.desk.conversation(begun[1]).registers.tags == frozenset()


def test_assignment(rig, begun, agent):
    """To an agent, again, and to nobody."""
    for assignee in (agent, agent, None):
        rig.desk.send(Assign(begun[1], agent, assignee=assignee))
        assert rig.desk.conversation(begun[1]).registers.assignee == assignee


def test_states(rig, begun, agent):
    """What the side can is done, twice without harm; what it cannot is refused before sending."""
    later = Status(State.SNOOZED, float(int(rig.world.clock.now()) + 5_000))
    for status in (CLOSED, CLOSED, OPEN, later):
        if status.state in rig.desk.capabilities.states:
            rig.desk.send(SetStatus(begun[1], agent, status))
            assert rig.desk.conversation(begun[1]).registers.status == status
        else:
            before = len(rig.seen)
            with pytest.raises(Rejected):
                rig.desk.send(SetStatus(begun[1], agent, status))
            assert len(rig.seen) == before


@pytest.mark.parametrize(
    "write",
    [
        lambda agent: PostNote("999999", "x", agent),
        lambda agent: Assign("999999", agent, assignee=agent),
        lambda agent: SetStatus("999999", agent, CLOSED),
        lambda agent: AddTag("999999", agent, "billing"),
    ],
    ids=["note", "assign", "close", "tag"],
)
def test_writing_into_nothing_is_gone(rig, agent, write):
    """A conversation that does not exist is told as Gone."""
    with pytest.raises(Gone):
        rig.desk.send(write(agent))


def test_an_unknown_agent_is_no_missing_conversation(rig, begun):
    """A wrong mapping must not make a conversation look deleted."""
    with pytest.raises(Rejected) as caught:
        rig.desk.send(PostNote(begun[1], "x", "777777"))
    assert not isinstance(caught.value, Gone)


@pytest.mark.parametrize(
    ("kind", "details", "applied"),
    [
        ("drop_before", {}, 0),
        ("drop_after", {}, 1),
        ("truncate", {}, 1),
        ("status", {"status": 502, "applied": True}, 1),
        ("status", {"status": 500}, 0),
        ("html", {"applied": True}, 1),
    ],
)
def test_a_write_without_an_answer_is_unclear_and_sent_once(rig, begun, agent, kind, details, applied):
    """Whether it was applied or not: Unclear, and one request."""
    before = len(rig.seen)
    rig.world.fault(kind, method="POST", path="reply", **details)

    with pytest.raises(Unclear):
        rig.desk.send(PostNote(begun[1], "maybe", agent, marker="m:1"))

    assert len([call for call in rig.seen[before:] if "reply" in call]) == 1
    notes = [p for p in rig.desk.conversation(begun[1]).parts if p.words == Note("maybe")]
    assert len(notes) == applied


def test_load_is_waited_out(rig, begun, agent):
    """A 429 is not an answer: the write is sent again until it is, and applied once."""
    rig.world.fault("status", method="POST", path="reply", status=429, times=3)

    rig.desk.send(PostNote(begun[1], "patient", agent, marker="m:1"))

    notes = [p for p in rig.desk.conversation(begun[1]).parts if p.words == Note("patient")]
    assert len(notes) == 1


def test_reads_outlive_faults(rig, begun):
    """A read is asked again until it is answered."""
    rig.world.fault("drop_after", method="GET", times=1)
    rig.world.fault("truncate", method="GET", times=1)
    rig.world.fault("status", method="GET", status=503, times=1)

    assert rig.desk.conversation(begun[1]).id == begun[1]


def test_a_dry_run_writes_nothing(rig, begun, agent):
    """Every write is refused before it is sent; reads go on."""
    desk = rig.open(read_only=True)
    before = rig.world.truth()
    asked = len(rig.seen)
    possible = [
        PostNote(begun[1], "x", agent),
        PostMessage(begun[1], "x", customer=begun[0]),
        Assign(begun[1], agent, assignee=agent),
        SetStatus(begun[1], agent, CLOSED),
        AddTag(begun[1], agent, "unheard-of"),
        StartConversation(begun[0], "x"),
        Redact(begun[1], "1"),
    ]
    for write in possible:
        with pytest.raises((RailTripped, Rejected)):
            desk.send(write)
    with pytest.raises(RailTripped):
        desk.create_customer(DANA)

    after = rig.world.truth()
    assert after[rig.side.value] == before[rig.side.value]
    assert all(call.startswith("GET") or "search" in call for call in rig.seen[asked:])
    assert desk.conversation(begun[1]).id == begun[1]


def test_what_was_sent_is_counted(rig, begun, agent):
    """Requests are what the emulator saw; writes are those that change something."""
    rig.desk.send(PostNote(begun[1], "x", agent))
    rig.desk.conversation(begun[1])

    seen = rig.seen
    assert rig.desk.usage.requests == len(seen)
    writes = [call for call in seen if not call.startswith("GET") and "search" not in call]
    assert rig.desk.usage.writes == len(writes)
