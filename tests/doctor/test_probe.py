"""The probe: its answers are the sandbox's switches, nobody hears of it, and no run copies it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.config.model import Config
from connector.doctor.verdict import judge
from connector.sandbox import World
from connector.sandbox.switches import DashlySwitches, IntercomSwitches
from mappings.keyed import looks_keyed

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.exchange import JsonObject
    from tests.doctor.conftest import Room

# The name of an answer, and of the switch that decides it.
DASHLY = {
    "reply_returns_id": "reply_returns_id",
    "external_id_returned": "external_id_returned",
    "text_escaped": "body_escaped",
    "external_id_unique": "external_id_unique",
    "repeated_tag_refused": "duplicate_tag_is_error",
    "repeated_close_refused": "repeat_is_error",
    "agent_reply_reopens": "admin_reply_reopens",
    "agent_reply_assigns": "admin_reply_auto_assigns",
    "customer_reply_reopens": "user_reply_reopens",
    "after_paging": "after_paging",
    "after_cursor_null_at_head": "after_cursor_null_at_head",
}
INTERCOM = {
    "create_back_dated": "created_at_honoured",
    "back_dating": "created_at_honoured",
    "back_dated_note_moves_updated_at": "backdated_reply_moves_updated_at_to_now",
    "agent_reply_reopens": "admin_reply_reopens",
    "tag_moves_updated_at": "tag_moves_updated_at",
    "tag_writes_part": "tag_writes_part",
    "search_includes_equal": "greater_includes_equal",
}
MOVES = ("note_moves_last_update", "tag_moves_last_update", "close_moves_last_update")
FLIPPED = (
    DashlySwitches(
        reply_returns_id=False,
        external_id_returned=False,
        external_id_unique=True,
        body_escaped=True,
        duplicate_tag_is_error=False,
        repeat_is_error=True,
        admin_reply_reopens=True,
        user_reply_reopens=False,
        after_paging=False,
    ),
    IntercomSwitches(
        created_at_honoured=False,
        app_package_code=False,
        admin_reply_reopens=True,
        tag_moves_updated_at=False,
        tag_writes_part=False,
        greater_includes_equal=False,
        search_delay=20.0,
    ),
)
OTHERS = (
    DashlySwitches(after_cursor_null_at_head=False, admin_reply_auto_assigns=True),
    IntercomSwitches(backdated_reply_moves_updated_at_to_now=False, tag_moves_updated_at=False),
)


def a_world(dashly: DashlySwitches | None = None, intercom: IntercomSwitches | None = None) -> World:
    """A staffed world with these switches."""
    return World(dashly_limit=6000, dashly_switches=dashly, intercom_switches=intercom)


def expected(switches: DashlySwitches | IntercomSwitches, table: dict[str, str]) -> JsonObject:
    """What a truthful probe says of these switches."""
    return {answer: getattr(switches, switch) for answer, switch in table.items()}


def leaves_no_trace(room: Room) -> None:
    """Nobody was told, all is closed, and a sync writes nothing because of it."""
    assert room.world.notifications() == []
    assert room.world.record.crashes == []
    assert all(item.closed for item in room.world.dashly.state.conversations.values())
    assert all(item.state == "closed" for item in room.world.intercom.state.conversations.values())
    assert "connector-probe" not in {tag.name for tag in room.world.intercom.state.tags.values()}
    changes_nothing(room, "sync")


def changes_nothing(room: Room, *words: str) -> None:
    """A run finds nothing to do and writes nothing on either side."""
    before, truth = room.writes(), room.world.truth()
    said = room.run(*words)
    assert (said.code, said.json["conversations"]["changed"]) == (0, 0)
    after = room.world.truth()
    assert room.writes() == before
    assert (after["dashly"], after["intercom"]) == (truth["dashly"], truth["intercom"])


@pytest.mark.long
@pytest.mark.parametrize(("dashly", "intercom"), [(DashlySwitches(), IntercomSwitches()), FLIPPED, OTHERS])
def test_the_answers_are_the_switches(
    move_in: Callable[..., Room], dashly: DashlySwitches, intercom: IntercomSwitches
) -> None:
    """Every answer that a switch decides is found out, on both sides."""
    room = move_in(a_world(dashly, intercom), operator="151204")
    said = room.run("doctor", "--probe", "--yes")
    assert said.code == 0
    of_dashly, of_intercom = said.json["probe"]["dashly"], said.json["probe"]["intercom"]
    wanted = expected(dashly, DASHLY)
    if not dashly.after_paging:
        del wanted["after_cursor_null_at_head"]
    assert {answer: of_dashly[answer] for answer in wanted} == wanted
    assert all(of_dashly[answer] for answer in MOVES)
    wanted = expected(intercom, INTERCOM)
    wanted["tag_moves_updated_at"] = intercom.tag_moves_updated_at
    if not intercom.created_at_honoured:  # then nothing was back-dated
        wanted["back_dated_note_moves_updated_at"] = True
    assert {answer: of_intercom[answer] for answer in wanted} == wanted
    assert ("parts_ordered_by" in of_intercom) is intercom.created_at_honoured
    assert isinstance(of_intercom["app_package_code"], str) is intercom.app_package_code
    assert intercom.search_delay <= of_intercom["search_delay"] <= intercom.search_delay + 2
    assert of_intercom["redaction_moves_updated_at"] is of_intercom["customer_reply_reopens"] is True
    leaves_no_trace(room)


@pytest.mark.long
def test_answers_are_kept_and_shown(room: Room) -> None:
    """They are in the state file, the doctor shows them, and asking again takes the same test people."""
    assert room.run("doctor", "--probe", "--yes").code == 0
    kept = room.run("doctor").json["probe"]
    assert kept["at"].endswith("Z")
    with room.store() as store:
        assert store.meta.get("app_code") == kept["intercom"]["app_package_code"]
        assert store.pairs.counts() == {"gone": 2}
    people = [len(room.world.dashly.state.users), len(room.world.intercom.state.contacts)]
    assert people == [1, 1]
    page = room.plain("--verbose", "doctor", "--probe", "--yes").out
    assert "Dashly answered" in page
    assert "external id returned" in page
    assert [len(room.world.dashly.state.users), len(room.world.intercom.state.contacts)] == people
    with room.store() as store:
        assert store.pairs.counts() == {"gone": 4}
        assert [run["command"] for run in store.runs.last(2)] == ["probe", "probe"]
    leaves_no_trace(room)
    for side in ("dashly", "intercom"):
        changes_nothing(room, "backfill", "--from", side, "--yes")
    assert room.run("verify").json["pairs"] == 0


@pytest.mark.long
def test_the_test_people_have_no_address(room: Room) -> None:
    """Nothing could reach them, and their ids are no shadow user's and not the same on both sides."""
    assert room.run("doctor", "--probe", "--yes").code == 0
    (user,) = room.world.dashly.state.users.values()
    (contact,) = room.world.intercom.state.contacts.values()
    assert user.props == {"$name": "Connector probe"}
    assert (contact.email, contact.phone) == (None, None)
    assert looks_keyed(str(user.user_id))
    assert looks_keyed(str(contact.external_id))
    assert user.user_id != contact.external_id


