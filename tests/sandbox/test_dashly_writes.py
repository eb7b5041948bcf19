"""Dashly's writing calls and what they leave behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from tests.sandbox.conftest import Served


@pytest.fixture
def talk(served: Served) -> str:
    """Return a conversation that a reachable customer began."""
    return served.world.dashly.customer_starts(
        served.world.dashly.customer("Dana", email="d@example.org"), "Hi"
    )


def parts(served: Served, talk: str) -> list[JsonObject]:
    """Return all the parts, oldest first."""
    return served.dashly.get(f"/conversations/{talk}/parts", params={"paginate_count": 50}).json()["data"][
        ::-1
    ]


def reply(served: Served, talk: str, **fields: object) -> JsonObject:
    """Post a reply."""
    return served.dashly.post(f"/conversations/{talk}/reply", data=fields).json()


def test_a_reply_is_by_the_named_operator_and_keeps_its_external_id(served: Served, talk: str) -> None:
    """`from_admin`, `type` and `external_id` come back on the part."""
    made = reply(served, talk, body="hello", from_admin="151377", external_id="ic:1:2")["data"]
    part = parts(served, talk)[-1]
    assert (made["id"], "reply_admin", "151377", "ic:1:2", "api") == (
        part["id"],
        part["type"],
        part["from"]["id"],
        part["external_id"],
        part["sent_via"],
    )
    assert set(made) == {"id", "part_group"}


def test_random_id_is_echoed_in_the_answer_only(served: Served, talk: str) -> None:
    """The echo tag is not stored."""
    made = reply(served, talk, body="x", from_admin="151204", random_id="77")["data"]
    assert made["random_id"] == 77
    assert "random_id" not in parts(served, talk)[-1]


def test_from_user_forces_a_customers_message(served: Served, talk: str) -> None:
    """`type` is ignored when a visitor speaks."""
    user = served.dashly.get(f"/conversations/{talk}").json()["data"]["user"]["id"]
    reply(served, talk, body="me", from_user=user, type="note")
    reply(served, talk, body="me too", from_user="default_user")
    assert [part["type"] for part in parts(served, talk)] == ["reply_user"] * 3


def test_without_a_sender_the_default_one_speaks(served: Served, talk: str) -> None:
    """The default sender is a reduced object without an id."""
    reply(served, talk, body="x")
    assert {"type", "name", "avatar"} == set(parts(served, talk)[-1]["from"])


def test_auto_assign_makes_two_parts(served: Served, talk: str) -> None:
    """First the assignment, then the reply; a second time only the reply."""
    reply(served, talk, body="mine", from_admin="151204", auto_assign="151204")
    reply(served, talk, body="still", from_admin="151204", auto_assign="151204")
    assert [p["type"] for p in parts(served, talk)] == [
        "reply_user",
        "assigned",
        "reply_admin",
        "reply_admin",
    ]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"body": ""}, "ValidationError"),
        ({"body": "x", "type": "closed"}, "ValidationError"),
        ({"body": "x", "from_admin": "1"}, "LookupError"),
        ({"body": "x", "from_user": "5"}, "LookupError"),
        ({"body": "x" * 30_001}, "ReplyTooBig"),
        ({"body": "x", "attachment": "no file"}, "ValidationError"),
    ],
)
def test_a_bad_reply_is_refused_and_leaves_nothing(
    served: Served, talk: str, fields: JsonObject, error: str
) -> None:
    """Every refused reply has its named error and writes no part."""
    assert error == reply(served, talk, **fields)["meta"]["error"]
    assert len(parts(served, talk)) == 1


def test_an_attachment_travels_as_multipart_and_stays_readable(served: Served, talk: str) -> None:
    """The bytes come back from a permanent address that needs no token."""
    content = b"\x00\r\n--data--\r\n"
    served.dashly.post(
        f"/conversations/{talk}/reply",
        data={"from_admin": "151204", "attachment_file_name": "пример.pdf"},
        files={"attachment": ("x.pdf", content, "application/pdf")},
    )
    (attachment,) = parts(served, talk)[-1]["attachments"]
    served.world.advance(3 * 86_400)
    assert ("пример.pdf", len(content)) == (attachment["filename"], attachment["size"])
    assert attachment["url"].startswith(served.sandbox.dashly.base_url)
    assert content == served.dashly.get(attachment["url"], headers={"Authorization": ""}).content


def test_a_forbidden_type_of_file_is_refused(served: Served, talk: str) -> None:
    """Only the documented file types are taken."""
    answer = served.dashly.post(f"/conversations/{talk}/reply", files={"attachment": ("x.exe", b"1")}).json()
    assert list(answer["meta"]["error_fields"]) == ["attachment"]


def test_assign_without_admin_unassigns(served: Served, talk: str) -> None:
    """An absent `admin` means nobody; repeating an assignment does nothing."""
    path = f"/conversations/{talk}/assign"
    first = served.dashly.post(path, data={"admin": "151377", "from_admin": "151204"}).json()["data"]
    again = served.dashly.post(path, data={"admin": "151377", "from_admin": "151204"}).json()["data"]
    served.dashly.post(path, data={"from_admin": "151204"})
    assert ("id" in first, again) == (True, {})
    assert served.dashly.get(f"/conversations/{talk}").json()["data"]["assignee"] is None
    assert [p["assignee"] and p["assignee"]["id"] for p in parts(served, talk)[1:]] == ["151377", None]


def test_closing_twice_makes_one_part(served: Served, talk: str) -> None:
    """The second close answers with empty data."""
    answers = [
        served.dashly.post(f"/conversations/{talk}/close", data={"from_admin": "default_admin"}).json()[
            "data"
        ]
        for _ in range(2)
    ]
    assert (answers[1], [p["type"] for p in parts(served, talk)]) == ({}, ["reply_user", "closed"])


def test_tags_are_added_and_removed_with_named_errors(served: Served, talk: str) -> None:
    """A repeated add and an absent removal are 400s; DELETE takes a form body or a query."""
    path, form = f"/conversations/{talk}/tag", {"tag": "vip, gold", "from_admin": "151204"}
    served.dashly.post(path, data=form)
    repeated = served.dashly.post(path, data=form)
    served.dashly.request("DELETE", path, data=form)
    absent = served.dashly.request("DELETE", path, params=form)
    assert (
        repeated.status_code,
        repeated.json()["meta"]["error"],
    ) == (400, "ConversationTagAlreadyAssigned")
    assert absent.json()["meta"]["error"] == "ConversationTagIsNotAssigned"
    assert [part["type"] for part in parts(served, talk)[1:]] == ["tag_added", "tag_deleted"]


@pytest.mark.parametrize("action", ["reopen", "snooze", "edit", "delete", "markread"])
def test_there_is_no_endpoint_for(served: Served, talk: str, action: str) -> None:
    """What the API cannot do does not exist."""
    assert served.dashly.post(f"/conversations/{talk}/{action}").status_code == 404


def test_a_customers_message_opens_a_closed_conversation_without_a_part(served: Served, talk: str) -> None:
    """Only `closed` tells, and the question's group is a new one."""
    group = parts(served, talk)[0]["part_group"]
    served.world.dashly.close(talk)
    served.world.dashly.customer_writes(talk, "not yet")
    assert served.dashly.get(f"/conversations/{talk}").json()["data"]["closed"] is False
    assert [part["type"] for part in parts(served, talk)] == ["reply_user", "closed", "reply_user"]
    assert group != parts(served, talk)[-1]["part_group"]


