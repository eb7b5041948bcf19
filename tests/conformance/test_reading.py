import pytest

from connector.errors import AccessDenied, Gone
from connector.helpdesk.port import Person
from connector.helpdesk.query import HistoryQuery
from connector.host.spool import content
from connector.sandbox.exchange import Upload
from mappings.model import AuthorKind, Message, Note, State

FANCY = "Grüße 👩‍💻 <b>not bold</b> & more\n\nשלום עולם\nhttps://example.org/?a=1&b=2"  # noqa: RUF001 - right-to-left on purpose


def test_the_token_names_its_workspace(rig):
    """Identity is the app or workspace; a wrong token is denied by name of its variable."""
    assert rig.desk.identity().id

    with pytest.raises(AccessDenied) as caught:
        rig.open(token="wrong").identity()
    assert f"{rig.side.upper()}_TOKEN" in caught.value.hint


def test_the_servers_clock_is_kept(rig):
    """Time comes from the side's Date, not from this machine."""
    rig.world.skew(rig.side.value, 5_000)
    rig.desk.identity()
    rig.world.advance(60)

    assert rig.world.clock.now() + 5_000 - rig.desk.now() == pytest.approx(0, abs=2)


def test_the_staff_is_listed(rig):
    """Every operator that people can act as is among the agents."""
    listed = {agent.id for agent in rig.desk.agents() if agent.kind is AuthorKind.AGENT}

    assert set(rig.people.agents()) & listed
    assert all(agent.name for agent in rig.desk.agents())


def test_the_places_of_conversations_are_listed(rig):
    """Dashly's channels and Intercom's teams, with their ids and names, in every version, by one request."""
    rig.desk.agents()
    before = len(rig.seen)

    found = rig.desk.teams()

    places = {
        "dashly": {"3012": "Billing", "3013": "Shop bot", "3014": "Support mailbox"},
        "intercom": {"9001": "Billing", "9002": "Technical"},
    }
    assert {place.id: place.name for place in found} == places[rig.side]
    assert {place.kind for place in found} == {AuthorKind.TEAM}
    assert len(rig.seen) - before == (0 if rig.side == "dashly" else 1)


def test_tags_are_listed(rig):
    """A tag in use is among the tags, in its own spelling, for one request; on Dashly no other is."""
    _, talk = rig.talk()
    _, other = rig.talk(name="Other")
    for tag in ("Vip client", "passing"):
        rig.people.tag(talk, tag)
        rig.people.tag(other, tag)
    for tagged in (talk, other):
        rig.people.untag(tagged, "passing")
    before = len(rig.seen)

    found = rig.desk.tags()

    assert found.count("Vip client") == 1
    assert rig.side == "intercom" or found == ("Vip client",)
    assert len(rig.seen) == before + 1


def test_a_conversation_is_read_whole_and_in_order(rig):
    """The opening first, then what was written, each as what it is and by whom."""
    customer, talk = rig.talk(FANCY)
    rig.people.agent_notes(talk, "a note")
    rig.people.agent_writes(talk, "an answer")
    rig.people.customer_writes(talk, "thanks")

    found = rig.desk.conversation(talk)

    words = [part for part in found.parts if part.words]
    assert [type(part.words) for part in words] == [Message, Note, Message, Message]
    assert [part.opening for part in words] == [True, False, False, False]
    kinds = [part.author.kind for part in words]
    assert kinds == [AuthorKind.CUSTOMER, AuthorKind.AGENT, AuthorKind.AGENT, AuthorKind.CUSTOMER]
    assert [part.words.text for part in words] == [FANCY, "a note", "an answer", "thanks"]
    assert (found.complete, found.customer.id, found.started_by.id) == (True, customer, customer)


def test_unknown_parts_are_always_returned(rig):
    """Whatever is known already, what is not known comes."""
    _, talk = rig.talk()
    for number in range(4):
        rig.people.customer_writes(talk, f"message {number}")
    ids = [part.id for part in rig.desk.conversation(talk).parts]

    for known in (ids, ids[:-1], ids[:2], [*ids[:2], *ids[3:]], ids[1:]):
        found = rig.desk.conversation(talk, known=frozenset(known))
        assert set(ids) - set(known) <= {part.id for part in found.parts}


