import pytest

from connector.errors import AccessDenied, Gone, NeverSent, Rejected, RemoteError, Unreadable
from connector.helpdesk.port import Person
from connector.helpdesk.query import HistoryQuery
from mappings.model import State

LIST = "GET /v2/apps/48213/conversations"
ONE = "GET /v2/conversations/77"
PARTS = "GET /v2/conversations/77/parts"
ADMIN = {"type": "admin", "id": "151204", "name": "Nora"}


def ok(data, **meta):
    """Return Dashly's envelope around data."""
    return {"meta": {"status": 200, **meta}, "data": data}


def part(number, kind="reply_user", **more):
    """Return a whole part."""
    sender = "500" if kind == "reply_user" else ADMIN
    return {
        "id": str(number),
        "created": number,
        "type": kind,
        "body": f"text {number}",
        "body_json": {},
        "meta_data": {},
        "external_id": None,
        "from": sender,
        "sent_via": "web_user",
        "first": number == 1,
        **more,
    }


def conversation(number=77, **more):
    """Return a conversation without its parts."""
    return {
        "id": str(number),
        "created": 1,
        "last_update": 100,
        "closed": False,
        "delayed_until": None,
        "assignee": None,
        "tags": [],
        "parts_count": 3,
        "part_last": part(3),
        "user": {"id": "500", "app": "48213", "user_id": None, "props": {"$name": "Dana"}},
        "channel": None,
        **more,
    }


def test_the_list_is_asked_for_as_the_reference_says(dashly, remote):
    """Version pinned, ids as text, unassigned and channel included, 50 a page, from the head."""
    remote.on(LIST, ok([]))

    assert list(dashly.changed_since(0)) == []
    assert remote.query() == {
        "include_not_assigned": "true",
        "include_channel": "true",
        "paginate_count": "50",
        "paginate_direction": "before",
        "id_as_string": "true",
    }
    assert remote.requests[0].headers["Authorization"] == "Token app.1.secret"


def test_cursors_go_back_digit_by_digit(dashly, remote):
    """A cursor's microseconds and 19 digits survive; a float would not keep them."""
    first = (
        b'{"meta": {"status": 200, "next_before_position": [1684739969.358085120, "2180048309819802788"]},'
    )
    remote.on(LIST, first + b'"data": [{"id": 1, "last_update": 100}]}', ok([]))

    list(dashly.changed_since(0))

    assert remote.query()["paginate_position"] == '[1684739969.358085120, "2180048309819802788"]'


def test_the_walk_stops_at_the_watermark(dashly, remote):
    """Rows come newest first; the first one below the watermark ends the walk."""
    rows = [
        conversation(1, last_update=300),
        conversation(2, last_update=200),
        conversation(3, last_update=99),
    ]
    remote.on(LIST, ok(rows, next_before_position=[99, "3"]))

    assert [row.id for row in dashly.changed_since(200)] == ["1", "2"]
    assert len(remote.requests) == 1


def test_rows_carry_the_newest_part_when_it_is_whole(dashly, remote):
    """A list that shows whole parts saves a request; reduced ones are not taken for parts."""
    reduced = {key: part(3)[key] for key in ("id", "created", "type", "sent_via", "from", "body")}
    remote.on(LIST, ok([conversation(1), conversation(2, part_last=reduced)]))

    whole, bare = dashly.changed_since(0)

    assert [p.id for p in whole.parts] == ["3"]
    assert (bare.parts, whole.complete, bare.complete) == ((), False, False)


def test_a_strange_row_does_not_stop_the_list(dashly, remote):
    """Nonsense with an id is a conversation; only without an id it is none."""
    remote.on(LIST, ok([{"id": "5", "created": [], "last_update": {}}, conversation(6)]))
    remote.on(ONE, ok({"no": "id"}))

    rows = list(dashly.changed_since(0))

    assert [row.id for row in rows] == ["5", "6"]
    with pytest.raises(Unreadable):
        dashly.conversation("77")


def test_nothing_new_costs_one_request(dashly, remote):
    """When all parts are known, no page of parts is read."""
    remote.on(ONE, ok(conversation()))

    dashly.conversation("77", known=frozenset({"1", "2", "3"}))

    assert remote.calls == [ONE]


def test_one_new_part_costs_one_request(dashly, remote):
    """When one part is missing and the newest is shown whole, it is the one."""
    remote.on(ONE, ok(conversation()))

    found = dashly.conversation("77", known=frozenset({"1", "2"}))

    assert remote.calls == [ONE]
    assert [p.id for p in found.parts] == ["3"]
    assert not found.complete


