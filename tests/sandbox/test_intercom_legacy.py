"""Intercom 1.0 to 1.4: other shapes, other paths, the same conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.sandbox.conftest import Served


@pytest.fixture
def old(served: Served) -> Served:
    """Return the sandbox with a client that speaks 1.4."""
    served.as_version("1.4")
    return served


def talks(served: Served, count: int) -> list[str]:
    """Let customers begin conversations ten seconds apart; return the ids, oldest first."""
    made = []
    for number in range(count):
        made.append(served.customer_talk(f"Hello {number}", email=f"c{number}@example.net")[1])
        served.world.advance(10)
    return made


def admin(served: Served, talk: str, kind: str, **more: object) -> httpx.Response:
    """Act as the first teammate through the one endpoint there is."""
    fields = {"type": "admin", "admin_id": "814860", "message_type": kind, **more}
    return served.intercom.post(f"/conversations/{talk}/reply", json=fields)


def ids(answer: httpx.Response) -> list[str]:
    """Return the ids of a list."""
    return [row["id"] for row in answer.json()["conversations"]]


def test_a_conversation_has_the_old_shape(old: Served) -> None:
    """`conversation_message`, `user`, `customers` and `assignee`; an empty rating is an object of nulls."""
    contact, talk = old.customer_talk(role="lead")
    old.world.intercom.customer_writes(talk, "more")
    shown = old.intercom.get(f"/conversations/{talk}").json()
    assert {"source", "contacts", "title", "priority", "statistics"}.isdisjoint(shown)
    assert ({"type": "lead", "id": contact}, {"type": "nobody_admin", "id": None}) == (
        shown["user"],
        shown["assignee"],
    )
    assert (
        shown["conversation_message"]["type"],
        shown["conversation_message"]["delivered_as"],
        shown["conversation_message"]["author"]["type"],
        shown["conversation_message"]["author"]["name"],
    ) == ("conversation", "customer_initiated", "lead", "Ines")
    assert {name: shown["conversation_rating"][name] for name in ("rating", "remark", "created_at")} == {
        "rating": None,
        "remark": None,
        "created_at": None,
    }
    (part,) = shown["conversation_parts"]["conversation_parts"]
    assert (part["author"]["type"], part["external_id"]) == ("user", None)
    assert {"redacted", "state", "app_package_code"}.isdisjoint(part)


def test_versions_of_1_x_differ(old: Served) -> None:
    """1.0 has a far date for "not waiting"; names come with 1.3; teams leave /admins with 1.4."""
    _, talk = old.customer_talk()
    old.world.intercom.agent_writes(talk, "hi")
    shown = {
        version: old.as_version(version).get(f"/conversations/{talk}").json() for version in ("1.0", "1.2")
    }
    assert tuple(shown[version]["conversation_message"]["type"] for version in ("1.0", "1.2")) == (
        "conversation_message",
        "conversation",
    )
    assert (shown["1.0"]["waiting_since"], shown["1.2"]["waiting_since"]) == (64654125776, None)
    assert "name" not in shown["1.2"]["conversation_message"]["author"]
    teams = [
        sum(item["type"] == "team" for item in old.as_version(version).get("/admins").json()["admins"])
        for version in ("1.3", "1.4")
    ]
    assert teams == [2, 0]


def test_lists_go_by_pages_of_at_most_60(old: Served) -> None:
    """`next` is a full address without the filters, null on the last page."""
    made = talks(old, 3)
    first = old.intercom.get("/conversations", params={"per_page": 2})
    last = old.intercom.get("/conversations", params={"per_page": 2, "page": 2})
    assert (made[:0:-1], made[:1]) == (ids(first), ids(last))
    assert f"{old.sandbox.intercom.base_url}/conversations?per_page=2&page=2" == first.json()["pages"]["next"]
    assert last.json()["pages"]["next"] is None
    assert old.intercom.get("/conversations", params={"per_page": 61}).status_code == 400


def test_sort_and_order_swap_their_meaning(old: Served) -> None:
    """Unfiltered: sort is the field. With a type: order is the field."""
    made = talks(old, 3)
    old.world.intercom.agent_writes(made[0], "touched")
    for talk in made:
        old.world.intercom.assign(talk, "814872")
        old.world.advance(5)

    def listed(**params: str) -> list[str]:
        return ids(old.intercom.get("/conversations", params=params))

    assert made == listed(sort="created_at", order="asc")
    assert made == listed(sort="created_at", order="created_at")
    mine = {"type": "admin", "admin_id": "814872"}
    assert made[::-1] == listed(**mine, order="created_at", sort="desc")
    assert made == listed(**mine, order="created_at", sort="asc")
    assert listed(type="admin", admin_id="nobody") == []


def test_a_persons_conversations_are_listed_by_any_of_three_names(old: Served) -> None:
    """`intercom_user_id`, `user_id` or `email`."""
    contact, talk = old.customer_talk(user_id="u-1")
    talks(old, 1)
    for name, value in [("intercom_user_id", contact), ("user_id", "u-1"), ("email", "ines@example.net")]:
        assert [talk] == ids(old.intercom.get("/conversations", params={"type": "user", name: value}))


def test_one_endpoint_does_everything(old: Served) -> None:
    """Comment, note, close, open, snooze, unsnooze and assign are message types of reply."""
    _, talk = old.customer_talk()
    until = int(old.world.clock.now()) + 900
    admin(old, talk, "comment", body="c")
    admin(old, talk, "note", body="n")
    admin(old, talk, "close")
    admin(old, talk, "open")
    admin(old, talk, "snoozed", snoozed_until=str(until))
    admin(old, talk, "open")
    admin(old, talk, "assignment", assignee_id="9001")
    answer = admin(old, talk, "assignment", assignee_id="0", body="bye").json()
    kinds = [part["part_type"] for part in answer["conversation_parts"]["conversation_parts"]]
    assert kinds == ["comment", "note", "close", "open", "snoozed", "unsnoozed", "assignment", "assignment"]
    assert answer["conversation_parts"]["conversation_parts"][-1]["body"] == "<p>bye</p>"


def test_a_teams_assignment_shows_in_assignee(old: Served) -> None:
    """There is one assignee only."""
    _, talk = old.customer_talk()
    assert admin(old, talk, "assignment", assignee_id="9001").json()["assignee"] == {
        "type": "team",
        "id": "9001",
    }


def test_back_dating_and_silence_are_not_1_x(old: Served) -> None:
    """`created_at` is ignored, the customer is told, files in base64 are refused."""
    _, talk = old.customer_talk()
    answer = admin(old, talk, "comment", body="x", created_at=1_600_000_000, skip_notifications=True).json()
    file = {"content_type": "text/plain", "name": "a", "data": "eA=="}
    assert answer["conversation_parts"]["conversation_parts"][0]["created_at"] > 1_700_000_000
    assert len(old.world.notifications("intercom", "api")) == 1
    assert admin(old, talk, "comment", body="x", attachment_files=[file]).status_code == 400
    assert admin(old, talk, "comment", body="x", attachment_urls=["http://x/y.png"] * 6).status_code == 400


def test_a_message_by_a_person_does_not_tell_its_conversation(old: Served) -> None:
    """It is found by the person and the message's id."""
    contact = old.world.intercom.customer("Ines")
    message = old.intercom.post(
        "/messages", json={"from": {"type": "user", "id": contact}, "body": "a <b>"}
    ).json()
    (row,) = old.intercom.get("/conversations", params={"type": "user", "intercom_user_id": contact}).json()[
        "conversations"
    ]
    assert {"type", "id", "created_at", "body", "message_type"} == set(message)
    assert (message["id"], "<p>a &lt;b&gt;</p>") == (
        row["conversation_message"]["id"],
        row["conversation_message"]["body"],
    )


