"""Intercom 2.x: what replies, state changes, tags and participants leave behind."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from connector.sandbox.exchange import JsonObject
    from tests.sandbox.conftest import Served


def parts(answer: JsonObject) -> list[tuple[str, str, str | None]]:
    """Return type, author kind and body of each part."""
    listed = answer["conversation_parts"]["conversation_parts"]
    return [(part["part_type"], part["author"]["type"], part["body"]) for part in listed]


def admin(
    served: Served, talk: str, kind: str, body: str | None = "hi", path: str = "reply", **more: object
) -> httpx.Response:
    """Act as the first teammate."""
    fields = {"type": "admin", "admin_id": "814860", "message_type": kind, **more}
    if body is not None:
        fields["body"] = body
    return served.intercom.post(f"/conversations/{talk}/{path}", json=fields)


def contact_reply(
    served: Served, talk: str, contact: str, body: str = "me", **more: object
) -> httpx.Response:
    """Write as the contact."""
    fields = {"type": "user", "intercom_user_id": contact, "message_type": "comment", "body": body, **more}
    return served.intercom.post(f"/conversations/{talk}/reply", json=fields)


def test_a_write_answers_with_the_whole_thread(served: Served) -> None:
    """Nothing marks the new part; a lead's own part says user."""
    contact, talk = served.customer_talk(role="lead")
    admin(served, talk, "comment", "one")
    answer = contact_reply(served, talk, contact, "two").json()
    assert parts(answer) == [("comment", "admin", "<p>one</p>"), ("comment", "user", "<p>two</p>")]
    assert answer["source"]["author"]["type"] == "lead"


def test_a_contacts_reply_opens_a_closed_conversation(served: Served) -> None:
    """The part's type is `open` and it carries the text."""
    contact, talk = served.customer_talk()
    served.world.intercom.close(talk)
    answer = contact_reply(served, talk, contact).json()
    assert (answer["state"], *parts(answer)[-1]) == ("open", "open", "user", "<p>me</p>")


def test_the_contact_may_be_named_by_external_id_or_email(served: Served) -> None:
    """Three ways of naming; unknown ones are not found."""
    _, talk = served.customer_talk(user_id="u-1")
    path = f"/conversations/{talk}/reply"
    body = {"type": "user", "message_type": "comment", "body": "x"}
    statuses = [
        served.intercom.post(path, json={**body, **who}).status_code
        for who in ({"user_id": "u-1"}, {"email": "ines@example.net"}, {"email": "no@example.net"}, {})
    ]
    assert statuses == [200, 200, 404, 400]


def test_last_finds_the_contacts_latest_conversation(served: Served) -> None:
    """`last` stands for an id."""
    contact, _ = served.customer_talk()
    served.world.advance(5)
    newest = served.world.intercom.customer_starts(contact, "second")
    assert newest == contact_reply(served, "last", contact).json()["id"]


def test_a_note_leaves_a_closed_conversation_closed(served: Served) -> None:
    """Lists and headings survive in notes, wrappers do not."""
    _, talk = served.customer_talk()
    served.world.intercom.close(talk)
    html = "<html><body><h2>To do</h2><ul><li>one</li></ul></body></html>"
    answer = admin(served, talk, "note", html).json()
    assert (
        answer["state"],
        parts(answer)[-1][0],
        parts(answer)[-1][2],
    ) == ("closed", "note", "<h2>To do</h2><ul><li>one</li></ul>")


