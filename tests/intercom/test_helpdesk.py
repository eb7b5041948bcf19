import pytest

from connector.errors import AccessDenied, Gone, NeverSent, Rejected, RemoteError, Unreadable
from connector.helpdesk.keeper import Kept
from connector.helpdesk.port import Person, Workspace
from connector.helpdesk.query import HistoryQuery
from connector.intercom.versions import FEATURES, Version, capabilities
from mappings.model import State
from mappings.persons import TECHNICAL_NAME

SEARCH = "POST /conversations/search"
LIST = "GET /conversations"


def row(number=1, *, legacy=False, **more):
    """Return a listed conversation of either generation."""
    opening = {
        "id": f"9{number}",
        "type": "conversation",
        "body": "<p>hello</p>",
        "author": {"type": "user", "id": "c1"},
        "attachments": [],
    }
    person = {"user": {"type": "user", "id": "c1"}} if legacy else {"contacts": {"contacts": [{"id": "c1"}]}}
    return {
        "type": "conversation",
        "id": str(number),
        "created_at": 50,
        "updated_at": 100,
        "state": "open",
        "open": True,
        "conversation_message" if legacy else "source": opening,
        "tags": {"type": "tag.list", "tags": []},
        **person,
        **more,
    }


def found(*rows, cursor=None):
    """Return a page of search results."""
    following = {"per_page": 150, "starting_after": cursor} if cursor else None
    return {"type": "conversation.list", "conversations": list(rows), "pages": {"next": following}}


def listed(*rows, pages=1):
    """Return a page of the 1.x list."""
    return {"type": "conversation.list", "conversations": list(rows), "pages": {"total_pages": pages}}


def refusal(code, message="", **more):
    """Return an error list."""
    return {"type": "error.list", "errors": [{"code": code, "message": message, **more}]}


def test_the_version_and_nothing_unknown_is_sent(intercom, remote):
    """The version is pinned in a header; the body has only described keys and no upper bound."""
    remote.on(SEARCH, found())

    assert list(intercom.changed_since(1_000.7)) == []
    assert remote.requests[0].headers["Intercom-Version"] == "2.16"
    assert remote.requests[0].headers["Accept"] == "application/json"
    assert remote.requests[0].headers["Authorization"] == "Bearer ic-secret"
    assert remote.body() == {
        "query": {"field": "updated_at", "operator": ">", "value": 999},
        "pagination": {"per_page": 150},
    }


def test_search_pages_follow_the_cursor_and_each_row_comes_once(intercom, remote):
    """A row that moves while pages are read is not listed twice."""
    remote.on(SEARCH, found(row(1), row(2), cursor="next"), found(row(2), row(3)))

    rows = list(intercom.changed_since(0))

    assert [r.id for r in rows] == ["1", "2", "3"]
    assert remote.body()["pagination"] == {"per_page": 150, "starting_after": "next"}
    assert not any(r.complete for r in rows)


def test_a_search_that_never_ends_is_given_up_and_told(intercom, remote):
    """The same cursor again is not an end and must not be taken for one."""
    remote.on(SEARCH, found(row(1), cursor="a"), found(row(2), cursor="a"))

    assert [r.id for r in intercom.changed_since(0)] == ["1", "2"]
    assert (intercom.lists_cut, len(remote.requests)) == (1, 2)


def test_a_history_query_becomes_filters(intercom, remote):
    """Bounds, state, assignee and tag are searched for, and checked again here."""
    remote.on("GET /tags", {"type": "list", "data": [{"type": "tag", "id": 7, "name": "VIP"}]})
    tags = {"type": "tag.list", "tags": [{"id": "7", "name": "VIP"}]}
    right = row(1, state="closed", tags=tags, admin_assignee_id=814860)
    remote.on(SEARCH, found(right, row(2)))

    query = HistoryQuery(since=50, until=150, tag="vip", status=State.CLOSED, assignee="814860")

    assert [r.id for r in intercom.history(query)] == ["1"]
    assert remote.body()["query"] == {
        "operator": "AND",
        "value": [
            {"field": "updated_at", "operator": ">", "value": 49},
            {"field": "updated_at", "operator": "<", "value": 151},
            {"field": "state", "operator": "=", "value": "closed"},
            {"field": "admin_assignee_id", "operator": "=", "value": 814860},
            {"field": "tag_ids", "operator": "=", "value": "7"},
        ],
    }


@pytest.mark.parametrize(("team", "asked"), [("9001", [9001]), ("Billing", [])])
def test_a_team_is_searched_for(intercom, remote, team, asked):
    """By its number; a name cannot be asked for."""
    remote.on(SEARCH, found())

    assert list(intercom.history(HistoryQuery(since=50, team=team))) == []

    query = remote.body()["query"]
    filters = query.get("value") if query.get("operator") == "AND" else [query]
    assert [one["value"] for one in filters if one["field"] == "team_assignee_id"] == asked


