"""Dashly's lists: envelopes, cursors, filters and optional fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.sandbox.conftest import Served

APP = "/apps/48213/conversations"


def start_talks(served: Served, count: int) -> list[str]:
    """Begin conversations a second apart and return their ids, oldest first."""
    talks = []
    for number in range(count):
        customer = served.world.dashly.customer(f"Customer {number}", email=f"c{number}@example.org")
        talks.append(served.world.dashly.customer_starts(customer, f"Hello {number}"))
        served.world.advance(1)
    return talks


def rows(served: Served, **params: str | int) -> list[str]:
    """Return the ids of one page of the list."""
    return [row["id"] for row in served.dashly.get(APP, params=params).json()["data"]]


def test_a_wrong_token_is_not_authenticated(served: Served) -> None:
    """Without the app's token every call is a 401 with the named error and empty data."""
    answer = httpx.get(f"{served.sandbox.dashly.base_url}/v2{APP}", headers={"Authorization": "Token x"})
    assert (
        answer.status_code,
        answer.json()["meta"]["error"],
        answer.json()["data"],
    ) == (401, "NotAuthenticated", {})


def test_the_token_may_come_as_a_parameter_or_as_bearer(served: Served) -> None:
    """All three documented ways of passing the token work."""
    url, token = f"{served.sandbox.dashly.base_url}/v2/apps/$self_app/channels", served.sandbox.dashly.token
    by_parameter = httpx.get(url, params={"auth_token": token})
    by_bearer = httpx.get(url, headers={"Authorization": f"Bearer {token}"})
    assert [by_parameter.status_code, by_bearer.status_code] == [200, 200]


def test_unknown_paths_and_methods_have_named_errors(served: Served) -> None:
    """A path that does not exist is Error404, a wrong verb is MethodNotAllowed."""
    assert served.dashly.get("/nonsense").json()["meta"]["error"] == "Error404"
    assert served.dashly.post(APP).json()["meta"]["error"] == "MethodNotAllowed"


def test_an_unknown_conversation_is_a_lookup_error_and_no_404(served: Served) -> None:
    """A missing id answers 400 LookupError."""
    answer = served.dashly.get("/conversations/123")
    assert (answer.status_code, answer.json()["meta"]["error"]) == (400, "LookupError")


def test_another_app_is_forbidden(served: Served) -> None:
    """The list of an app that is not the token's is refused."""
    answer = served.dashly.get("/apps/1/conversations").json()
    assert answer["meta"]["error"] == "PermissionDeniedError"


def test_ids_are_numbers_unless_text_is_asked_for(served: Served) -> None:
    """`id_as_string` turns every object key, cursors included, into text."""
    (talk, *_) = start_talks(served, 2)
    as_text = served.dashly.get(APP, params={"paginate_count": 1}).json()
    as_numbers = served.dashly.get(APP, params={"paginate_count": 1, "id_as_string": "0"}).json()
    assert isinstance(as_text["data"][0]["part_last"]["id"], str)
    assert isinstance(as_text["meta"]["next_before_position"][1], str)
    assert isinstance(as_numbers["data"][0]["user"]["id"], int)
    assert len(talk) == 19


def test_ids_hold_their_time_and_grow(served: Served) -> None:
    """The high bits of an id are milliseconds since December 2017."""
    before = served.world.clock.now()
    talks = start_talks(served, 3)
    assert sorted(talks, key=int) == talks
    assert abs(((int(talks[0]) >> 23) + 1_512_108_000_000) / 1000 - before) < 5


def test_the_default_walk_goes_from_the_newest_backwards(served: Served) -> None:
    """Without parameters the list begins at the newest change; null ends the walk."""
    talks = start_talks(served, 5)
    seen, position = [], None
    for _ in range(3):
        params = {"paginate_count": 2} | ({"paginate_position": position} if position else {})
        answer = served.dashly.get(APP, params=params).json()
        seen += [row["id"] for row in answer["data"]]
        cursor = answer["meta"]["next_before_position"]
        position = None if cursor is None else str(cursor).replace("'", '"')
    assert (talks[::-1], None) == (seen, position)


def test_cursors_carry_microseconds_where_rows_show_seconds(served: Served) -> None:
    """A cursor built from a row's `last_update` skips or repeats; the returned one does not."""
    start_talks(served, 3)
    answer = served.dashly.get(APP, params={"paginate_count": 1}).json()
    moment = answer["meta"]["next_before_position"][0]
    assert isinstance(answer["data"][0]["last_update"], int)
    assert moment != int(moment)


def test_after_walks_upwards_and_ends_with_null(served: Served) -> None:
    """`after` with ascending pages gives what changed since a cursor."""
    talks = start_talks(served, 4)
    first = served.dashly.get(
        APP, params={"paginate_direction": "after", "paginate_page_order": "asc", "paginate_count": 3}
    ).json()
    cursor = str(first["meta"]["next_after_position"]).replace("'", '"')
    params = {"paginate_direction": "after", "paginate_page_order": "asc", "paginate_position": cursor}
    rest = served.dashly.get(APP, params=params).json()
    assert talks == [row["id"] for row in first["data"] + rest["data"]]
    assert rest["meta"]["next_after_position"] is None
    assert talks[2:] == rows(served, **params, paginate_including="yes")


