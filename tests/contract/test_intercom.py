"""Every request to Intercom, and every answer of the emulator, against the vendor's own description."""

import httpx
import pytest

from connector.errors import RemoteError
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
from connector.helpdesk.query import HistoryQuery
from connector.sandbox import World
from mappings.model import CLOSED, OPEN, Customer, Side, State, Status
from tests.contract.kit.contract import Judge, intercom
from tests.contract.kit.stage import INTERCOM, Wire
from tests.contract.kit.story import Story
from tests.kept import kept

MODERN = ("2.7", "2.11", "2.16")
LEGACY = ("1.0", "1.1", "1.4")
PNG = kept("a.png", "image/png", b"png")
ACTOR, OTHER = "814860", "814872"
TEXT = "first line\nsecond <line> & https://example.org/?a=1&b=2"


def sections(version):
    """Return the configuration that lets a version do most."""
    return {"intercom": {"tag_api_version": "2.16"}} if version in LEGACY else {}


@pytest.mark.long
@pytest.mark.parametrize("version", [*LEGACY, *MODERN])
def test_the_whole_story_keeps_the_contract(stage, version):
    """History, live work, answers in the mirrors, a quiet end: nothing undescribed is sent or answered."""
    play = stage(version, **sections(version))
    story = Story(play)

    story.play()

    assert list(story.faults()) == []
    assert play.differences() == []
    assert play.judge.problems == []
    assert play.judge.checked > 90


def headers(world, version):
    """Return what every request must carry."""
    token = f"Bearer {world.intercom.state.token}"
    return {"Authorization": token, "Accept": "application/json", "Intercom-Version": version}


def writes(person, conversation, version):
    """Return every kind of write in every shape that the version can take."""
    now = 1_700_000_000.5
    agent_is_silent = version == "2.16"
    files = () if version in LEGACY else (PNG,)
    return [
        PostMessage(conversation, TEXT, customer=person),
        PostMessage(conversation, "x", customer=person, files=files, created=now),
        PostMessage(conversation, TEXT, agent=ACTOR, silent=agent_is_silent, created=now),
        PostMessage(conversation, "x", agent=ACTOR, silent=False, files=files),
        PostNote(conversation, TEXT, ACTOR, files=files, created=now),
        PostNote(conversation, "x", ACTOR),
        Assign(conversation, ACTOR, assignee=OTHER),
        Assign(conversation, ACTOR, team="9001"),
        Assign(conversation, ACTOR),
        SetStatus(conversation, ACTOR, Status(State.SNOOZED, 4_000_000_000.0)),
        SetStatus(conversation, ACTOR, OPEN),
        SetStatus(conversation, ACTOR, CLOSED),
        AddTag(conversation, ACTOR, "VIP"),
        AddTag(conversation, ACTOR, "brand new"),
        RemoveTag(conversation, ACTOR, "VIP"),
        RemoveTag(conversation, ACTOR, "never seen"),
    ]


@pytest.mark.parametrize("version", [*LEGACY, *MODERN])
def test_each_write_keeps_the_contract(stage, version):
    """All kinds of writes, with and without files and times."""
    play = stage(version, **sections(version))
    desk = play.helpdesks[Side.INTERCOM]
    person = desk.create_customer(Customer("500", "acct-500", "Dana", "dana@example.net", "+15550100"))
    started = desk.send(StartConversation(person, TEXT, created=1_700_000_000.0))

    for write in writes(person, started.conversation, version):
        desk.send(write)
    if version in MODERN:
        by_id = Person("acct-500", by_external_id=True)
        desk.send(PostMessage(started.conversation, "by external id", customer=by_id))
        part = desk.conversation(started.conversation).parts[-1]
        desk.send(Redact(started.conversation, part.id))
        desk.send(Redact(started.conversation, started.part))

    assert play.judge.problems == []


@pytest.mark.parametrize("version", [*LEGACY, *MODERN])
def test_each_read_keeps_the_contract(stage, version):
    """Lists with all filters, people, agents and single conversations."""
    play = stage(version, **sections(version))
    people, desk = play.world.intercom, play.helpdesks[Side.INTERCOM]
    lead = people.customer("Ines", email="ines@example.net", role="lead")
    conversation = people.customer_starts(lead, "hello")
    people.customer("Tom", email="tom@example.net", user_id="acct-1")

    desk.identity()
    desk.agents()
    for external_ids in (("acct-1",), ("acct-9", "acct-1"), ("nobody",)):
        desk.find_customer(*external_ids)
    desk.find_by_email("ines@example.net")
    desk.find_by_email(*(f"a{number}@example.net" for number in range(20)))
    for query in (
        HistoryQuery(),
        HistoryQuery(since=1.0, until=4e9, tag="VIP", status=State.CLOSED, assignee=ACTOR),
        HistoryQuery(tag="no such tag"),
        HistoryQuery(status=State.SNOOZED, assignee="team"),
    ):
        list(desk.history(query))
    assert [row.id for row in desk.changed_since(0.0)] == [conversation]
    assert [row.id for row in desk.begun_by(Person(lead), 0.0)] == [conversation]
    assert desk.conversation(conversation).id == conversation

    assert play.judge.problems == []