def test_a_tag_that_does_not_exist_finds_nothing(intercom, remote):
    """No search is made for a tag without an id."""
    remote.on("GET /tags", {"data": []})

    assert list(intercom.history(HistoryQuery(tag="none"))) == []
    assert remote.calls == ["GET /tags"]


def test_conversations_begun_by_a_contact(intercom, remote):
    """The search row already holds the opening message."""
    remote.on(SEARCH, found(row(1)))

    (begun,) = intercom.begun_by(Person("c1"), since=40)

    assert [(p.id, p.opening) for p in begun.parts] == [("source:91", True)]
    assert remote.body()["query"]["value"] == [
        {"field": "contact_ids", "operator": "=", "value": "c1"},
        {"field": "created_at", "operator": ">", "value": 39},
    ]


def test_a_strange_row_does_not_stop_the_search(intercom, remote):
    """Nonsense with an id is a conversation."""
    remote.on(SEARCH, found({"id": "5", "created_at": {}, "source": 3}, row(6)))

    assert [r.id for r in intercom.changed_since(0)] == ["5", "6"]


@pytest.mark.parametrize("version", ["1.0", "1.4"])
def test_the_old_list_is_walked_down_to_the_watermark(open_desk, remote, version):
    """Newest first, page numbers of our own, until a row is older."""
    desk = open_desk(version)
    remote.on(
        LIST,
        listed(row(1, legacy=True, updated_at=300), pages=9),
        listed(row(1, legacy=True, updated_at=300), row(2, legacy=True, updated_at=200), pages=9),
        listed(row(3, legacy=True, updated_at=99), pages=9),
    )

    rows = list(desk.changed_since(100))

    assert [r.id for r in rows] == ["1", "2"]
    assert rows[0].parts[0].id == "source:91"
    assert remote.query() == {"sort": "updated_at", "order": "desc", "per_page": "60", "page": "3"}
    assert remote.requests[0].headers["Intercom-Version"] == version


def test_the_old_list_of_a_person(open_desk, remote):
    """Leads, too, are asked for as users, by Intercom's id."""
    remote.on(LIST, listed(row(1, legacy=True), row(2, legacy=True, created_at=5)))

    begun = list(open_desk("1.4").begun_by(Person("c1"), since=40))

    assert [r.id for r in begun] == ["1"]
    assert remote.query() == {"type": "user", "intercom_user_id": "c1", "per_page": "60", "page": "1"}


def test_tags_missing_from_the_oldest_lists_are_read_one_by_one(open_desk, remote):
    """1.0 shows no tags in lists: a tag filter reads each conversation."""
    bare = row(1, legacy=True)
    del bare["tags"]
    remote.on(LIST, listed(bare))
    tags = {"tags": [{"id": "7", "name": "VIP"}]}
    remote.on("GET /conversations/1", row(1, legacy=True, tags=tags))

    assert [r.id for r in open_desk("1.0").history(HistoryQuery(tag="vip"))] == ["1"]


def test_the_workspace_of_the_token(intercom, remote):
    """The app of /me is the workspace."""
    remote.on("GET /me", {"type": "admin", "app": {"id_code": "abc123", "name": "Shop"}}, {"type": "admin"})

    assert intercom.identity() == Workspace(id="abc123", name="Shop")
    with pytest.raises(Unreadable):
        intercom.identity()


@pytest.mark.parametrize(
    ("app", "workspace"),
    [
        ({"id_code": "a\ud800", "name": ["x"]}, Workspace("a\ufffd", "")),
        ({"id_code": {"id": "b"}}, Workspace("b", "")),
    ],
)
def test_a_strange_workspace_can_be_written_down(intercom, remote, app, workspace):
    """Half a letter, or an object, where text is promised."""
    remote.on("GET /me", {"type": "admin", "app": app})

    assert intercom.identity() == workspace


def test_nearly_the_same_own_id_is_somebody_else_in_1x(open_desk, remote):
    """Nobody promises that the old lookup compares letter by letter."""
    remote.on("GET /users", {"type": "user", "id": "u1", "user_id": "ACCT-1"})

    assert open_desk("1.4").find_customer("acct-1") is None
    assert open_desk("1.4").find_customer("ACCT-1") == Person("u1")


def test_teammates_and_teams(open_desk, remote):
    """Both lists are read; before 1.4 the teams stand among the teammates."""
    admins = {
        "admins": [{"type": "admin", "id": "1", "name": "Nora"}, {"type": "team", "id": "9", "name": "T"}]
    }
    remote.on("GET /admins", admins)
    remote.on("GET /teams", {"teams": [{"type": "team", "id": "8", "name": "S"}]})

    assert {a.id for a in open_desk("2.16").agents()} == {"1", "8", "9"}
    assert {a.id for a in open_desk("1.3").agents()} == {"1", "9"}


