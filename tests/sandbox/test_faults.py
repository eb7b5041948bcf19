"""Faults on the wire: what was applied and what the client saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from connector.sandbox.exchange import Upload

if TYPE_CHECKING:
    from tests.sandbox.conftest import Served


@pytest.fixture
def talk(served: Served) -> str:
    """Return a Dashly conversation."""
    return served.world.dashly.customer_starts(served.world.dashly.customer("Dana"), "Hi")


def post(served: Served, talk: str, body: str = "x") -> httpx.Response:
    """Send a reply."""
    return served.dashly.post(f"/conversations/{talk}/reply", data={"body": body})


def count(served: Served) -> int:
    """Count the parts that really exist."""
    return len(served.world.truth()["dashly"]["conversations"][0]["parts"])


@pytest.mark.parametrize(
    ("kind", "applied"), [("refuse", 0), ("drop_before", 0), ("drop_after", 1), ("late", 0)]
)
def test_a_lost_connection_may_or_may_not_have_been_applied(
    served: Served, talk: str, kind: str, applied: int
) -> None:
    """The client sees a broken connection either way, and the next request works."""
    served.world.fault(kind, method="POST", seconds=60)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        post(served, talk)
    assert 1 + applied == count(served)
    assert post(served, talk).status_code == 200


def test_a_late_request_is_applied_when_its_time_has_come(served: Served, talk: str) -> None:
    """By virtual time, whether or not anybody asks."""
    served.world.fault("late", path="reply", seconds=60)
    with pytest.raises(httpx.RemoteProtocolError):
        post(served, talk)
    served.world.advance(59)
    before = count(served)
    served.world.advance(2)
    assert (before, count(served)) == (1, 2)


def test_a_late_request_may_arrive_with_a_later_one(served: Served, talk: str) -> None:
    """Just before the k-th next request, so its part is older."""
    served.world.fault("late", path="reply", after_requests=2)
    with pytest.raises(httpx.RemoteProtocolError):
        post(served, talk, "late")
    served.dashly.get("/apps/48213/channels")
    post(served, talk, "second")
    bodies = [part["body"] for part in served.world.truth()["dashly"]["conversations"][0]["parts"]]
    assert bodies == ["Hi", "late", "second"]


@pytest.mark.parametrize(("waited", "there"), [(59, 1), (61, 2)])
def test_a_late_request_is_no_later_than_it_says(
    served: Served, talk: str, waited: float, there: int
) -> None:
    """Though nobody asks for anything meanwhile."""
    served.world.fault("late", path="reply", after_requests=9, seconds=60)
    with pytest.raises(httpx.RemoteProtocolError):
        post(served, talk)
    served.world.advance(waited)

    assert count(served) == there


@pytest.mark.parametrize("applied", [1, 0])
@pytest.mark.parametrize("kind", ["status", "html"])
def test_an_error_answer_does_not_tell_whether_it_was_applied(
    served: Served, talk: str, kind: str, applied: int
) -> None:
    """A 5xx or an HTML page, before or after the effect."""
    served.world.fault(kind, method="POST", status=503, applied=bool(applied), retry_after="7")
    answer = post(served, talk)
    assert (503, "7", 1 + applied) == (answer.status_code, answer.headers["retry-after"], count(served))


def test_an_answer_may_be_cut_off(served: Served, talk: str) -> None:
    """The effect is there, the answer is half."""
    served.world.fault("truncate", method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        post(served, talk)
    assert count(served) == 2


def test_an_answer_may_be_slow(served: Served, talk: str) -> None:
    """A client with little patience gives up on what was applied."""
    served.world.fault("slow", method="POST", seconds=0.4)
    with pytest.raises(httpx.ReadTimeout):
        served.dashly.post(f"/conversations/{talk}/reply", data={"body": "x"}, timeout=0.1)
    assert count(served) == 2


def test_a_rule_strikes_from_the_nth_match_and_only_so_often(served: Served, talk: str) -> None:
    """Side, method and path narrow it down; `used` counts."""
    rule = served.world.fault("status", side="dashly", method="POST", path="/reply$", nth=2, times=2)
    served.intercom.get("/me")
    statuses = [post(served, talk).status_code for _ in range(4)]
    assert (statuses, rule.used) == ([200, 500, 500, 200], 2)


def test_rules_can_be_cleared_and_unknown_kinds_are_refused(served: Served, talk: str) -> None:
    """A cleared rule strikes no more."""
    served.world.fault("status", times=9)
    served.world.clear_faults()
    assert post(served, talk).status_code == 200
    with pytest.raises(ValueError, match="unknown kind"):
        served.world.fault("meteor")


def test_requests_are_logged_with_their_fault(served: Served, talk: str) -> None:
    """Method, path, shortened parameters and status, but no token."""
    served.world.fault("drop_after", method="POST")
    with pytest.raises(httpx.RemoteProtocolError):
        post(served, talk, "y" * 200)
    (entry,) = served.world.requests("dashly")
    assert ("POST", f"/v2/conversations/{talk}/reply", 200, "drop_after", 80) == (
        entry.method,
        entry.path,
        entry.status,
        entry.fault,
        len(entry.params["body"]),
    )


def test_the_sandbox_never_answers_for_its_own_errors(served: Served, talk: str) -> None:
    """Malformed bodies are the client's fault."""
    bad = served.intercom.post(
        "/conversations/search", content=b"{", headers={"Content-Type": "application/json"}
    )
    odd = served.dashly.post(
        f"/conversations/{talk}/reply",
        content=b"\xff=%ff",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (bad.status_code, odd.status_code, served.world.record.crashes) == (400, 400, [])


@pytest.mark.parametrize("status", [425, 499, 307, 308])
@pytest.mark.parametrize("applied", [True, False])
def test_odd_statuses_may_hide_an_effect(served: Served, talk: str, status: int, applied: object) -> None:
    """A redirect names another place."""
    served.world.fault("status", method="POST", status=status, applied=bool(applied), location="/v2/else")
    answer = post(served, talk)
    location = "/v2/else" if status in {307, 308} else None
    assert (status, location, 1 + int(bool(applied))) == (
        answer.status_code,
        answer.headers.get("location"),
        count(served),
    )


@pytest.mark.parametrize("kind", ["drip", "drip_head"])
def test_an_answer_may_drip(served: Served, talk: str, kind: str) -> None:
    """Each read finds something, so that only a deadline over the whole ends it; the effect is there."""
    served.world.fault(kind, method="POST", seconds=0.4)
    slept = served.world.clock.now()
    assert post(served, talk).json()["meta"]["status"] == 200
    assert (served.world.clock.now() - slept >= 0.4, count(served)) == (True, 2)


def test_somebody_may_act_just_before_an_answer(served: Served) -> None:
    """A list that shrinks while it is read: the second page no longer holds what the first one pushed on."""
    desk = served.world.intercom
    talks = [desk.customer_starts(desk.customer(f"P{number}"), "Hi") for number in range(4)]
    served.as_version("1.4")
    arguments = {"side": "intercom", "conversation": talks[0]}
    served.world.fault(
        "act", path="/conversations$", nth=2, action="delete_conversation", arguments=arguments
    )
    asked: dict[str, str | int] = {"sort": "created_at", "order": "asc", "per_page": 2}
    pages = [
        [
            row["id"]
            for row in served.intercom.get("/conversations", params={**asked, "page": page}).json()[
                "conversations"
            ]
        ]
        for page in (1, 2)
    ]
    assert pages == [talks[:2], talks[3:]]


def test_downloads_are_struck_only_by_rules_that_name_them(served: Served) -> None:
    """They are no API requests, and not in the log."""
    desk = served.world.dashly
    desk.customer_starts(desk.customer("Dana"), "x", attachments=[Upload("a.png", b"png", "image/png")])
    (row,) = served.dashly.get("/apps/48213/conversations").json()["data"]
    url = row["part_last"]["attachments"][0]["url"]
    general = served.world.fault("status", times=9)
    served.world.fault("status", path="^/files/", status=503)
    assert [served.dashly.get(url).status_code for _ in range(2)] == [503, 200]
    assert (general.used, len(served.world.requests("dashly"))) == (0, 1)