@pytest.mark.parametrize(
    ("assignee", "part_type", "state"),
    [("814872", "note_and_unsnooze", "open"), ("814860", "note", "snoozed"), (None, "note", "snoozed")],
)
def test_a_note_wakes_what_is_snoozed_for_somebody_else(
    served: Served, assignee: str | None, part_type: str, state: str
) -> None:
    """One's own or nobody's snooze sleeps on."""
    _, talk = served.customer_talk()
    if assignee:
        served.world.intercom.assign(talk, assignee)
    served.world.intercom.snooze(talk, served.world.clock.now() + 900)
    answer = admin(served, talk, "note").json()
    assert (part_type, state) == (parts(answer)[-1][0], answer["state"])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plain\ntext\n\nnext", "<p>plain<br>text</p>\n<p>next</p>"),
        ("<div>a</div><div>b</div>", "<p>ab</p>"),
        ("<p onclick='x()'>a<script>x</script></p>", "<p>a</p>"),
        ("<p><span class='x'>a</span> &amp; b</p>", "<p>a &amp; b</p>"),
        ("<h1>a</h1>", "<p>a</p>"),
        (
            "<p><a href='https://x.example/?a=1&amp;b=2' class='y'>l</a></p>",
            '<p><a href="https://x.example/?a=1&amp;b=2" rel="nofollow noopener noreferrer">l</a></p>',
        ),
        ("<p>\u200bemoji 🎉 שלום</p>", "<p>\u200bemoji 🎉 שלום</p>"),
    ],
)
def test_comments_are_sanitised(served: Served, given: str, kept: str) -> None:
    """Divs, scripts, headings and unknown attributes go; text is wrapped; links gain a `rel`."""
    _, talk = served.customer_talk()
    assert kept == parts(admin(served, talk, "comment", given).json())[-1][2]


def test_what_was_sanitised_once_stays_the_same(served: Served) -> None:
    """Sending a stored body again changes nothing."""
    _, talk = served.customer_talk()
    once = parts(admin(served, talk, "comment", "a\nb\n\n<ul><li>c</li></ul><b>d</b>").json())[-1][2]
    assert once == parts(admin(served, talk, "comment", once).json())[-1][2]


def test_replies_are_back_dated(served: Served) -> None:
    """The part sits at its time in the thread; the conversation's `updated_at` is now."""
    contact, talk = served.customer_talk()
    past = int(served.world.clock.now()) - 900_000
    served.world.intercom.customer_writes(talk, "now")
    admin(served, talk, "comment", "then", created_at=past)
    answer = contact_reply(served, talk, contact, "before", created_at=past - 5).json()
    listed = answer["conversation_parts"]["conversation_parts"]
    assert [past - 5, past] == [part["created_at"] for part in listed[:2]]
    assert [part["body"] for part in listed] == ["<p>before</p>", "<p>then</p>", "<p>now</p>"]
    assert answer["updated_at"] > past + 800_000
    assert admin(served, talk, "comment", created_at=past + 10**8).status_code == 400


def test_files_travel_in_base64(served: Served) -> None:
    """Up to ten; the address is signed and dies in half an hour, a new read renews it."""
    _, talk = served.customer_talk()
    file = {"content_type": "image/png", "name": "a b.png", "data": base64.b64encode(b"\x89PNG").decode()}
    answer = admin(served, talk, "comment", attachment_files=[file]).json()
    (attachment,) = answer["conversation_parts"]["conversation_parts"][-1]["attachments"]
    assert served.intercom.get(attachment["url"]).content == b"\x89PNG"
    assert tuple(attachment[name] for name in ("type", "name", "content_type", "filesize")) == (
        "upload",
        "a b.png",
        "image/png",
        4,
    )
    served.world.advance(31 * 60)
    expired = served.intercom.get(attachment["url"])
    again = served.intercom.get(f"/conversations/{talk}").json()["conversation_parts"]["conversation_parts"][
        -1
    ]
    fresh = served.intercom.get(again["attachments"][0]["url"])
    assert (expired.status_code, fresh.status_code) == (403, 200)
    assert admin(served, talk, "comment", attachment_files=[file] * 11).status_code == 400
    assert admin(served, talk, "comment", attachment_files=[{**file, "data": "%"}]).status_code == 400


def test_addresses_are_fetched_from_the_other_helpdesk(served: Served) -> None:
    """`attachment_urls` may name a Dashly file."""
    dashly = served.world.dashly
    talk = dashly.customer_starts(dashly.customer("Dana"), "x")
    served.dashly.post(f"/conversations/{talk}/reply", files={"attachment": ("a.txt", b"abc")})
    url = served.dashly.get(f"/conversations/{talk}/parts").json()["data"][0]["attachments"][0]["url"]
    _, mirror = served.customer_talk()
    answer = admin(served, mirror, "comment", attachment_urls=[url]).json()
    (attachment,) = answer["conversation_parts"]["conversation_parts"][-1]["attachments"]
    assert served.intercom.get(attachment["url"]).content == b"abc"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"admin_id": "1"}, 404),
        ({"admin_id": None}, 400),
        ({"message_type": "open"}, 400),
        ({"body": ""}, 400),
        ({"type": "bot"}, 400),
        ({"created_at": "yesterday"}, 400),
    ],
)
def test_bad_replies_are_refused(served: Served, fields: JsonObject, status: int) -> None:
    """Nothing is written by a refused reply."""
    _, talk = served.customer_talk()
    body = {"type": "admin", "admin_id": "814860", "message_type": "comment", "body": "x", **fields}
    assert status == served.intercom.post(f"/conversations/{talk}/reply", json=body).status_code
    assert parts(served.intercom.get(f"/conversations/{talk}").json()) == []


