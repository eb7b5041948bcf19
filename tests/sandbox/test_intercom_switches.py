"""Each Intercom switch changes what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.sandbox.switches import IntercomSwitches, describe

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.sandbox.conftest import Served


@pytest.fixture
def turned(serve: Callable[..., Served]) -> Callable[..., tuple[Served, str, str]]:
    """Return a function that serves a world with some switches turned, and one conversation in it."""

    def run(**switches: Any) -> tuple[Served, str, str]:
        served = serve(intercom_switches=IntercomSwitches(**switches))
        contact, talk = served.customer_talk()
        return served, talk, contact

    return run


def comment(served: Served, talk: str, **fields: object) -> httpx.Response:
    """Comment as the first teammate and return the answer."""
    body = {"type": "admin", "admin_id": "814860", "message_type": "comment", "body": "x", **fields}
    return served.intercom.post(f"/conversations/{talk}/reply", json=body)


def found(served: Served, **more: object) -> list[str]:
    """Search for everything and return the ids."""
    query = {"field": "updated_at", "operator": ">", "value": 0}
    answer = served.intercom.post("/conversations/search", json={"query": query, **more})
    return [row["id"] for row in answer.json()["conversations"]]


def test_every_switch_explains_itself() -> None:
    """Each switch has a default and a sentence."""
    assert all(doc.endswith((".", ")")) for _, _, doc in describe(IntercomSwitches))


def test_search_may_lag_behind(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """A change is found only later, while GET shows it at once."""
    served, talk, _ = turned(search_delay=30.0)
    at_once = found(served)
    served.world.advance(31)
    later = found(served)
    before = served.intercom.get(f"/conversations/{talk}").json()["updated_at"]
    served.world.advance(5)
    served.world.intercom.customer_writes(talk, "new")
    query = {"field": "updated_at", "operator": ">", "value": before + 1}
    unseen = served.intercom.post("/conversations/search", json={"query": query}).json()["total_count"]
    assert ([], [talk], 0) == (at_once, later, unseen)


def test_sorting_may_be_ignored(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """Then rows come by id."""
    served, first, _ = turned(sort_honoured=False)
    served.world.advance(5)
    _, second = served.customer_talk(email="b@example.net")
    sort = {"field": "updated_at", "order": "descending"}
    assert [first, second] == found(served, sort=sort)


def test_back_dating_may_be_ignored_or_work_in_1_x(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """One switch for each generation."""
    served, talk, _ = turned(created_at_honoured=False)
    ignored = comment(served, talk, created_at=1_700_000_000).json()
    other, old_talk, _ = turned(created_at_honoured_in_1x=True)
    other.as_version("1.4")
    honoured = comment(other, old_talk, created_at=1_700_000_000).json()
    times = [
        item["conversation_parts"]["conversation_parts"][-1]["created_at"] for item in (ignored, honoured)
    ]
    assert (times[0] > 1_700_000_000, times[1]) == (True, 1_700_000_000)


def test_the_package_code_may_be_missing(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """A private token may have none."""
    served, talk, _ = turned(app_package_code=False)
    part = comment(served, talk).json()["conversation_parts"]["conversation_parts"][-1]
    assert part["app_package_code"] is None


def test_tags_may_leave_no_part_and_move_nothing(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """Then only the tag set tells."""
    served, talk, _ = turned(tag_writes_part=False, tag_moves_updated_at=False)
    before = served.intercom.get(f"/conversations/{talk}").json()["updated_at"]
    served.world.advance(60)
    served.world.intercom.tag(talk, "VIP")
    shown = served.intercom.get(f"/conversations/{talk}").json()
    assert (before, [], 1) == (
        shown["updated_at"],
        shown["conversation_parts"]["conversation_parts"],
        len(shown["tags"]["tags"]),
    )


def test_a_tag_may_move_the_time_without_a_part_or_the_reverse(
    turned: Callable[..., tuple[Served, str, str]],
) -> None:
    """Both are free of each other."""
    moved = []
    for switches in ({"tag_writes_part": False}, {"tag_moves_updated_at": False}):
        served, talk, _ = turned(**switches)
        before = served.intercom.get(f"/conversations/{talk}").json()["updated_at"]
        served.world.advance(60)
        served.world.intercom.tag(talk, "VIP")
        moved.append(served.intercom.get(f"/conversations/{talk}").json()["updated_at"] > before)
    assert moved == [True, False]


@pytest.mark.parametrize("switch", [1, 0])
def test_an_edit_may_move_the_conversation(
    turned: Callable[..., tuple[Served, str, str]], switch: int
) -> None:
    """The part's own time moves anyway."""
    served, talk, _ = turned(edit_moves_updated_at=bool(switch))
    part = served.world.intercom.agent_notes(talk, "a")
    before = served.intercom.get(f"/conversations/{talk}").json()["updated_at"]
    served.world.advance(60)
    served.world.intercom.edit_part(talk, part, "b")
    shown = served.intercom.get(f"/conversations/{talk}").json()
    assert bool(switch) == (shown["updated_at"] > before)
    assert shown["conversation_parts"]["conversation_parts"][0]["updated_at"] > before


def test_a_back_dated_reply_may_hide_from_polling(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """Then `updated_at` stays where it was."""
    served, talk, _ = turned(backdated_reply_moves_updated_at_to_now=False)
    before = served.intercom.get(f"/conversations/{talk}").json()["updated_at"]
    served.world.advance(60)
    assert (
        before == comment(served, talk, created_at=int(served.world.clock.now()) - 900).json()["updated_at"]
    )


def test_an_admins_reply_may_reopen(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """By default it leaves a closed conversation closed."""
    states = []
    for switch in (False, True):
        served, talk, _ = turned(admin_reply_reopens=switch)
        served.world.intercom.close(talk)
        states.append(comment(served, talk).json()["state"])
    assert states == ["closed", "open"]


def test_a_contacts_reply_may_be_text(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """Then HTML is escaped."""
    served, talk, contact = turned(contact_reply_html=False)
    body = {"type": "user", "intercom_user_id": contact, "message_type": "comment", "body": "<b>x</b>"}
    answer = served.intercom.post(f"/conversations/{talk}/reply", json=body).json()
    (part,) = answer["conversation_parts"]["conversation_parts"]
    assert part["body"] == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_files_may_come_without_a_text(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """By default a text is required."""
    file = {"content_type": "text/plain", "name": "a.txt", "data": "eA=="}
    statuses = []
    for switch in (True, False):
        served, talk, _ = turned(body_required_with_files=switch)
        statuses.append(comment(served, talk, body="", attachment_files=[file]).status_code)
    assert statuses == [400, 200]


def test_repeating_a_state_may_be_an_error(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """By default it makes one more part."""
    served, talk, _ = turned(repeated_state_is_error=True)
    body = {"type": "admin", "admin_id": "814860", "message_type": "close"}
    answers = [served.intercom.post(f"/conversations/{talk}/parts", json=body).status_code for _ in range(2)]
    assert answers == [200, 400]


def test_the_cap_of_parts_is_a_switch(turned: Callable[..., tuple[Served, str, str]]) -> None:
    """A small cap keeps tests short."""
    served, talk, _ = turned(parts_cap=2)
    for number in range(4):
        served.world.intercom.customer_writes(talk, str(number))
    shown = served.intercom.get(f"/conversations/{talk}").json()["conversation_parts"]
    assert [part["body"] for part in shown["conversation_parts"]] == ["<p>2</p>", "<p>3</p>"]