def test_around_gives_both_neighbours(served: Served) -> None:
    """`around` takes half a page on each side of the position."""
    talks = start_talks(served, 5)
    parts = served.dashly.get(f"/conversations/{talks[0]}/parts").json()["data"]
    for number in range(4):
        served.world.dashly.customer_writes(talks[0], f"more {number}")
    everything = served.dashly.get(f"/conversations/{talks[0]}/parts").json()["data"]
    middle = everything[2]["id"]
    answer = served.dashly.get(
        f"/conversations/{talks[0]}/parts",
        params={
            "paginate_direction": "around",
            "paginate_position": f"[{middle}]",
            "paginate_count": 4,
            "paginate_including": "true",
        },
    ).json()
    assert middle in [row["id"] for row in answer["data"]]
    assert {"next_before_position", "next_after_position"} <= set(answer["meta"])
    assert len(parts) == 1


def test_bad_paging_is_a_validation_error(served: Served) -> None:
    """Counts above 50, unknown directions and broken positions are named in `error_fields`."""
    bad: dict[str, str | int] = {
        "paginate_count": 51,
        "paginate_direction": "up",
        "paginate_position": "[x",
    }
    for name, value in bad.items():
        meta = served.dashly.get(APP, params={name: value}).json()["meta"]
        assert ("ValidationError", [name]) == (meta["error"], list(meta["error_fields"]))


def test_a_touched_row_moves_to_the_head_of_the_list(served: Served) -> None:
    """Walking backwards can miss a row that changes meanwhile."""
    talks = start_talks(served, 3)
    served.world.dashly.customer_writes(talks[0], "again")
    assert [talks[0], talks[2], talks[1]] == rows(served)


def test_the_channel_comes_only_when_asked_for(served: Served) -> None:
    """The list leaves the channel out by default, a single conversation has it."""
    (talk,) = start_talks(served, 1)
    served.world.dashly.change_channel(talk, "3012")
    plain = served.dashly.get(APP).json()["data"][0]
    asked = served.dashly.get(APP, params={"include_channel": "true", "include_user": "0"}).json()["data"][0]
    single = served.dashly.get(f"/conversations/{talk}").json()["data"]
    assert "channel" not in plain
    assert (asked["channel"]["name"], "user" in asked) == ("Billing", False)
    assert single["channel"]["id"] == "3012"


def test_filters_narrow_the_list(served: Served) -> None:
    """Each filter of the reference selects what it says."""
    desk, talks = served.world.dashly, start_talks(served, 4)
    desk.close(talks[0])
    desk.assign(talks[1], "151377")
    desk.agent_writes(talks[1], "hello")
    desk.tag(talks[2], "a")
    desk.tag(talks[2], "b")
    desk.snooze(talks[3], served.world.clock.now() + 3600)
    assert [talks[0]] == rows(served, closed="1")
    assert [talks[1]] == rows(served, assigned="151377")
    assert {talks[0], talks[2], talks[3]} == set(rows(served, assigned="0", include_not_assigned="true"))
    assert [talks[1]] == rows(served, answered="true")
    assert [talks[2]] == rows(served, tags='["a","b"]')
    assert rows(served, tags="a,c") == []
    assert [talks[3]] == rows(served, delayed="true")
    assert len(rows(served, channel="0")) == 4


def test_a_campaign_without_answer_is_not_listed(served: Served) -> None:
    """`replied=false` conversations stay out until the customer writes."""
    desk = served.world.dashly
    talk = desk.campaign_starts(desk.customer("Eva", email="e@example.org"), "New!")
    hidden = rows(served)
    desk.customer_writes(talk, "tell me more")
    assert ([], [talk]) == (hidden, rows(served))


def test_parts_carry_from_by_their_type(served: Served) -> None:
    """A customer is a bare id, an operator an object, a service entry nobody."""
    (talk,) = start_talks(served, 1)
    served.world.dashly.agent_writes(talk, "hi")
    served.world.dashly.insert_part(talk, "service", "imported")
    service, reply, first = served.dashly.get(f"/conversations/{talk}/parts").json()["data"]
    assert isinstance(first["from"], str)
    assert (reply["from"]["type"], reply["from"]["id"]) == ("admin", "151204")
    assert service["from"] is None
    assert (first["first"], reply.get("first")) == (True, None)
    assert "attachments" not in reply


def test_parts_page_by_their_key(served: Served) -> None:
    """New parts since the last one seen are one `after` call."""
    (talk,) = start_talks(served, 1)
    served.world.dashly.agent_notes(talk, "secret")
    newest = served.dashly.get(f"/conversations/{talk}/parts").json()["data"][0]["id"]
    served.world.dashly.customer_writes(talk, "new")
    params = {"paginate_direction": "after", "paginate_position": f'["{newest}"]'}
    answer = served.dashly.get(f"/conversations/{talk}/parts", params=params).json()
    assert [part["body"] for part in answer["data"]] == ["new"]


def test_include_conversation_turns_the_id_into_an_object(served: Served) -> None:
    """A part's conversation is an id unless it is asked for."""
    (talk,) = start_talks(served, 1)
    (part,) = served.dashly.get(
        f"/conversations/{talk}/parts", params={"include_conversation": "true"}
    ).json()["data"]
    assert talk == part["conversation"]["id"]


def test_channels_name_their_operators(served: Served) -> None:
    """Channels are the only directory of operators."""
    channels = served.dashly.get("/apps/48213/channels").json()["data"]
    assert {"Nora Field", "Ilya Brandt", "Mika", "Tess Quill"} == {
        operator["name"] for channel in channels for operator in channel["operators"]
    }
