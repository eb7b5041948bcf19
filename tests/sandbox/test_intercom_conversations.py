"""Intercom 2.x: lists, search, reading, creating, changing and deleting conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from tests.sandbox.conftest import Served


def search(served: Served, query: JsonObject, **more: object) -> JsonObject:
    """Search conversations and return the answer."""
    return served.intercom.post("/conversations/search", json={"query": query, **more}).json()


def talks(served: Served, count: int) -> list[str]:
    """Let customers begin conversations ten seconds apart; return the ids, oldest first."""
    made = []
    for number in range(count):
        made.append(served.customer_talk(f"Hello {number}", email=f"c{number}@example.net")[1])
        served.world.advance(10)
    return made


def code(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of an error."""
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_a_wrong_token_is_unauthorized(served: Served) -> None:
    """The error list has a request id and no rate headers."""
    answer = httpx.get(f"{served.sandbox.intercom.base_url}/me")
    assert code(answer) == (401, "unauthorized")
    assert "x-ratelimit-limit" not in answer.headers
    assert len(answer.json()["request_id"]) == 36


def test_me_names_the_workspace(served: Served) -> None:
    """`/me` is an admin with the app."""
    assert served.sandbox.intercom.workspace_id == served.intercom.get("/me").json()["app"]["id_code"]


def test_the_bot_is_listed_among_the_admins(served: Served) -> None:
    """Operator has an address of its own kind."""
    emails = [admin["email"] for admin in served.intercom.get("/admins").json()["admins"]]
    assert [email for email in emails if "operator+" in email] == ["operator+sbx9k2ra@intercom.io"]


def test_lists_carry_no_parts_and_end_without_next(served: Served) -> None:
    """The list walks by an opaque cursor."""
    made = talks(served, 5)
    seen: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    for _ in range(3):
        answer = served.intercom.get("/conversations", params={"per_page": 2, **cursor}).json()
        seen += answer["conversations"]
        cursor = {"starting_after": answer["pages"].get("next", {}).get("starting_after")}
    assert made[::-1] == [row["id"] for row in seen]
    assert not any("conversation_parts" in row for row in seen)
    assert (answer["pages"]["page"], answer["total_count"], answer["pages"].get("next")) == (3, 5, None)


def test_pages_larger_than_150_are_refused(served: Served) -> None:
    """`per_page` has an upper limit."""
    assert code(served.intercom.get("/conversations", params={"per_page": 151})) == (400, "parameter_invalid")


def test_search_includes_the_bound_and_honours_the_order(served: Served) -> None:
    """`>` means at or after, unlike its looks."""
    made = talks(served, 4)
    second = served.intercom.get(f"/conversations/{made[1]}").json()["updated_at"]
    answer = search(
        served,
        {"field": "updated_at", "operator": ">", "value": second},
        sort={"field": "updated_at", "order": "ascending"},
    )
    assert made[1:] == [row["id"] for row in answer["conversations"]]


def test_a_row_that_moves_while_paging_is_seen_once_more(served: Served) -> None:
    """Ascending pages repeat a touched row rather than lose one."""
    made = talks(served, 4)
    query = {"field": "updated_at", "operator": ">", "value": 0}
    sort = {"field": "updated_at", "order": "ascending"}
    first = search(served, query, sort=sort, pagination={"per_page": 2})
    served.world.intercom.customer_writes(made[0], "again")
    after = {"per_page": 5, "starting_after": first["pages"]["next"]["starting_after"]}
    rest = search(served, query, sort=sort, pagination=after)
    assert [made[0], made[1], made[2], made[3], made[0]] == [
        row["id"] for row in first["conversations"] + rest["conversations"]
    ]


def test_search_combines_filters(served: Served) -> None:
    """AND, OR, IN, NIN and the other operators work on the documented fields."""
    desk, made = served.world.intercom, talks(served, 3)
    tag = desk.tag(made[0], "VIP")
    desk.assign(made[1], "814872")
    desk.close(made[2])

    def found(*filters: tuple[str, str, object], operator: str = "AND") -> set[str]:
        query = {
            "operator": operator,
            "value": [dict(zip(("field", "operator", "value"), f, strict=True)) for f in filters],
        }
        return {row["id"] for row in search(served, query)["conversations"]}

    assert {made[0]} == found(("tag_ids", "IN", [tag]))
    assert {made[1], made[2]} == found(("tag_ids", "NIN", [tag]))
    assert {made[1]} == found(("admin_assignee_id", "=", "814872"))
    assert {made[0], made[1]} == found(("open", "=", True))
    assert {made[0], made[2]} == found(("state", "=", "closed"), ("tag_ids", "=", tag), operator="OR")
    assert {made[1]} == found(("source.body", "~", "hello"), ("source.author.email", "^", "c1"))
    assert {made[0]} == found(("id", "=", made[0]), ("created_at", "<", 10**10))


