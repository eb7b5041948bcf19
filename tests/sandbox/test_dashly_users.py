"""Dashly's users: created by being asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sandbox.conftest import Served


def test_reading_an_unknown_own_id_creates_a_user(served: Served) -> None:
    """GET with `by_user_id` is a write."""
    before = len(served.world.truth()["dashly"]["users"])
    user = served.dashly.get("/users/acct-9", params={"by_user_id": "true"}).json()["data"]
    again = served.dashly.get("/users/acct-9", params={"by_user_id": "true"}).json()["data"]
    assert ("acct-9", user["id"], before + 1) == (
        user["user_id"],
        again["id"],
        len(served.world.truth()["dashly"]["users"]),
    )


def test_properties_are_set_by_operations_and_bad_ones_are_reported(served: Served) -> None:
    """Each operation counts for itself; `meta` says what became of it."""
    operations = [
        {"op": "update_or_create", "key": "$name", "value": "Zed"},
        {"op": "set_once", "key": "$name", "value": "Other"},
        {"op": "add", "key": "visits", "value": 2},
        {"op": "delete", "key": "nothing"},
        {"op": "explode", "key": "x"},
    ]
    meta = served.dashly.post(
        "/users/acct-1/props", data={"by_user_id": "true", "operations": json.dumps(operations)}
    ).json()["meta"]
    user = served.dashly.get("/users/acct-1", params={"by_user_id": "1", "props_custom": "1"}).json()["data"]
    assert (meta["affected_props"], meta["not_changed_props"]) == (["$name", "visits"], ["$name", "nothing"])
    assert [item["reason"] for item in meta["ignored_operations"]] == ["unknown op"]
    assert (user["props"], user["props_custom"]) == ({"$name": "Zed"}, {"visits": 2})


def test_a_visitors_conversation_answers_with_its_id_only(served: Served) -> None:
    """The first part's id has to be read."""
    answer = served.dashly.post(
        "/users/new-one/startconversation", data={"by_user_id": "true", "body": "hello"}
    ).json()["data"]
    (part,) = served.dashly.get(f"/conversations/{answer['id']}/parts").json()["data"]
    assert (list(answer), part["body"], part["type"]) == (["id"], "hello", "reply_user")


def test_a_conversation_may_begin_with_a_file(served: Served) -> None:
    """`file` needs `filename`; a text that is too long is ReplyTooBig."""
    customer, path = served.world.dashly.customer("Dana"), "/users/{}/startconversation"
    files = {"file": ("a.png", b"png", "image/png")}
    unnamed = served.dashly.post(path.format(customer), files=files).json()["meta"]
    made = served.dashly.post(path.format(customer), data={"filename": "b.png"}, files=files).json()["data"]
    too_big = served.dashly.post(path.format(customer), data={"body": "x" * 30_001}).json()["meta"]
    (part,) = served.dashly.get(f"/conversations/{made['id']}/parts").json()["data"]
    assert (unnamed["error"], too_big["error"]) == ("ValidationError", "ReplyTooBig")
    assert part["attachments"][0]["filename"] == "b.png"


def test_conversations_of_an_unknown_user_are_a_lookup_error(served: Served) -> None:
    """This call does not create."""
    answer = served.dashly.get("/users/nobody/conversations", params={"by_user_id": "true"}).json()
    assert answer["meta"]["error"] == "LookupError"


def test_a_users_conversations_are_listed(served: Served) -> None:
    """Only the user's own."""
    desk = served.world.dashly
    first, second = desk.customer("A"), desk.customer("B")
    talk = desk.customer_starts(first, "x")
    desk.customer_starts(second, "y")
    assert [talk] == [row["id"] for row in served.dashly.get(f"/users/{first}/conversations").json()["data"]]


def test_the_list_of_users_goes_by_offset(served: Served) -> None:
    """Leads only, in `users` with a `total`."""
    for number in range(3):
        served.world.dashly.customer(f"Person {number}")
        served.world.advance(1)
    served.world.dashly.customer(None)
    data = served.dashly.get("/apps/48213/users", params={"offset": 1, "limit": 1}).json()["data"]
    assert (data["total"], [user["props"]["$name"] for user in data["users"]]) == (3, ["Person 1"])


def test_a_message_by_the_company_stays_hidden_until_it_is_answered(served: Served) -> None:
    """`sendmessage` answers with both ids and reaches the customer."""
    customer = served.world.dashly.customer("Dana", email="d@example.org")
    made = served.dashly.post(f"/users/{customer}/sendmessage", data={"body": "hi"}).json()["data"]
    assert {"conversation", "message"} == set(made)
    assert served.dashly.get("/apps/48213/conversations").json()["data"] == []
    assert [customer] == [item.recipient for item in served.world.notifications("dashly", "api")]