def test_the_bot_may_speak_by_its_admin_id(served: Served) -> None:
    """Then the author is a bot."""
    _, talk = served.customer_talk()
    answer = admin(served, talk, "comment", admin_id="814899").json()
    assert parts(answer)[-1] == ("comment", "bot", "<p>hi</p>")


def test_states_change_by_parts(served: Served) -> None:
    """Close may carry a text; opening what is snoozed unsnoozes."""
    _, talk = served.customer_talk()
    closed = admin(served, talk, "close", "bye", path="parts").json()
    opened = admin(served, talk, "open", None, path="parts").json()
    until = int(served.world.clock.now()) + 900
    snoozed = admin(served, talk, "snoozed", None, path="parts", snoozed_until=until).json()
    woken = admin(served, talk, "open", None, path="parts").json()
    assert [(kind, body) for kind, _, body in parts(woken)] == [
        ("close", "<p>bye</p>"),
        ("open", None),
        ("snoozed", None),
        ("unsnoozed", None),
    ]
    assert [(answer["state"], answer["open"]) for answer in (closed, opened, snoozed, woken)] == [
        ("closed", False),
        ("open", True),
        ("snoozed", True),
        ("open", True),
    ]
    assert (until, None) == (snoozed["snoozed_until"], woken["snoozed_until"])


def test_snoozes_end_by_themselves(served: Served) -> None:
    """The timer leaves a part by the bot, dated when it fired."""
    _, talk = served.customer_talk()
    until = int(served.world.clock.now()) + 100
    admin(served, talk, "snoozed", None, path="parts", snoozed_until=until)
    served.world.advance(500)
    answer = served.intercom.get(f"/conversations/{talk}").json()
    part = answer["conversation_parts"]["conversation_parts"][-1]
    assert ("open", "timer_unsnooze", "bot", until, until) == (
        answer["state"],
        part["part_type"],
        part["author"]["type"],
        part["created_at"],
        answer["updated_at"],
    )


@pytest.mark.parametrize("until", [None, "soon", 1000])
def test_a_snooze_needs_a_time_in_the_future(served: Served, until: object) -> None:
    """Otherwise it is refused."""
    _, talk = served.customer_talk()
    assert admin(served, talk, "snoozed", None, path="parts", snoozed_until=until).status_code == 400


@pytest.mark.parametrize(
    ("before", "part_type"),
    [(None, "assignment"), ("close", "assign_and_reopen"), ("snooze", "assign_and_unsnooze")],
)
def test_assigning_wakes_a_conversation(served: Served, before: str | None, part_type: str) -> None:
    """The part's type says so."""
    _, talk = served.customer_talk()
    desk = served.world.intercom
    if before == "close":
        desk.close(talk)
    if before == "snooze":
        desk.snooze(talk, served.world.clock.now() + 900)
    answer = admin(served, talk, "assignment", None, path="parts", assignee_id="814872").json()
    part = answer["conversation_parts"]["conversation_parts"][-1]
    assert (part_type, {"type": "admin", "id": "814872"}, "open", 814872) == (
        part["part_type"],
        part["assigned_to"],
        answer["state"],
        answer["admin_assignee_id"],
    )


def test_teams_and_teammates_are_assigned_side_by_side(served: Served) -> None:
    """`0` is nobody, whose id is null."""
    _, talk = served.customer_talk()
    admin(served, talk, "assignment", None, path="parts", assignee_id="814872")
    both = admin(served, talk, "assignment", None, path="parts", assignee_id="9001", type="team").json()
    nobody = admin(served, talk, "assignment", None, path="parts", assignee_id="0").json()
    unknown = admin(served, talk, "assignment", None, path="parts", assignee_id="5")
    assert (both["admin_assignee_id"], both["team_assignee_id"]) == (814872, 9001)
    assert (
        nobody["admin_assignee_id"],
        nobody["conversation_parts"]["conversation_parts"][-1]["assigned_to"],
    ) == (0, {"type": "nobody_admin", "id": None})
    assert unknown.json()["errors"][0]["code"] == "assignee_not_found"