@pytest.mark.parametrize(
    ("status", "code", "expected", "sentence"),
    [
        (404, "not_found", Gone, "does not know the object of a conversation (404 not_found)"),
        (401, "unauthorized", AccessDenied, "refused the token"),
        (403, "api_plan_restricted", AccessDenied, "does not let this token"),
        (402, "", AccessDenied, "does not let this token"),
        (400, "intercom_version_invalid", Rejected, "refused a conversation (400 intercom_version_invalid)"),
        (422, "parameter_invalid", Rejected, "refused"),
        (429, "rate_limit_exceeded", NeverSent, "too many requests"),
        (500, "server_error", RemoteError, "did not answer"),
    ],
)
def test_refusals(intercom, remote, status, code, expected, sentence):
    """The code is told, the side's own message is not."""
    remote.on("GET /conversations/1", refusal(code, "about ann@x.test"), status=status)

    with pytest.raises(expected) as caught:
        intercom.conversation("1")

    assert sentence in str(caught.value)
    assert "ann@" not in str(caught.value)
    if expected is AccessDenied:
        assert "INTERCOM_TOKEN" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("not_found", Gone),
        ("unauthorized", AccessDenied),
        ("rate_limit_exceeded", NeverSent),
        ("x", Rejected),
    ],
)
def test_an_error_list_counts_even_with_200(open_desk, remote, code, expected):
    """1.x may refuse with any status; very old answers name the code ``type``."""
    remote.on("GET /conversations/1", {"type": "error.list", "errors": [{"type": code}]})

    with pytest.raises(expected):
        open_desk("1.4").conversation("1")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"type": "conversation"}'])
def test_other_answers_are_unreadable(intercom, remote, body):
    """What is not a conversation is not an answer."""
    remote.on("GET /conversations/1", body)

    with pytest.raises(Unreadable):
        intercom.conversation("1")


def test_versions_are_numbers():
    """2.9 is older than 2.16."""
    assert Version.parse("2.9") < Version.parse("2.16")
    assert not Version.parse("2.9").has("skip_notifications")
    assert Version.parse("2.17").has("skip_notifications")
    assert str(Version.parse("2.16")) == "2.16"


@pytest.mark.parametrize(
    ("version", "silent", "dated", "tags", "files"),
    [
        ("1.4", False, False, False, 0),
        ("2.7", False, False, True, 10),
        ("2.11", False, True, True, 10),
        ("2.15", True, True, True, 10),
        ("2.16", True, True, True, 10),
    ],
)
def test_abilities_follow_the_table(version, silent, dated, tags, files):
    """What a version can do comes from the one table."""
    able = capabilities(Version.parse(version))

    assert (able.silent_messages, able.back_dating, able.tags, able.files_per_message) == (
        silent,
        dated,
        tags,
        files,
    )
    assert all(FEATURES.values())


def test_tags_in_1x_need_a_version_for_them():
    """A 2.x version for tag calls makes tags possible."""
    assert capabilities(Version.parse("1.4"), tag_version=Version.parse("2.16")).tags


def test_a_contact_who_was_merged_is_somebody_elses(intercom, remote):
    """A deletion might reach whom they were merged into."""
    canonical = {"Link": '</contacts/c2>; rel="canonical"'}
    remote.on("GET /contacts/c1", refusal("contact_merged"), status=410, headers=canonical)

    assert not intercom.is_bare("c1")


@pytest.mark.parametrize("person", [None, "c9"])
@pytest.mark.parametrize(
    ("holder", "text"), [("technical", "mark.7"), ("somebody else's", None)], ids=["ours", "another's"]
)
def test_what_is_kept_is_read_from_the_contact_itself(intercom, remote, person, holder, text):
    """A search may show what was there a while ago; a contact with another id keeps nothing of ours."""
    shown = {"id": "c9", "role": "user", "external_id": "technical", "name": f"{TECHNICAL_NAME} old"}
    remote.on("POST /contacts/search", {"data": [shown]})
    remote.on("GET /contacts/c9", {**shown, "external_id": holder, "name": f"{TECHNICAL_NAME} mark.7"})

    found = intercom.kept("technical", person)

    assert found == (None if text is None else Kept("c9", text))
    assert remote.calls.count("POST /contacts/search") == (person is None)


def test_nothing_is_kept_where_nobody_is_found(intercom, remote):
    """Neither by the external id nor, once they are known, by the contact's own."""
    remote.on("POST /contacts/search", {"data": []})
    remote.on("GET /contacts/c9", {"errors": [{"code": "not_found"}]}, status=404)

    assert [intercom.kept("technical", person) for person in (None, "c9")] == [None, None]