def test_bad_queries_are_refused(served: Served) -> None:
    """Unknown fields and operators, deep and wide queries are errors."""
    leaf = {"field": "id", "operator": "=", "value": "1"}
    deep = {"operator": "AND", "value": [{"operator": "OR", "value": [{"operator": "AND", "value": [leaf]}]}]}
    bad = [
        {**leaf, "field": "body"},
        {**leaf, "operator": "=="},
        deep,
        {"operator": "AND", "value": [leaf] * 16},
        {},
    ]
    assert {400} == {
        served.intercom.post("/conversations/search", json={"query": query}).status_code for query in bad
    }


def test_a_conversation_begins_with_escaped_text(served: Served) -> None:
    """Create takes no HTML and answers with a message that names the conversation."""
    contact = served.world.intercom.customer("Ines", role="lead")
    message = served.intercom.post(
        "/conversations",
        json={
            "from": {"type": "lead", "id": contact},
            "body": "1 < 2 <b>&\n\nnew",
            "created_at": 1_700_000_000,
        },
    ).json()
    shown = served.intercom.get(f"/conversations/{message['conversation_id']}").json()
    assert (
        message["type"],
        message["message_type"],
        message["created_at"],
    ) == ("user_message", "inapp", 1_700_000_000)
    assert (message["id"], "<p>1 &lt; 2 &lt;b&gt;&amp;</p>\n<p>new</p>", "lead") == (
        shown["source"]["id"],
        shown["source"]["body"],
        shown["source"]["author"]["type"],
    )
    assert (
        shown["created_at"],
        shown["conversation_parts"]["conversation_parts"],
        shown["source"]["delivered_as"],
    ) == (1_700_000_000, [], "customer_initiated")
    assert shown["updated_at"] > 1_700_000_000


def test_create_needs_a_known_contact_and_a_text(served: Served) -> None:
    """An unknown contact is a 404, no text a 400."""
    contact = served.world.intercom.customer("Ines")
    unknown = served.intercom.post(
        "/conversations", json={"from": {"type": "user", "id": "f" * 24}, "body": "x"}
    )
    textless = served.intercom.post("/conversations", json={"from": {"type": "user", "id": contact}})
    assert (code(unknown), code(textless)) == ((404, "not_found"), (400, "parameter_not_found"))


def test_ids_come_from_different_series(served: Served) -> None:
    """Conversations, parts and opening messages count for themselves; contacts have 24 hex digits."""
    contact, talk = served.customer_talk()
    part = served.world.intercom.customer_writes(talk, "x")
    source = served.intercom.get(f"/conversations/{talk}").json()["source"]["id"]
    assert len({talk[:4], part[:4], source[:4]}) == 3
    assert (len(contact), len(talk)) == (24, 15)
    int(contact, 16)


def test_plaintext_renders_links_and_lists(served: Served) -> None:
    """`display_as=plaintext` shows a link as label and address."""
    _, talk = served.customer_talk()
    served.world.intercom.agent_writes(
        talk, '<p>See <a href="https://x.example/?a=1&amp;b=2">this</a></p><ul><li>one</li></ul>'
    )
    shown = served.intercom.get(f"/conversations/{talk}", params={"display_as": "plaintext"}).json()
    (part,) = shown["conversation_parts"]["conversation_parts"]
    assert part["body"] == "See this (https://x.example/?a=1&b=2)\n\n- one"
    assert shown["source"]["body"] == "Hello"


def test_only_the_newest_500_parts_are_shown(served: Served) -> None:
    """Nothing but the statistics tells that there are more."""
    contact, talk = served.customer_talk()
    for number in range(503):
        served.world.intercom.customer_writes(talk, str(number))
    shown = served.intercom.get(f"/conversations/{talk}").json()
    parts = shown["conversation_parts"]
    assert (
        parts["total_count"],
        len(parts["conversation_parts"]),
        parts["conversation_parts"][0]["body"],
    ) == (500, 500, "<p>3</p>")
    assert shown["statistics"]["count_conversation_parts"] == 503
    assert contact == shown["contacts"]["contacts"][0]["id"]


