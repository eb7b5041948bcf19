"""Intercom 2.x: what each version knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from connector.sandbox.exchange import JsonObject
    from tests.sandbox.conftest import Served


def admin(served: Served, talk: str, **fields: object) -> JsonObject:
    """Comment as the first teammate and return the newest part."""
    body = {"type": "admin", "admin_id": "814860", "message_type": "comment", "body": "x", **fields}
    answer = served.intercom.post(f"/conversations/{talk}/reply", json=body)
    return answer.json()["conversation_parts"]["conversation_parts"][-1]


def error(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code."""
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_an_unknown_version_is_refused(served: Served) -> None:
    """The version is a text out of a list."""
    for version in ("2.99", "two", ""):
        assert error(served.as_version(version).get("/me")) == (400, "intercom_version_invalid")


def test_without_a_header_the_apps_version_counts(served: Served) -> None:
    """The sandbox's app is set to 2.16."""
    _, talk = served.customer_talk()
    del served.intercom.headers["Intercom-Version"]
    assert "channel" in served.intercom.get(f"/conversations/{talk}").json()


@pytest.mark.parametrize(
    ("since", "before", "method", "path"),
    [
        ("2.16", "2.15", "GET", "/conversations/deleted"),
        ("2.13", "2.12", "DELETE", "/conversations/{talk}"),
        ("2.13", "2.12", "GET", "/contacts/find_by_external_id/u-1"),
        ("2.3", "2.2", "POST", "/conversations/redact"),
        ("2.0", "1.4", "POST", "/conversations/search"),
        ("2.0", "1.4", "POST", "/conversations/{talk}/tags"),
        ("2.0", "1.4", "POST", "/conversations/{talk}/parts"),
        ("1.4", "2.0", "POST", "/users"),
    ],
)
def test_what_a_version_lacks_is_an_error_of_its_own(
    served: Served, since: str, before: str, method: str, path: str
) -> None:
    """Before its time a call is 400 `intercom_version_invalid`, not 404."""
    _, talk = served.customer_talk(user_id="u-1")
    url = path.format(talk=talk)
    assert error(served.as_version(before).request(method, url)) == (400, "intercom_version_invalid")
    later = served.as_version(since).request(method, url)
    assert later.status_code == 200 or error(later)[1] != "intercom_version_invalid"


def test_newer_fields_of_parts_appear_with_their_version(served: Served) -> None:
    """2.13 brought `app_package_code` and its neighbours, 2.14 `metadata` and the agent flags."""
    _, talk = served.customer_talk()
    fields = {}
    for version in ("2.12", "2.13", "2.14"):
        served.as_version(version)
        fields[version] = admin(served, talk)
    assert not {"app_package_code", "state", "tags", "event_details"} & set(fields["2.12"])
    assert {"app_package_code", "state", "tags", "event_details"} <= set(fields["2.13"])
    assert "metadata" not in fields["2.13"]
    assert (fields["2.14"]["metadata"], fields["2.14"]["author"]["from_ai_agent"]) == ({}, False)


def test_priorities_have_levels_from_2_16(served: Served) -> None:
    """Before they were two words."""
    _, talk = served.customer_talk()
    path = f"/conversations/{talk}"
    assert (
        served.as_version("2.15").get(path).json()["priority"],
        served.as_version("2.16").get(path).json()["priority"],
    ) == ("not_priority", "none")


def test_back_dating_a_beginning_needs_2_11(served: Served) -> None:
    """Before it the given time is ignored."""
    contact = served.world.intercom.customer("Ines")
    body = {"from": {"type": "user", "id": contact}, "body": "x", "created_at": 1_700_000_000}
    old = served.as_version("2.10").post("/conversations", json=body).json()["created_at"]
    new = served.as_version("2.11").post("/conversations", json=body).json()["created_at"]
    assert (old > 1_700_000_000, new) == (True, 1_700_000_000)


def test_silence_needs_2_15(served: Served) -> None:
    """`skip_notifications` is ignored by older versions, and the customer is told."""
    _, talk = served.customer_talk()
    told = []
    for version in ("2.14", "2.15"):
        served.as_version(version)
        admin(served, talk, skip_notifications=True)
        told.append(len(served.world.notifications("intercom")))
    assert told == [1, 1]


def test_events_posed_as_comments_before_2_6(served: Served) -> None:
    """Tag changes were not shown at all."""
    _, talk = served.customer_talk()
    served.world.intercom.tag(talk, "VIP")
    served.world.intercom.bot_writes(talk, "", choices=("a", "b"))
    new = served.as_version("2.6").get(f"/conversations/{talk}").json()
    old = served.as_version("2.5").get(f"/conversations/{talk}").json()
    kinds = [
        [p["part_type"] for p in shown["conversation_parts"]["conversation_parts"]] for shown in (new, old)
    ]
    assert kinds == [["conversation_tags_updated", "quick_reply"], ["comment"]]


def test_titles_are_written_from_2_13(served: Served) -> None:
    """Older versions ignore them."""
    _, talk = served.customer_talk()
    path = f"/conversations/{talk}"
    old = served.as_version("2.12").put(path, json={"title": "T"}).json()["title"]
    new = served.as_version("2.13").put(path, json={"title": "T"}).json()["title"]
    assert (old, new) == (None, "T")