@pytest.mark.parametrize("version", [*LEGACY, *MODERN])
def test_many_pages_keep_the_contract(stage, version):
    """Cursors and page numbers, to the end of a list."""
    play = stage(version)
    someone = play.world.intercom.customer("Ines", email="ines@example.net")
    for number in range(170):
        play.world.intercom.customer_starts(someone, str(number))

    assert len(list(play.helpdesks[Side.INTERCOM].changed_since(0.0))) == 170
    assert play.judge.problems == []


@pytest.mark.parametrize("version", [*LEGACY, *MODERN])
def test_refusals_keep_the_contract(stage, version):
    """Errors are described too: what does not exist, what is in the way, what is too much."""
    play = stage(version, intercom={"loud_mirror": True})
    people, desk = play.world.intercom, play.helpdesks[Side.INTERCOM]
    dana = people.customer("Dana", email="dana@example.net", user_id="acct-5")
    conversation = people.customer_starts(dana, "hello")
    nobody = Person("6762f0d01bb69f9f2193bb7d")

    for write in (
        PostNote("404", "x", ACTOR),
        PostNote(conversation, "x", "404"),
        PostMessage(conversation, "x", customer=nobody),
        Assign(conversation, ACTOR, assignee="404"),
        StartConversation(nobody, "x"),
    ):
        with pytest.raises(RemoteError):
            desk.send(write)
    desk.create_customer(Customer("6", "sync-6", "Dana", "dana@example.net"))
    play.world.intercom_api.limit = 1
    play.world.advance(10)
    with httpx.Client(base_url=INTERCOM, headers=headers(play.world, version), transport=play.wire) as http:
        assert [http.get("/me").status_code for _ in range(2)] == [200, 429]
        play.world.intercom.state.token = "another"
        assert http.get("/me").status_code == 401

    assert play.judge.problems == []


CALLS = {
    "admins": ("GET", "/admins/814860", None),
    "team": ("GET", "/teams/9001", None),
    "tag": ("GET", "/tags/{tag}", None),
    "renamed tag": ("POST", "/tags", {"id": "{tag}", "name": "Very important"}),
    "contacts": ("GET", "/contacts", None),
    "changed contact": ("PUT", "/contacts/{contact}", {"name": "Ines O."}),
    "archived": ("POST", "/contacts/{contact}/archive", None),
    "unarchived": ("POST", "/contacts/{contact}/unarchive", None),
    "conversations": ("GET", "/conversations?per_page=2", None),
    "changed conversation": ("PUT", "/conversations/{conversation}", {"read": True}),
    "plain": ("GET", "/conversations/{conversation}?display_as=plaintext", None),
    "participant": (
        "POST",
        "/conversations/{conversation}/customers",
        {"admin_id": ACTOR, "customer": {"intercom_user_id": "{lead}"}},
    ),
    "merged": ("POST", "/contacts/merge", {"from": "{lead}", "into": "{contact}"}),
    "outbound": (
        "POST",
        "/messages",
        {
            "message_type": "email",
            "subject": "Hello",
            "template": "plain",
            "body": "<p>Hello</p>",
            "from": {"type": "admin", "id": 814860},
            "to": {"type": "user", "id": "{contact}"},
        },
    ),
}
NEWER = {
    "by external id": ("GET", "/contacts/find_by_external_id/acct-1", None),
    "title": ("PUT", "/conversations/{conversation}", {"title": "Export"}),
    "deleted": ("GET", "/conversations/deleted?per_page=5&order=asc", None),
    "deleted conversation": ("DELETE", "/conversations/{conversation}", None),
}
LAST = {
    "deleted contact": ("DELETE", "/contacts/{contact}", None),
    "deleted tag": ("DELETE", "/tags/{tag}", None),
}


@pytest.mark.parametrize("version", MODERN)
def test_what_only_others_call_keeps_the_contract(version):
    """The emulator serves more than the connector asks for; other programs may rely on it."""
    judge, world = Judge(), World()
    wire = Wire(world, lambda request, response: judge.exchange(intercom(version), request, response))
    known = {
        "contact": world.intercom.customer("Ines", email="ines@example.net", user_id="acct-1"),
        "lead": world.intercom.customer("Leo", email="ines@example.net", role="lead"),
        "tag": world.intercom.add_tag("VIP"),
    }
    known["conversation"] = world.intercom.customer_starts(known["contact"], "hello")
    world.intercom.delete_conversation(world.intercom.customer_starts(known["lead"], "bye"))

    with httpx.Client(base_url=INTERCOM, headers=headers(world, version), transport=wire) as http:
        calls = CALLS | (NEWER if version == "2.16" else {}) | LAST
        for method, path, body in calls.values():
            filled = None if body is None else _filled(body, known)
            assert http.request(method, path.format(**known), json=filled).status_code == 200

    assert judge.problems == []


def _filled(value, known):
    if isinstance(value, dict):
        return {key: _filled(inner, known) for key, inner in value.items()}
    return value.format(**known) if isinstance(value, str) else value