def test_attribute_writes_are_logged_by_the_bot(served: Served) -> None:
    """One part per attribute; read and title make none; unknown attributes are refused."""
    _, talk = served.customer_talk()
    path = f"/conversations/{talk}"
    shown = served.intercom.put(
        path,
        json={"read": True, "title": "T", "custom_attributes": {"issue_type": "Billing", "origin": "d:1"}},
    ).json()
    parts = shown["conversation_parts"]["conversation_parts"]
    assert [(part["part_type"], part["author"]["type"]) for part in parts] == [
        ("conversation_attribute_updated_by_admin", "bot")
    ] * 2
    assert (shown["read"], shown["title"]) == (True, "T")
    assert served.intercom.put(path, json={"custom_attributes": {"nope": 1}}).status_code == 400


def test_redaction_replaces_the_text_and_keeps_the_part(served: Served) -> None:
    """The part's and the conversation's `updated_at` move together; its files are gone."""
    contact, talk = served.customer_talk()
    answer = served.intercom.post(
        f"/conversations/{talk}/reply",
        json={
            "type": "user",
            "intercom_user_id": contact,
            "message_type": "comment",
            "body": "secret",
            "attachment_files": [{"content_type": "text/plain", "name": "s.txt", "data": "eA=="}],
        },
    ).json()
    part = answer["conversation_parts"]["conversation_parts"][0]
    served.world.advance(30)
    shown = served.intercom.post(
        "/conversations/redact",
        json={"type": "conversation_part", "conversation_id": talk, "conversation_part_id": part["id"]},
    ).json()
    redacted = shown["conversation_parts"]["conversation_parts"][0]
    assert ("<p><i>This message was deleted</i></p>", True, part["created_at"], []) == (
        redacted["body"],
        redacted["redacted"],
        redacted["created_at"],
        redacted["attachments"],
    )
    assert redacted["updated_at"] == shown["updated_at"] > part["updated_at"]
    assert served.intercom.get(part["attachments"][0]["url"]).status_code == 404


def test_what_has_no_body_cannot_be_redacted(served: Served) -> None:
    """Events are not redactable, unknown parts are not found, own openings are refused."""
    desk = served.world.intercom
    contact, talk = served.customer_talk()
    event = desk.close(talk)
    campaign = desk.campaign_starts(contact, "<p>News</p>")
    source = served.intercom.get(f"/conversations/{campaign}").json()["source"]["id"]

    def redact(**body: object) -> tuple[int, str]:
        return code(served.intercom.post("/conversations/redact", json=body))

    part = {"type": "conversation_part", "conversation_id": talk}
    assert redact(**part, conversation_part_id=event) == (400, "conversation_part_not_redactable")
    assert redact(**part, conversation_part_id="1") == (404, "conversation_part_or_message_not_found")
    assert redact(type="source", conversation_id=campaign, source_id=source)[0] == 400


def test_a_customers_opening_can_be_redacted(served: Served) -> None:
    """`source` works by its own id."""
    _, talk = served.customer_talk()
    source = served.intercom.get(f"/conversations/{talk}").json()["source"]["id"]
    shown = served.intercom.post(
        "/conversations/redact", json={"type": "source", "conversation_id": talk, "source_id": source}
    ).json()
    assert shown["source"]["redacted"] is True


def test_a_deleted_conversation_is_gone_and_listed(served: Served) -> None:
    """GET is a 404; the list of deleted ids goes by pages."""
    made = talks(served, 3)
    for talk in made:
        served.world.advance(1)
        assert {"id": talk, "object": "conversation", "deleted": True} == served.intercom.delete(
            f"/conversations/{talk}"
        ).json()
    listed = served.intercom.get("/conversations/deleted", params={"per_page": 2}).json()
    assert code(served.intercom.get(f"/conversations/{made[0]}")) == (404, "not_found")
    assert made[:0:-1] == [row["id"] for row in listed["conversations"]]
    assert "page=2" in listed["pages"]["next"]


def test_an_admins_message_makes_no_conversation_by_itself(served: Served) -> None:
    """Only with its flag does POST /messages begin one."""
    contact = served.world.intercom.customer("Ines")
    message = {
        "from": {"type": "admin", "id": "814860"},
        "to": {"type": "user", "id": contact},
        "message_type": "inapp",
        "body": "hi",
    }
    plain = served.intercom.post("/messages", json=message).json()
    flagged = served.intercom.post(
        "/messages", json={**message, "create_conversation_without_contact_reply": True}
    ).json()
    assert ("conversation_id" not in plain, 200) == (
        True,
        served.intercom.get(f"/conversations/{flagged['conversation_id']}").status_code,
    )
    assert len(served.world.notifications("intercom", "api")) == 2
