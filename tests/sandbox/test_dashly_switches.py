"""Each Dashly switch changes what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.sandbox.switches import DashlySwitches, describe

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Served

APP = "/apps/48213/conversations"


@pytest.fixture
def off(serve: Callable[..., Served]) -> Callable[..., tuple[Served, str]]:
    """Return a function that serves a world with some switches turned, and one conversation in it."""

    def run(**switches: Any) -> tuple[Served, str]:
        served = serve(dashly_switches=DashlySwitches(**switches))
        desk = served.world.dashly
        return served, desk.customer_starts(desk.customer("Dana", email="d@example.org"), "Hi")

    return run


def test_every_switch_explains_itself() -> None:
    """Each switch has a default and a sentence."""
    assert all(doc.endswith(".") for _, _, doc in describe(DashlySwitches))


def test_after_may_be_unsupported(off: Callable[..., tuple[Served, str]]) -> None:
    """Then only `before` works."""
    served, _ = off(after_paging=False)
    answer = served.dashly.get(APP, params={"paginate_direction": "after"}).json()
    assert list(answer["meta"]["error_fields"]) == ["paginate_direction"]


def test_the_head_may_keep_its_cursor(off: Callable[..., tuple[Served, str]]) -> None:
    """Then `next_after_position` is the last key, not null."""
    served, talk = off(after_cursor_null_at_head=False)
    meta = served.dashly.get(APP, params={"paginate_direction": "after"}).json()["meta"]
    assert talk == meta["next_after_position"][1]


def test_external_ids_may_be_swallowed(off: Callable[..., tuple[Served, str]]) -> None:
    """Then reads show null."""
    served, talk = off(external_id_returned=False)
    served.dashly.post(f"/conversations/{talk}/reply", data={"body": "x", "external_id": "e"})
    assert served.dashly.get(f"/conversations/{talk}/parts").json()["data"][0]["external_id"] is None


def test_reply_may_answer_with_nothing(off: Callable[..., tuple[Served, str]]) -> None:
    """Then `data` is empty though the part is there."""
    served, talk = off(reply_returns_id=False)
    answer = served.dashly.post(f"/conversations/{talk}/reply", data={"body": "x"}).json()
    assert (
        answer["data"],
        len(served.dashly.get(f"/conversations/{talk}/parts").json()["data"]),
    ) == ({}, 2)


def test_a_customers_message_may_leave_a_conversation_closed_or_snoozed(
    off: Callable[..., tuple[Served, str]],
) -> None:
    """Neither reopening nor waking is certain."""
    served, talk = off(user_reply_reopens=False, user_reply_wakes=False)
    served.world.dashly.snooze(talk, served.world.clock.now() + 900)
    served.world.dashly.customer_writes(talk, "x")
    woken = served.dashly.get(f"/conversations/{talk}").json()["data"]["delayed_until"]
    served.world.dashly.close(talk)
    served.world.dashly.customer_writes(talk, "x")
    assert (
        woken is None,
        served.dashly.get(f"/conversations/{talk}").json()["data"]["closed"],
    ) == (False, True)


def test_an_operators_first_reply_may_assign(off: Callable[..., tuple[Served, str]]) -> None:
    """Through the API and in the panel, each by its own switch."""
    served, talk = off(admin_reply_auto_assigns=True)
    served.dashly.post(f"/conversations/{talk}/reply", data={"body": "x", "from_admin": "151377"})
    by_panel, other = off(panel_reply_auto_assigns=True)
    by_panel.world.dashly.agent_writes(other, "x", agent="151590")
    assert served.dashly.get(f"/conversations/{talk}").json()["data"]["assignee"]["id"] == "151377"
    assert by_panel.dashly.get(f"/conversations/{other}").json()["data"]["assignee"]["id"] == "151590"


@pytest.mark.parametrize(
    ("switch", "turned", "act"),
    [
        ("delay_moves_last_update", False, lambda desk, talk, now: desk.snooze(talk, now + 9000)),
        ("reopen_moves_last_update", True, lambda desk, talk, _: desk.reopen(talk)),
    ],
)
def test_what_moves_last_update_is_a_switch(
    off: Callable[..., tuple[Served, str]], switch: str, turned: object, act: Callable[..., object]
) -> None:
    """The same act moves the key in one setting and not in the other."""
    moved = []
    for setting in (bool(turned), not turned):
        served, talk = off(**{switch: setting})
        before = served.world.truth()["dashly"]["conversations"][0]["last_update"]
        served.world.advance(60)
        act(served.world.dashly, talk, served.world.clock.now())
        moved.append(served.world.truth()["dashly"]["conversations"][0]["last_update"] > before)
    assert [turned, not turned] == moved


def test_edits_may_move_last_update(off: Callable[..., tuple[Served, str]]) -> None:
    """Then the list shows the conversation first again."""
    served, talk = off(edit_moves_last_update=True)
    before = served.dashly.get(f"/conversations/{talk}").json()["data"]
    served.world.advance(60)
    served.world.dashly.edit_part(talk, before["part_last"]["id"], "x")
    assert before["last_update"] < served.dashly.get(f"/conversations/{talk}").json()["data"]["last_update"]


def test_a_passed_snooze_may_stay_visible(off: Callable[..., tuple[Served, str]]) -> None:
    """Then `delayed_until` lies in the past."""
    served, talk = off(expired_delay_cleared=False)
    served.world.dashly.snooze(talk, served.world.clock.now() + 10)
    served.world.advance(20)
    shown = served.dashly.get(f"/conversations/{talk}").json()["data"]["delayed_until"]
    assert shown < served.world.clock.now()


def test_repeated_tags_may_be_silent(off: Callable[..., tuple[Served, str]]) -> None:
    """Then both repeats answer 200 with empty data."""
    served, talk = off(duplicate_tag_is_error=False)
    path, form = f"/conversations/{talk}/tag", {"tag": "a", "from_admin": "151204"}
    answers = [served.dashly.request(verb, path, data=form) for verb in ("POST", "POST", "DELETE", "DELETE")]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert (answers[1].json()["data"], answers[3].json()["data"]) == ({}, {})


def test_listed_parts_may_be_reduced(off: Callable[..., tuple[Served, str]]) -> None:
    """Then the list's `part_last` has seven keys."""
    served, _ = off(list_parts_full=False)
    assert len(served.dashly.get(APP).json()["data"][0]["part_last"]) == 7