def test_an_unknown_part_behind_a_known_one_is_found(dashly, remote):
    """Our own newest write may hide an older part that nobody saw: a known part is no place to stop."""
    remote.on(ONE, ok(conversation()))
    remote.on(PARTS, ok([part(3), part(2), part(1)]))

    found = dashly.conversation("77", known=frozenset({"1", "3"}))

    assert [p.id for p in found.parts] == ["1", "2", "3"]


def test_pages_are_read_until_all_missing_parts_are_here(dashly, remote):
    """The walk over parts ends with the last missing one, not with the list."""
    remote.on(ONE, ok(conversation(parts_count=9, part_last=part(9))))
    remote.on(
        PARTS,
        ok([part(9), part(8)], next_before_position=[8]),
        ok([part(7), part(6)], next_before_position=[6]),
        ok([part(5), part(4)], next_before_position=[4]),
    )

    found = dashly.conversation("77", known=frozenset(map(str, range(1, 7))))

    assert [p.id for p in found.parts] == ["6", "7", "8", "9"]
    assert remote.query()["paginate_position"] == "[8]"
    assert not found.complete


def test_a_first_read_is_whole(dashly, remote):
    """Without known parts everything is read."""
    remote.on(ONE, ok(conversation()))
    remote.on(PARTS, ok([part(3), part(2)], next_before_position=[2]), ok([part(1)]))

    found = dashly.conversation("77")

    assert [p.id for p in found.parts] == ["1", "2", "3"]
    assert found.complete


def test_a_backfill_filters_on_the_server_and_again_here(dashly, remote):
    """The side's filters are sent as it knows them; its answers are checked all the same."""
    wrong = conversation(2, tags=["other"], closed=True)
    right = conversation(1, tags=["VIP"], assignee=ADMIN, closed=True)
    remote.on(LIST, ok([right, wrong]))

    query = HistoryQuery(since=50, until=150, tag="vip", status=State.CLOSED, assignee="151204")
    found = list(dashly.history(query))

    assert [row.id for row in found] == ["1"]
    sent = remote.query()
    assert (sent["closed"], sent["assigned"], sent["tags"]) == ("true", "151204", '["vip"]')
    assert sent["include_not_assigned"] == "false"


def test_an_expired_snooze_counts_as_open(dashly, remote, clock):
    """A delay whose time has passed is not a snooze."""
    rows = [conversation(1, delayed_until=clock.time - 5), conversation(2, delayed_until=clock.time + 500)]
    remote.on(LIST, ok(rows))

    assert [row.id for row in dashly.history(HistoryQuery(status=State.OPEN))] == ["1"]
    assert [row.id for row in dashly.history(HistoryQuery(status=State.SNOOZED))] == ["2"]


def test_conversations_begun_by_a_shadow_user(dashly, remote):
    """By external id, from the head, those that began in time, whole."""
    path = "GET /v2/users/intercom:abc/conversations"
    remote.on(path, ok([conversation(77, created=90), conversation(78, created=5)]))
    remote.on(PARTS, ok([part(3), part(2), part(1)]))

    found = list(dashly.begun_by(Person("intercom:abc", by_external_id=True), since=50))

    assert remote.query(0)["by_user_id"] == "true"
    assert [(row.id, row.parts[0].opening) for row in found] == [("77", True)]


def test_an_unknown_user_has_begun_nothing(dashly, remote):
    """LookupError is an answer here."""
    error = {"meta": {"status": 400, "error": "LookupError"}, "data": {}}
    remote.on("GET /v2/users/intercom:abc/conversations", error, status=400)

    assert list(dashly.begun_by(Person("intercom:abc", by_external_id=True), since=0)) == []


def test_a_user_is_looked_for_by_the_one_call_that_creates_nobody(dashly, remote):
    """By Dashly's own id where a conversation shows it; LookupError is an answer."""
    error = {"meta": {"status": 400, "error": "LookupError"}, "data": {}}
    end = {"status": 200, "next_before_position": None}
    row = {"id": 77, "user": {"id": 5, "type": "user", "user_id": "acct-2"}, "created": 60, "last_update": 60}
    remote.on("GET /v2/users/acct-1/conversations", error, status=400)
    remote.on("GET /v2/users/acct-2/conversations", {"meta": end, "data": [row]})
    remote.on("GET /v2/users/acct-3/conversations", {"meta": end, "data": []})

    assert dashly.find_customer("acct-1") is None
    assert dashly.find_customer("acct-1", "acct-2") == Person("5")
    assert dashly.find_customer("acct-3") == Person("acct-3", by_external_id=True)
    assert {remote.query(n)["by_user_id"] for n in range(len(remote.calls))} == {"true"}


