"""Open questions that every client meets, each in all its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from connector.sandbox.exchange import Upload
from connector.sandbox.switches import DashlySwitches, IntercomSwitches, LeadAsUser, ResetUnit
from tests.sandbox.conftest import UNUSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Served

INVISIBLE = "\u200b\ufeff\u2060\u00ad"
APP = "/apps/48213"


@pytest.fixture
def turned(serve: Callable[..., Served]) -> Callable[..., Served]:
    """Return a function that serves a world with some of a side's switches turned."""

    def run(side: str, **switches: Any) -> Served:
        kind: Any = DashlySwitches if side == "dashly" else IntercomSwitches
        return serve(**{f"{side}_switches": kind(**switches)})

    return run


@pytest.mark.parametrize(
    ("reading", "status", "old"),
    [(LeadAsUser.ACCEPTED, 200, 404), (LeadAsUser.NOT_FOUND, 404, 404), (LeadAsUser.INVALID, 400, 400)],
)
def test_a_lead_presented_as_a_user_is_read_in_three_ways(
    turned: Callable[..., Served], reading: LeadAsUser, status: int, old: int
) -> None:
    """As a lead or, before 2.6, as a contact it is always welcome; a reply's type is `user` for everybody."""
    served = turned("intercom", lead_as_user=reading)
    lead, talk = served.customer_talk(role="lead")

    def begin(path: str, kind: str) -> int:
        return served.intercom.post(path, json={"from": {"type": kind, "id": lead}, "body": "x"}).status_code

    assert [begin("/conversations", kind) for kind in ("user", "lead", "contact")] == [status, 200, 200]
    body = {"type": "user", "intercom_user_id": lead, "message_type": "comment", "body": "x"}
    assert served.intercom.post(f"/conversations/{talk}/reply", json=body).status_code == 200
    served.as_version("1.4")
    assert [begin("/messages", kind) for kind in ("user", "contact")] == [old, 200]


@pytest.mark.parametrize("unique", [True, False])
def test_an_address_may_be_a_merge_key(turned: Callable[..., Served], unique: object) -> None:
    """409 in 2.x, and the same user again in 1.x; an external id is unique in any case."""
    served = turned("intercom", email_is_merge_key=bool(unique))
    first = served.intercom.post("/contacts", json={"email": "a@example.net", "external_id": "u-1"}).json()
    second = served.intercom.post("/contacts", json={"email": "a@example.net"})
    same_id = served.intercom.post("/contacts", json={"email": "b@example.net", "external_id": "u-1"})
    served.as_version("1.4")
    old = [served.intercom.post("/users", json={"email": "c@example.net"}).json()["id"] for _ in range(2)]
    assert (second.status_code, same_id.status_code) == (409 if unique else 200, 409)
    assert len(set(old)) == (1 if unique else 2)
    assert served.intercom.get("/users", params={"user_id": "u-1"}).json()["id"] == first["id"]


@pytest.mark.parametrize("refused", [True, False])
@pytest.mark.parametrize("phone", [{}, {"phone": "+15550100"}])
def test_what_is_no_address_may_be_refused(
    turned: Callable[..., Served], refused: object, phone: dict[str, str]
) -> None:
    """With and without a phone, on creation and on update, in both generations."""
    served = turned("intercom", bad_email_refused=bool(refused))
    bad = {"email": "not an address", **phone}
    good = served.intercom.post("/contacts", json={"email": "a@example.net"}).json()["id"]
    statuses = [
        served.intercom.post("/contacts", json=bad).status_code,
        served.intercom.put(f"/contacts/{good}", json={"email": "nor this"}).status_code,
    ]
    served.as_version("1.4")
    statuses += [served.intercom.post(path, json=bad).status_code for path in ("/users", "/contacts")]
    assert set(statuses) == {400 if refused else 200}