def test_unassigned_ones_may_be_hidden(off: Callable[..., tuple[Served, str]]) -> None:
    """Then only `include_not_assigned` shows them."""
    served, talk = off(unassigned_hidden_by_default=True)
    hidden = served.dashly.get(APP).json()["data"]
    shown = served.dashly.get(APP, params={"include_not_assigned": "true"}).json()["data"]
    assert ([], [talk]) == (hidden, [row["id"] for row in shown])


def test_unanswered_campaigns_may_be_listed(off: Callable[..., tuple[Served, str]]) -> None:
    """Then they are there without an answer."""
    served, _ = off(unreplied_listed=True)
    served.world.dashly.campaign_starts(served.world.dashly.customer("Eva"), "New!")
    assert len(served.dashly.get(APP).json()["data"]) == 2


def test_removed_conversations_are_a_switch(off: Callable[..., tuple[Served, str]]) -> None:
    """By default gone from the list and readable by id; otherwise the reverse."""
    served, talk = off()
    served.world.dashly.delete_conversation(talk)
    turned, other = off(removed_listed=True, removed_readable=False)
    turned.world.dashly.delete_conversation(other)
    assert served.dashly.get(APP).json()["data"] == []
    assert served.dashly.get(f"/conversations/{talk}").json()["data"]["removed"] is not None
    assert [other] == [row["id"] for row in turned.dashly.get(APP).json()["data"]]
    assert turned.dashly.get(f"/conversations/{other}").json()["meta"]["error"] == "LookupError"


def test_the_tags_filter_may_mean_any(off: Callable[..., tuple[Served, str]]) -> None:
    """Then one of the tags is enough."""
    served, talk = off(tags_filter_all=False)
    served.world.dashly.tag(talk, "a")
    assert len(served.dashly.get(APP, params={"tags": "a,b"}).json()["data"]) == 1


def test_the_longest_text_is_a_switch(off: Callable[..., tuple[Served, str]]) -> None:
    """A shorter limit is honoured."""
    served, talk = off(body_limit=10)
    answer = served.dashly.post(f"/conversations/{talk}/reply", data={"body": "x" * 11}).json()
    assert answer["meta"]["error"] == "ReplyTooBig"