def test_what_does_not_exist_is_gone(rig):
    """An unknown conversation is Gone."""
    with pytest.raises(Gone):
        rig.desk.conversation("999999")


def test_changes_are_listed_from_a_time_on(rig):
    """What changed at or after the time is listed, what changed before is not."""
    _, early = rig.talk(name="Early")
    rig.world.advance(1_000)
    rig.desk.identity()
    since = int(rig.desk.now())
    _, late = rig.talk(name="Late")
    listed = {row.id for row in rig.desk.changed_since(since)}
    assert (late in listed, early in listed) == (True, False)

    rig.world.advance(5)
    rig.people.customer_writes(early, "again")
    assert {row.id for row in rig.desk.changed_since(since)} == {early, late}
    row = next(row for row in rig.desk.changed_since(since) if row.id == early)
    assert row.updated >= since


def test_long_lists_are_walked_to_the_end(rig):
    """More conversations than fit a page: each is listed, once."""
    customer = rig.people.customer("Many", email="many@example.net")
    talks = {rig.people.customer_starts(customer, f"number {n}") for n in range(155)}

    changed = [row.id for row in rig.desk.changed_since(0)]
    history = [row.id for row in rig.desk.history(HistoryQuery())]

    assert sorted(changed) == sorted(talks)
    assert sorted(history) == sorted(talks)


def test_history_is_filtered(rig):
    """Status, tag, assignee and bounds choose; without them everything comes."""
    agent = rig.people.agents()[0]
    _, plain = rig.talk(name="Plain")
    _, closed = rig.talk(name="Closed")
    _, special = rig.talk(name="Special")
    _, asleep = rig.talk(name="Asleep")
    rig.people.close(closed)
    rig.people.tag(special, "vip")
    rig.people.assign(special, agent)
    rig.people.snooze(asleep, rig.world.clock.now() + 5_000)
    now = rig.world.clock.now()

    def found(**query):
        return {row.id for row in rig.desk.history(HistoryQuery(**query))}

    assert found() == {plain, closed, special, asleep}
    assert found(status=State.CLOSED) == {closed}
    assert found(status=State.SNOOZED) == {asleep}
    assert found(status=State.OPEN) == {plain, special}
    assert found(assignee=agent) == {special}
    assert found(tag="vip") == {special}
    assert found(tag="unheard-of") == set()
    assert found(since=now + 100) == set()
    assert found(until=now - 100_000) == set()


def test_files_are_fetched(rig):
    """A file comes with its name, type and bytes."""
    customer = rig.people.customer("Ines", email="ines@example.net")
    upload = Upload("rows.png", b"\x89PNG fake", "image/png")
    talk = rig.people.customer_starts(customer, "see this", attachments=[upload])
    part = next(part for part in rig.desk.conversation(talk).parts if part.words)
    before = rig.desk.usage.requests

    file = rig.desk.download(part.words.attachments[0])

    assert (file.name, file.content_type, content(file.path)) == ("rows.png", "image/png", b"\x89PNG fake")
    assert rig.desk.usage.requests == before


def test_quiet_reads_are_cheap(rig):
    """A conversation of which everything is known costs one request."""
    _, talk = rig.talk()
    known = frozenset(part.id for part in rig.desk.conversation(talk).parts)
    before = len(rig.seen)

    rig.desk.conversation(talk, known=known)

    assert len(rig.seen) == before + 1


def test_begun_conversations_are_those_of_the_customer(rig):
    """Only this customer's, only from the time on, each with its opening message."""
    customer, first = rig.talk(name="One")
    rig.talk(name="Two")
    rig.world.advance(500)
    since = rig.world.clock.now() - 10
    second = rig.people.customer_starts(customer, "the second")
    person = Person(rig.desk.conversation(first).customer.id)

    assert {row.id for row in rig.desk.begun_by(person, 0)} == {first, second}
    (begun,) = rig.desk.begun_by(person, since)
    assert (begun.id, begun.parts[0].words.text, begun.parts[0].opening) == (second, "the second", True)