@pytest.mark.parametrize("by_time", [True, False])
def test_deleted_conversations_are_ordered_by_deletion_or_by_id(
    turned: Callable[..., Served], by_time: object
) -> None:
    """An early stop at a known deletion rests on the first."""
    served = turned("intercom", deleted_by_time=bool(by_time))
    talks = [served.customer_talk(email=f"c{number}@example.net")[1] for number in range(3)]
    for talk in (talks[2], talks[0], talks[1]):
        served.world.intercom.delete_conversation(talk)
        served.world.advance(5)
    rows = served.intercom.get("/conversations/deleted", params={"order": "asc"}).json()["conversations"]
    in_order = [talks[2], talks[0], talks[1]] if by_time else talks
    assert in_order == [row["id"] for row in rows]


@pytest.mark.parametrize(
    ("switch", "path"),
    [
        ("admins_readable", "/admins"),
        ("teams_readable", "/teams"),
        ("tags_readable", "/tags"),
        ("deleted_readable", "/conversations/deleted"),
    ],
)
def test_a_token_may_lack_a_right(turned: Callable[..., Served], switch: str, path: str) -> None:
    """403, while the rest works."""
    served = turned("intercom", **{switch: False})
    assert served.intercom.get(path).status_code == 403
    assert served.intercom.get("/me").status_code == 200


def test_a_dashly_token_may_lack_the_right_to_channels(turned: Callable[..., Served]) -> None:
    """A PermissionDeniedError, which is a 403."""
    answer = turned("dashly", channels_readable=False).dashly.get(f"{APP}/channels")
    assert (answer.status_code, answer.json()["meta"]["error"]) == (403, "PermissionDeniedError")


@pytest.mark.parametrize("unit", list(ResetUnit))
def test_the_reset_of_the_limit_counts_in_units(turned: Callable[..., Served], unit: ResetUnit) -> None:
    """Seconds or milliseconds since 1970, or seconds from now."""
    served = turned("intercom", rate_limit_reset=unit)
    reset = int(served.intercom.get("/me").headers["x-ratelimit-reset"])
    now = served.world.intercom.state.clock.now()
    left = {
        ResetUnit.UNIX_SECONDS: reset - now,
        ResetUnit.UNIX_MILLISECONDS: reset / 1000 - now,
        ResetUnit.SECONDS_LEFT: reset,
    }[unit]
    assert -1 <= left <= 10


@pytest.mark.parametrize("strips", [True, False])
def test_intercom_may_take_out_what_has_no_width(turned: Callable[..., Served], strips: object) -> None:
    """Then a text of nothing else counts as missing, and joiners stay."""
    served = turned("intercom", invisible_stripped=bool(strips))
    contact, talk = served.customer_talk()
    user = {"type": "user", "intercom_user_id": contact, "message_type": "comment"}
    admin = {"type": "admin", "admin_id": "814860", "message_type": "note"}
    path = f"/conversations/{talk}/reply"
    empty = [served.intercom.post(path, json={**who, "body": INVISIBLE}).status_code for who in (user, admin)]
    begun = served.intercom.post(
        "/conversations", json={"from": {"type": "user", "id": contact}, "body": INVISIBLE}
    ).status_code
    shown = served.intercom.post(path, json={**user, "body": f"a{INVISIBLE}b\u200dc"}).json()
    said = shown["conversation_parts"]["conversation_parts"][-1]["body"]
    assert {*empty, begun} == {400 if strips else 200}
    assert said == ("<p>ab\u200dc</p>" if strips else f"<p>a{INVISIBLE}b\u200dc</p>")


@pytest.mark.parametrize("strips", [True, False])
def test_dashly_may_take_out_what_has_no_width(turned: Callable[..., Served], strips: object) -> None:
    """In a reply and in the first message."""
    served = turned("dashly", invisible_stripped=bool(strips))
    customer = served.world.dashly.customer("Dana")
    talk = served.world.dashly.customer_starts(customer, "Hi")
    reply, start = f"/conversations/{talk}/reply", f"/users/{customer}/startconversation"
    empty = {served.dashly.post(path, data={"body": INVISIBLE}).status_code for path in (reply, start)}
    served.dashly.post(reply, data={"body": f"a{INVISIBLE}b"})
    said = served.dashly.get(f"/conversations/{talk}/parts").json()["data"][0]["body"]
    assert (empty, said) == ({400}, "ab") if strips else ({200}, f"a{INVISIBLE}b")


