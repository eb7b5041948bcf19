"""What came with which version: one table, true to the descriptions, and what is lost without it."""

import pytest

from connector.errors import Rejected
from connector.helpdesk.port import AddTag, PostMessage, PostNote, Redact
from connector.intercom.versions import FEATURES, Version, capabilities
from connector.sandbox.exchange import Upload
from mappings.model import Side
from tests.contract.kit.contract import intercom

ACTOR = "814860"
VERSIONS = ("1.0", "1.1", "1.4", "2.7", "2.11", "2.16")


def knows(version, method, path, request=None):
    """Tell whether a description has an operation on this very path, and takes a body there."""
    found = intercom(version).find(method, path)
    if found is None or path.split("/")[-1] in found[1].values():
        return False
    taken = found[0].request
    return request is None or (taken is not None and taken.is_valid(request))


def reply(version, **more):
    """Return whether a reply may have more keys than it needs."""
    who = {"type": "admin", "admin_id": "1"} if "agent" in more else {"type": "user", "user_id": "1"}
    more.pop("agent", None)
    body = {**who, "message_type": "comment", "body": "x", **more}
    return knows(version, "POST", "/conversations/5/reply", body)


FILES = [{"content_type": "image/png", "name": "a.png", "data": "cG5n"}]
START = {"from": {"type": "user", "id": "6762f0d01bb69f9f2193bb7d"}, "body": "x"}
PROOFS = {
    "teams": lambda v: v >= "1.4",
    "search": lambda v: knows(v, "POST", "/conversations/search"),
    "conversation tags": lambda v: knows(v, "POST", "/conversations/5/tags"),
    "attached files": lambda v: reply(v, agent=True, attachment_files=FILES),
    "redaction": lambda v: knows(v, "POST", "/conversations/redact"),
    "admin created_at": lambda v: reply(v, agent=True, created_at=1_700_000_000),
    "contact created_at": lambda v: reply(v, created_at=1_700_000_000),
    "create created_at": lambda v: knows(v, "POST", "/conversations", START | {"created_at": 1_700_000_000}),
    "skip_notifications": lambda v: reply(v, agent=True, skip_notifications=True),
    "deleted list": lambda v: knows(v, "GET", "/conversations/deleted"),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("feature", PROOFS)
def test_the_table_agrees_with_the_descriptions(feature, version):
    """What the table says of a version is what its description takes."""
    assert Version.parse(version).has(feature) is PROOFS[feature](version)


@pytest.mark.parametrize(
    ("version", "lost"),
    [("2.16", 0), ("2.15", 1), ("2.14", 2), ("2.10", 4), ("2.6", 5), ("2.2", 6), ("1.4", 8)],
)
def test_what_is_lost_is_told_in_sentences(version, lost):
    """The older the version, the longer the list; settings that make up for it shorten it."""
    at = Version.parse(version)

    assert len(at.shortcomings()) == lost
    assert len(at.shortcomings(loud_mirror=True, tags_elsewhere=True)) == lost - (lost > 1) - (lost > 6)
    assert all(feature.without.endswith(".") for feature in FEATURES.values() if feature.without)


def test_abilities_follow_the_table():
    """What the engine is told is derived from the table."""
    old, new = capabilities(Version(1, 4)), capabilities(Version(2, 16))

    assert (old.silent_messages, old.back_dating, old.tags, old.files_per_message) == (False, False, False, 0)
    assert (new.silent_messages, new.back_dating, new.tags, new.files_per_message) == (True, True, True, 10)
    assert capabilities(Version(1, 4), tag_version=Version(2, 0)).tags


@pytest.mark.parametrize("version", ["1.4", "2.14"])
@pytest.mark.parametrize("loud", [True, False])
def test_without_silence_an_agents_message_is_a_note_unless_noise_is_allowed(stage, version, loud):
    """A copy must not notify; `loud_mirror` says that it may."""
    play = stage(version, intercom={"loud_mirror": loud})
    play.init()
    play.world.advance(2)
    dashly = play.world.dashly
    talk = dashly.customer_starts(dashly.customer("Eva", email="eva@example.org"), "hello")
    dashly.agent_writes(talk, "good morning")

    play.sync()

    (mirror,) = play.world.truth()["intercom"]["conversations"]
    (copy,) = [part for part in mirror["parts"] if "good morning" in str(part["body"])]
    assert copy["public"] is loud
    assert len(play.world.notifications("intercom", via="api")) == loud


@pytest.mark.parametrize(("tag_version", "carried"), [("", False), ("2.16", True)])
def test_a_1x_conversation_is_tagged_only_through_2x(stage, tag_version, carried):
    """Only the tag call goes out under the other version; else one note tells of it, once."""
    play = stage("1.4", intercom={"tag_api_version": tag_version})
    play.init()
    play.world.advance(2)
    dashly = play.world.dashly
    talk = dashly.customer_starts(dashly.customer("Eva", email="eva@example.org"), "hello")
    play.sync()
    dashly.tag(talk, "vip")

    for _ in range(3):
        play.world.advance(30)
        play.sync()

    (mirror,) = play.world.truth()["intercom"]["conversations"]
    assert (mirror["tags"] != []) is carried
    assert play.told[-1]["writes"] == {"dashly": 0, "intercom": 0}
    versions = {item.version for item in play.world.requests("intercom") if item.path.endswith("/tags")}
    assert ("2.16" in versions) is carried
    notes = [part for part in mirror["parts"] if "vip" in str(part["body"])]
    assert len(notes) == (0 if carried else 1)


def test_without_attached_files_a_copy_names_them(stage):
    """1.x takes no files: name, size and link are in the text."""
    play = stage("1.4")
    play.init()
    play.world.advance(2)
    dashly = play.world.dashly
    rows = Upload("rows.png", b"made up", "image/png")
    dashly.customer_starts(dashly.customer("Eva", email="eva@example.org"), "look", attachments=[rows])

    play.sync()

    (mirror,) = play.world.truth()["intercom"]["conversations"]
    assert "rows.png" in str([mirror["source"]["body"], *(part["body"] for part in mirror["parts"])])
    assert play.judge.problems == []


@pytest.mark.parametrize(
    ("version", "write"),
    [
        ("2.14", PostMessage("5", "x", agent=ACTOR)),
        ("2.2", Redact("5", "1")),
        ("1.4", AddTag("5", ACTOR, "vip")),
    ],
)
def test_what_a_version_cannot_do_is_refused_before_it_is_sent(stage, version, write):
    """The desk itself refuses, whatever the engine believes."""
    play = stage(version)

    with pytest.raises(Rejected):
        play.helpdesks[Side.INTERCOM].send(write)
    assert play.world.requests() == []


def test_a_version_that_nobody_describes_still_writes_only_what_the_older_one_knows(stage):
    """Between two described versions, the older description holds."""
    play = stage("2.9")
    people = play.world.intercom
    talk = people.customer_starts(people.customer("Ines", email="ines@example.net"), "hello")

    play.helpdesks[Side.INTERCOM].send(PostNote(talk, "x", ACTOR, created=1_700_000_000.0))

    assert play.world.requests("intercom")[-1].status == 200