def test_the_app_of_the_token(dashly, remote):
    """The app that a user of the list belongs to is the token's; without users it is the configured one."""
    remote.on(LIST, ok([conversation(user={"id": "5", "app": "999"})]), ok([]))

    assert [dashly.identity().id, dashly.identity().id] == ["999", "48213"]
    assert remote.query()["paginate_count"] == "1"


def test_tags_in_use_are_those_of_the_first_page(dashly, remote):
    """One page is enough, each tag is told once, and a removed conversation uses none."""
    rows = [
        conversation(id="1", tags=["vip", "bug"]),
        conversation(id="2", tags=["bug"]),
        conversation(id="3", tags=["old"], removed="2026-01-01"),
        conversation(id="4", tags=None),
    ]
    remote.on(LIST, ok(rows, next_before_position=[1, 4]))

    assert dashly.tags() == ("bug", "vip")
    assert len(remote.requests) == 1


def test_operators_are_read_once(dashly, remote):
    """The channels list operators; both are asked for once."""
    remote.on("GET /v2/apps/48213/channels", ok([{"id": "1", "operators": [ADMIN]}, {"id": "2"}]))

    assert [agent.id for agent in dashly.agents()] == ["151204"]
    assert [channel.id for channel in dashly.teams()] == ["1", "2"]
    assert dashly.agents()
    assert len(remote.requests) == 1


@pytest.mark.parametrize(
    ("status", "error", "expected", "sentence"),
    [
        (400, "LookupError", Gone, "does not know the object of a conversation (400 LookupError)"),
        (401, "NotAuthenticated", AccessDenied, "refused the token"),
        (401, "AuthenticationFailed", AccessDenied, "refused the token"),
        (403, "PermissionDeniedError", AccessDenied, "does not let this token"),
        (400, "ValidationError", Rejected, "refused a conversation (400 ValidationError: admin)"),
        (404, "Error404", Rejected, "refused a conversation (404 Error404)"),
        (429, "TooManyRequests", NeverSent, "too many requests"),
        (500, "Error500", RemoteError, "did not answer"),
    ],
)
@pytest.mark.parametrize("http", [200, None], ids=["200", "same"])
def test_the_envelope_decides(dashly, remote, http, status, error, expected, sentence):  # noqa: PLR0917
    """``meta.status`` counts, whether or not HTTP says the same; no message of the side is repeated."""
    meta = {"status": status, "error": error, "error_message": "about ann@x.test"}
    if error == "ValidationError":
        meta["error_fields"] = {"admin": ["ann@x.test is wrong"]}
    remote.on(ONE, {"meta": meta, "data": {}}, status=http or status)

    with pytest.raises(expected) as caught:
        dashly.conversation("77")

    assert sentence in str(caught.value)
    assert "ann@" not in str(caught.value)
    if expected is AccessDenied:
        assert "DASHLY_TOKEN" in caught.value.hint
    assert "secret" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"meta": 3}', b'{"meta": {}, "data": []}'])
def test_other_answers_are_unreadable(dashly, remote, body):
    """What is not an envelope is not an answer."""
    remote.on(ONE, body)

    with pytest.raises(Unreadable, match="does not document"):
        dashly.conversation("77")


def test_a_redirect_names_the_address_to_correct(dashly, remote):
    """A wrong base address is told as such."""
    remote.on(ONE, b"", status=301, headers={"Location": "https://elsewhere.test"})

    with pytest.raises(Unreadable, match="redirected") as caught:
        dashly.conversation("77")
    assert "[dashly]" in caught.value.hint


def test_a_record_reads_as_the_conversation_that_was_taken(dashly, remote):
    """Its parts are kept with it, and the user is in it."""
    remote.on(ONE, ok(conversation()))
    remote.on(PARTS, ok([part(3), part(2), part(1)]))

    record = dashly.records.take("77")
    asked = len(remote.calls)
    view = dashly.records.view(record)

    assert [one.id for one in view.parts] == ["1", "2", "3"]
    assert dashly.records.person("500", record) == conversation()["user"]
    assert len(remote.calls) == asked
    record.conversation["user"] = "500"
    assert dashly.records.person("500", record) is None