def test_users_are_created_or_updated_by_one_call(old: Served) -> None:
    """By user_id, then by address; an address with another user_id is another person."""
    first = old.intercom.post("/users", json={"email": "a@example.net", "name": "A"}).json()
    adopted = old.intercom.post("/users", json={"email": "a@example.net", "user_id": "u-1"}).json()
    other = old.intercom.post("/users", json={"email": "a@example.net", "user_id": "u-2"}).json()
    listed = old.intercom.get("/users", params={"email": "a@example.net"}).json()
    assert (first["id"], True) == (adopted["id"], other["id"] != first["id"])
    assert (listed["type"], len(listed["users"])) == ("user.list", 2)
    assert other["id"] == old.intercom.get("/users", params={"user_id": "u-2"}).json()["id"]
    assert old.intercom.get(f"/users/{first['id']}").json()["name"] == "A"
    assert old.as_version("1.0").get("/users", params={"email": "a@example.net"}).status_code == 409


def test_leads_are_always_new(old: Served) -> None:
    """The same address makes another lead; the server gives each a UUID."""
    made = [old.intercom.post("/contacts", json={"email": "l@example.net"}).json() for _ in range(2)]
    renamed = old.intercom.post("/contacts", json={"id": made[0]["id"], "name": "L"}).json()
    assert (
        made[0]["type"],
        len(made[0]["user_id"]),
        len({lead["id"] for lead in made}),
    ) == ("contact", 36, 2)
    assert renamed["name"] == "L"
    by_uuid = old.intercom.get("/contacts", params={"user_id": made[1]["user_id"]}).json()
    assert made[1]["id"] == by_uuid["id"]
    assert old.intercom.get("/contacts", params={"email": "l@example.net"}).json()["total_count"] == 2
    assert old.intercom.get(f"/users/{made[0]['id']}").status_code == 404


def test_a_converted_lead_dies(old: Served) -> None:
    """Its conversations go to the user."""
    lead, talk = old.customer_talk(role="lead")
    user = old.intercom.post(
        "/contacts/convert", json={"contact": {"id": lead}, "user": {"email": "u@example.net"}}
    ).json()
    assert user["type"] == "user"
    assert old.intercom.get(f"/contacts/{lead}").status_code == 404
    assert user["id"] == old.intercom.get(f"/conversations/{talk}").json()["user"]["id"]


def test_only_a_2_x_header_tags_a_conversation(old: Served) -> None:
    """Tags are read in every version and written from 2.0."""
    _, talk = old.customer_talk()
    tag = old.intercom.post("/tags", json={"name": "VIP"}).json()["id"]
    path, body = f"/conversations/{talk}/tags", {"id": tag, "admin_id": "814860"}
    refused = old.intercom.post(path, json=body)
    applied = old.intercom.post(path, json=body, headers={"Intercom-Version": "2.0"})
    shown = old.intercom.get(f"/conversations/{talk}").json()
    assert (refused.status_code, applied.status_code) == (400, 200)
    assert [item["name"] for item in shown["tags"]["tags"]] == ["VIP"]
    assert shown["conversation_parts"]["conversation_parts"] == []
    assert [item["name"] for item in old.intercom.get("/tags").json()["tags"] if item["id"] == tag] == ["VIP"]


def test_marking_read_is_the_only_update(old: Served) -> None:
    """PUT answers with the conversation."""
    _, talk = old.customer_talk()
    assert old.intercom.put(f"/conversations/{talk}", json={"read": True}).json()["read"] is True