def test_it_asks_first(room: Room) -> None:
    """Without a terminal and without consent nothing is written."""
    said = room.run("doctor", "--probe")
    assert said.code == 2
    assert "no terminal" in said.err
    assert room.writes() == []


def test_it_waits_until_all_is_well(room: Room) -> None:
    """A failure goes first; nothing is written."""
    room.world.skew("dashly", 300)
    said = room.run("doctor", "--probe", "--yes")
    assert (said.code, said.status("probe")) == (1, "skip")
    assert room.writes() == []


@pytest.mark.long
@pytest.mark.parametrize("version", ["1.4", "2.10"])
def test_old_versions(move_in: Callable[..., Room], version: str) -> None:
    """What the version does not know is not asked, and no message is sent that would notify."""
    room = move_in(version=version)
    said = room.run("doctor", "--probe", "--yes")
    assert said.code == 0
    answers = said.json["probe"]["intercom"]
    assert answers["api_version"] == version
    assert not {"app_package_code", "agent_reply_reopens", "create_back_dated"} & set(answers)
    assert ("back_dating" in answers) is (version == "2.10")
    assert ("search_includes_equal" in answers) is (version == "2.10")
    assert answers["search_delay"] == 0
    leaves_no_trace(room)


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_after", "side": "dashly", "path": "/startconversation$"},
        {"kind": "drop_after", "side": "intercom", "method": "POST", "path": "/conversations$"},
        {"kind": "drop_after", "side": "dashly", "path": "/reply$", "nth": 3},
        {"kind": "status", "side": "intercom", "path": "/tags$", "method": "POST", "nth": 2},
        {"kind": "drop_before", "side": "intercom", "path": "/parts$", "method": "POST"},
    ],
)
def test_a_fault_on_the_way(room: Room, fault: JsonObject) -> None:
    """What was learnt until then is kept, the failure is told, and the test conversations are cleaned up."""
    rule = room.world.fault(**fault)
    said = room.run("doctor", "--probe", "--yes")
    assert rule.used == 1
    assert (said.code, said.status(f"{fault['side']} probe")) == (3, "fail")
    other = "intercom" if fault["side"] == "dashly" else "dashly"
    assert len(said.json["probe"][other]) > 10
    leaves_no_trace(room)


@pytest.mark.long
def test_nothing_is_known_of_conversations_before(room: Room) -> None:
    """Real conversations beside it are carried as ever."""
    assert room.run("doctor", "--probe", "--yes").code == 0
    customer = room.world.dashly.customer("Eva", email="eva@example.org")
    room.world.dashly.customer_starts(customer, "Hello")
    assert room.run("sync").json["conversations"]["created"] == 1
    with room.store() as store:
        assert store.pairs.counts() == {"gone": 2, "linked": 1}


def test_what_answers_mean() -> None:
    """Each answer that costs something is a warning with advice; good answers say nothing."""
    config = Config.model_validate({"dashly": {"app_id": "1"}, "intercom": {"default_admin": "2"}})
    good = {"at": "then", "dashly": {}, "intercom": {"api_version": "2.16", "search_delay": 10}}
    assert [finding.level for finding in judge(good, config)] == ["ok"]
    bad = {
        "at": "then",
        "dashly": {"external_id_returned": False, "tag_moves_last_update": False, "text_escaped": True},
        "intercom": {
            "api_version": "2.15",
            "back_dating": False,
            "tag_moves_updated_at": False,
            "search_delay": None,
        },
    }
    found = list(judge(bad, config))
    assert [finding.level for finding in found] == ["ok"] + ["warn"] * 7
    assert all(finding.advice for finding in found[1:])
    slow = {"at": "then", "intercom": {"api_version": "2.16", "search_delay": 400}}
    assert [finding.advice for finding in judge(slow, config)] == ["", "set [sync] overlap to 1600s or more"]