def test_tags_go_by_id_and_repeat_without_harm(served: Served) -> None:
    """A change writes a part with the tag's name; repeats write nothing."""
    _, talk = served.customer_talk()
    tag = served.intercom.post("/tags", json={"name": "vip"}).json()
    path, body = f"/conversations/{talk}/tags", {"id": tag["id"], "admin_id": "814860"}
    applied = [served.intercom.post(path, json=body).json() for _ in range(2)]
    removed = [
        served.intercom.request("DELETE", f"{path}/{tag['id']}", json={"admin_id": "814860"}).json()
        for _ in range(2)
    ]
    listed = served.intercom.get(f"/conversations/{talk}").json()["conversation_parts"]["conversation_parts"]
    assert (applied[0]["name"], applied[1]["applied_by"]["id"]) == ("VIP", "814860")
    assert (removed[0]["applied_at"] is not None, removed[1]["applied_at"]) == (True, None)
    assert [part["event_details"] for part in listed] == [
        {"tags_added": ["VIP"], "tags_removed": []},
        {"tags_added": [], "tags_removed": ["VIP"]},
    ]


def test_tagging_with_an_unknown_tag_or_admin_is_not_found(served: Served) -> None:
    """Both have codes of their own; a missing `admin_id` is a 400."""
    _, talk = served.customer_talk()
    path = f"/conversations/{talk}/tags"
    tag = served.world.intercom.add_tag("VIP")
    errors = [
        served.intercom.post(path, json=body).json()["errors"][0]["code"]
        for body in ({"id": "1", "admin_id": "814860"}, {"id": tag, "admin_id": "1"}, {"id": tag})
    ]
    assert errors == ["tag_not_found", "admin_not_found", "parameter_not_found"]


def test_tags_of_the_workspace(served: Served) -> None:
    """Created by name whatever the case, renamed by id, deleted everywhere."""
    _, talk = served.customer_talk()
    tag = served.world.intercom.tag(talk, "Fresh")
    assert tag == served.intercom.post("/tags", json={"name": " fresh"}).json()["id"]
    assert served.intercom.post("/tags", json={"id": tag, "name": "Stale"}).json()["name"] == "Stale"
    served.intercom.delete(f"/tags/{tag}")
    assert served.intercom.get(f"/tags/{tag}").status_code == 404
    assert served.intercom.get(f"/conversations/{talk}").json()["tags"]["tags"] == []


def test_participants_come_and_go(served: Served) -> None:
    """The last one stays."""
    contact, talk = served.customer_talk()
    second = served.world.intercom.customer("Ben")
    path = f"/conversations/{talk}/customers"
    body = {"admin_id": "814860", "customer": {"intercom_user_id": second}}
    assert len(served.intercom.post(path, json=body).json()["customers"]) == 2
    removals = [
        served.intercom.request("DELETE", f"{path}/{key}", json={"admin_id": "814860"}).status_code
        for key in (contact, second)
    ]
    kinds = [kind for kind, _, _ in parts(served.intercom.get(f"/conversations/{talk}").json())]
    assert (removals, kinds) == ([200, 422], ["participant_added", "participant_removed"])


def test_quick_replies_offer_choices(served: Served) -> None:
    """The offer has no body, the choice is a contact's message."""
    contact, talk = served.customer_talk()
    options = [{"text": "Yes", "uuid": "u-1"}, {"text": "No", "uuid": "u-2"}]
    admin(served, talk, "quick_reply", None, reply_options=options)
    answer = contact_reply(
        served, talk, contact, message_type="quick_reply", reply_options=options[:1]
    ).json()
    assert parts(answer) == [("quick_reply", "admin", None), ("comment", "user", "<p>Yes</p>")]


def test_parts_by_our_token_carry_its_package_code(served: Served) -> None:
    """What people write does not."""
    _, talk = served.customer_talk()
    served.world.intercom.agent_writes(talk, "human")
    answer = admin(served, talk, "comment").json()
    codes = [part["app_package_code"] for part in answer["conversation_parts"]["conversation_parts"]]
    assert codes == [None, "connector-app"]