def test_edits_and_removals_do_not_move_the_list(served: Served, talk: str) -> None:
    """`edited` and `removed` are seen only by reading the part again."""
    before = served.dashly.get(f"/conversations/{talk}").json()["data"]["last_update"]
    part = parts(served, talk)[0]["id"]
    served.world.advance(60)
    served.world.dashly.edit_part(talk, part, "changed")
    edited = parts(served, talk)[0]
    served.world.dashly.remove_part(talk, part)
    removed = parts(served, talk)[0]
    after = served.dashly.get(f"/conversations/{talk}").json()["data"]["last_update"]
    assert (
        edited["body"],
        edited["edited"] > edited["created"],
        removed["body"],
        removed["removed"] is not None,
    ) == ("changed", True, "", True)
    assert before == after


def test_a_snooze_ends_silently(served: Served, talk: str) -> None:
    """When its time has come `delayed_until` is null and no part tells."""
    served.world.dashly.snooze(talk, served.world.clock.now() + 100)
    snoozed = served.dashly.get(f"/conversations/{talk}").json()["data"]["delayed_until"]
    served.world.advance(101)
    assert snoozed is not None
    assert served.dashly.get(f"/conversations/{talk}").json()["data"]["delayed_until"] is None
    assert len(parts(served, talk)) == 2


def test_typing_leaves_no_trace(served: Served, talk: str) -> None:
    """`settyping` answers and writes nothing."""
    assert served.dashly.post(f"/conversations/{talk}/settyping", data={"body": "..."}).json()["data"] == {}
    assert len(parts(served, talk)) == 1
