"""The lifelike week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox import World, populate

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from tests.sandbox.conftest import Served

DASHLY_TYPES = {
    "reply_user",
    "reply_admin",
    "auto_reply",
    "note",
    "tag_added",
    "tag_deleted",
    "assigned",
    "closed",
    "final_closed",
    "delayed",
    "channel_changed",
    "vote",
    "article",
    "chat_bot_admin",
    "chat_bot_user",
    "service",
}
INTERCOM_TYPES = {
    "comment",
    "note",
    "note_and_reopen",
    "assignment",
    "open",
    "close",
    "away_mode_assignment",
    "participant_added",
    "participant_removed",
    "conversation_rating_changed",
    "conversation_rating_remark_added",
    "snoozed",
    "unsnoozed",
    "assign_and_unsnooze",
    "timer_unsnooze",
}


@pytest.fixture(scope="module")
def truth() -> JsonObject:
    """Return the ground truth of a populated world."""
    world = World()
    populate(world)
    return world.truth()


def test_every_documented_type_occurs(truth: JsonObject) -> None:
    """Sixteen types of Dashly replies, fifteen of Intercom parts."""
    kinds = {
        side: {part["type"] for talk in truth[side]["conversations"] for part in talk["parts"]}
        for side in ("dashly", "intercom")
    }
    assert kinds["dashly"] >= DASHLY_TYPES
    assert kinds["intercom"] >= INTERCOM_TYPES


def test_nothing_happens_in_the_future_or_out_of_order(truth: JsonObject) -> None:
    """Parts follow each other and end before now."""
    for side in ("dashly", "intercom"):
        for talk in truth[side]["conversations"]:
            times = [talk["created"], *(part["created"] for part in talk["parts"])]
            assert times == sorted(times)
            assert times[-1] < truth["now"]


def test_the_week_is_the_same_in_every_run(truth: JsonObject) -> None:
    """But for the date, two worlds tell the same."""
    world = World()
    populate(world)

    def bodies(told: JsonObject) -> list[str]:
        return [part["body"] for talk in told["dashly"]["conversations"] for part in talk["parts"]]

    assert bodies(truth) == bodies(world.truth())


def test_the_week_holds_what_syncs_stumble_over(truth: JsonObject) -> None:
    """A long thread, equal texts, files, closed and snoozed ones, people without an address."""
    dashly, intercom = truth["dashly"]["conversations"], truth["intercom"]["conversations"]
    assert max(len(talk["parts"]) for talk in dashly) >= 70
    assert any([part["body"] for part in talk["parts"]].count("ok") == 2 for talk in dashly)
    assert {True, False} == {talk["closed"] for talk in dashly}
    assert {"open", "closed", "snoozed"} == {talk["state"] for talk in intercom}
    assert any(part["attachments"] for talk in dashly for part in talk["parts"])
    assert any(talk["source"]["attachments"] for talk in intercom)
    assert any(not user["props"] for user in truth["dashly"]["users"])
    assert {"user", "lead"} == {contact["role"] for contact in truth["intercom"]["contacts"]}


def test_every_conversation_can_be_read(served: Served) -> None:
    """The populated world is served without an error of its own."""
    populate(served.world)
    rows = served.dashly.get("/apps/48213/conversations", params={"paginate_count": 50}).json()["data"]
    for row in rows:
        assert served.dashly.get(f"/conversations/{row['id']}/parts").status_code == 200
    for version in ("1.0", "1.4", "2.0", "2.5", "2.11", "2.16"):
        listed = served.as_version(version).get("/conversations").json()["conversations"]
        assert len(listed) == 9
        for row in listed:
            assert served.intercom.get(f"/conversations/{row['id']}").status_code == 200
    assert (len(rows), served.world.record.crashes) == (8, [])