def test_links_in_a_body_may_be_signed_anew(turned: Callable[..., Served]) -> None:
    """Each read shows another address of the same picture, and each works; otherwise the text stands."""
    for signed in (True, False):
        served = turned("intercom", body_links_signed=signed)
        _, talk = served.customer_talk()
        (address,) = served.world.intercom.keep_file([Upload("a.png", b"png", "image/png")])
        served.world.intercom.agent_writes(talk, f'<p><img src="{address}"></p>')
        read = [
            served.intercom.get(f"/conversations/{talk}").json()["conversation_parts"]["conversation_parts"][
                0
            ]
            for _ in range(2)
        ]
        bodies = {part["body"] for part in read}
        assert len(bodies) == (2 if signed else 1)
        for body in bodies:
            url = body.partition('src="')[2].partition('"')[0].replace("&amp;", "&")
            assert httpx.get(url, verify=UNUSED).content == b"png"


def test_dashlys_files_may_be_signed(turned: Callable[..., Served]) -> None:
    """Then an address is another at each read and dies after half an hour."""
    served = turned("dashly", files_signed=True)
    desk = served.world.dashly
    talk = desk.customer_starts(
        desk.customer("Dana"), "x", attachments=[Upload("a.png", b"png", "image/png")]
    )
    urls = [
        served.dashly.get(f"/conversations/{talk}/parts").json()["data"][0]["attachments"][0]["url"]
        for _ in range(2)
    ]
    alive = [httpx.get(url, verify=UNUSED).status_code for url in urls]
    served.world.advance(31 * 60)
    assert (len(set(urls)), alive, httpx.get(urls[0], verify=UNUSED).status_code) == (2, [200, 200], 403)


@pytest.mark.parametrize("works", [True, False])
def test_the_conversation_of_a_part_may_not_be_included(turned: Callable[..., Served], works: object) -> None:
    """Then the parameter is ignored."""
    served = turned("dashly", include_conversation=bool(works))
    talk = served.world.dashly.customer_starts(served.world.dashly.customer("Dana"), "Hi")
    path = f"/conversations/{talk}/parts"
    (part,) = served.dashly.get(path, params={"include_conversation": "true"}).json()["data"]
    assert (part["conversation"] if not works else part["conversation"]["id"]) == talk


@pytest.mark.parametrize("listed", [True, False])
def test_a_removed_part_may_vanish(turned: Callable[..., Served], listed: object) -> None:
    """Two parts come while one vanishes: the count grows by one, and `part_last` shows the younger only."""
    served = turned("dashly", removed_parts_listed=bool(listed))
    desk = served.world.dashly
    talk = desk.customer_starts(desk.customer("Dana"), "Hi")
    gone = desk.customer_writes(talk, "oops")
    desk.customer_writes(talk, "one")
    desk.customer_writes(talk, "two")
    desk.remove_part(talk, gone)
    shown = served.dashly.get(f"/conversations/{talk}").json()["data"]
    (really,) = served.world.truth()["dashly"]["conversations"]
    assert (shown["parts_count"], shown["part_last"]["body"]) == (4 if listed else 3, "two")
    assert really["vanished"] == ([] if listed else [gone])


@pytest.mark.parametrize("shown", [True, False])
def test_a_merged_dashly_user_dies(turned: Callable[..., Served], shown: object) -> None:
    """The conversations are the survivor's; the old id is unknown, or shows when it was removed."""
    served = turned("dashly", merged_user_readable=bool(shown))
    desk = served.world.dashly
    visitor, known = desk.customer("Dana"), desk.customer("Dana", user_id="acct-1")
    talk = desk.customer_starts(visitor, "Hi")
    desk.merge_users(visitor, known)
    answer = served.dashly.get(f"/users/{visitor}").json()
    assert served.dashly.get(f"/conversations/{talk}").json()["data"]["user"]["id"] == known
    assert served.dashly.get(f"/conversations/{talk}/parts").json()["data"][0]["from"] == known
    assert answer["data"]["removed"] if shown else answer["meta"]["error"] == "LookupError"
    assert served.dashly.get(f"{APP}/users").json()["data"]["total"] == 1


def test_a_removed_dashly_user_takes_everything_along(served: Served) -> None:
    """Nothing of the person is left in the truth but the ids."""
    desk = served.world.dashly
    person = desk.customer("Dana", email="d@example.org", user_id="acct-1")
    desk.customer_starts(person, "secret")
    desk.remove_user(person)
    truth = served.world.truth()["dashly"]
    assert served.dashly.get(f"/users/{person}").json()["meta"]["error"] == "LookupError"
    assert (truth["users"][0]["props"], truth["users"][0]["user_id"]) == ({}, None)
    assert [part["body"] for part in truth["conversations"][0]["parts"]] == [""]


def test_a_dashly_mailing_shares_its_message(served: Served) -> None:
    """Each conversation has parts of its own."""
    desk = served.world.dashly
    talks = desk.mailing([desk.customer("Dana"), desk.customer("Eva")], "New!", agent="151204")
    shown = [served.dashly.get(f"/conversations/{talk}").json()["data"] for talk in talks]
    assert len({item["message"] for item in shown}) == 1
    assert len({item["part_last"]["id"] for item in shown}) == 2


def test_the_list_of_users_may_lag(turned: Callable[..., Served]) -> None:
    """A new one is read by id before it is listed."""
    served = turned("dashly", users_delay=60.0)
    person = served.world.dashly.customer("Dana")
    at_once = served.dashly.get(f"{APP}/users").json()["data"]["total"]
    served.world.advance(61)
    later = served.dashly.get(f"{APP}/users").json()["data"]["total"]
    assert (served.dashly.get(f"/users/{person}").status_code, at_once, later) == (200, 0, 1)


@pytest.mark.parametrize(("direction", "order"), [("before", "desc"), ("after", "asc")])
def test_dashlys_pages_may_be_empty(turned: Callable[..., Served], direction: str, order: str) -> None:
    """Before each page with rows comes one without, which names the next."""
    served = turned("dashly", empty_pages=True)
    desk = served.world.dashly
    talks = []
    for number in range(5):
        talks.append(desk.customer_starts(desk.customer(f"P{number}"), "Hi"))
        served.world.advance(1)
    asked: dict[str, str | int] = {
        "paginate_count": 2,
        "paginate_direction": direction,
        "paginate_page_order": order,
    }
    pages, position = [], "null"
    while position != "":
        answer = served.dashly.get(f"{APP}/conversations", params={**asked, "paginate_position": position})
        pages.append([row["id"] for row in answer.json()["data"]])
        following = answer.json()["meta"][f"next_{direction}_position"]
        position = "" if following is None else str(following).replace("'", '"')
    rows = talks[::-1] if order == "desc" else talks
    assert pages == [[], rows[:2], [], rows[2:4], [], rows[4:]]


def test_intercoms_pages_may_be_empty(turned: Callable[..., Served]) -> None:
    """In lists, searches and, as page 1, in the numbered lists of 1.x."""
    served = turned("intercom", empty_pages=True)
    talks = [served.customer_talk(email=f"c{number}@example.net")[1] for number in range(3)]
    pages, paging = [], {"per_page": 2}
    query = {"field": "id", "operator": ">", "value": ""}
    sort = {"field": "id", "order": "ascending"}
    while paging:
        body = {"query": query, "sort": sort, "pagination": paging}
        answer = served.intercom.post("/conversations/search", json=body).json()
        pages.append([row["id"] for row in answer["conversations"]])
        paging = answer["pages"].get("next")
    assert pages == [[], talks[:2], [], talks[2:]]
    served.as_version("1.4")
    numbered = [
        served.intercom.get(
            "/conversations", params={"sort": "created_at", "per_page": 2, "page": page}
        ).json()
        for page in (1, 2, 3)
    ]
    assert [len(page["conversations"]) for page in numbered] == [0, 2, 1]
    assert {page["pages"]["total_pages"] for page in numbered} == {3}
