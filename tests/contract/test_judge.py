"""The judge sees what it is there to see."""

import json

import httpx
import pytest

from tests.contract.kit.contract import Judge, dashly, intercom

HEADERS = {"Authorization": "Bearer t", "Accept": "application/json", "Intercom-Version": "2.16"}
TAG = {"type": "tag", "id": "1", "name": "VIP"}
NOTE = {"message_type": "note", "type": "admin", "admin_id": "1", "body": "x"}


def judged(method, path, *, body=None, answer=TAG, status=200, version="2.16", headers=None):
    """Return what the judge says of one exchange."""
    judge = Judge()
    request = httpx.Request(
        method,
        f"http://127.0.0.1{path}",
        headers=HEADERS | {"Intercom-Version": version} | (headers or {}),
        json=body,
    )
    judge.exchange(intercom(version), request, httpx.Response(status, content=json.dumps(answer)))
    return judge.problems


def test_a_right_exchange_passes():
    """A tag by its name."""
    assert judged("POST", "/tags", body={"name": "VIP"}) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/nowhere", {}),
        ("PATCH", "/tags", {}),
        ("GET", "/conversations/deleted", {"version": "2.7"}),
        ("GET", "/conversations/5?sort=asc", {}),
        ("GET", "/conversations/five", {}),
        ("GET", "/conversations?per_page=151", {}),
        ("GET", "/conversations?per_page=1&per_page=2", {}),
        ("GET", "/tags", {"headers": {"Intercom-Version": "1.4"}}),
        ("GET", "/tags", {"headers": {"Authorization": "Token t"}}),
        ("GET", "/tags", {"headers": {"Accept": "*/*"}}),
        ("GET", "/tags", {"body": {}}),
        ("GET", "/tags/1", {"status": 418}),
        ("GET", "/tags/1", {"answer": TAG | {"colour": "red"}}),
        ("GET", "/tags/1", {"answer": TAG | {"id": 1}}),
        ("GET", "/tags/1", {"answer": TAG, "status": 404}),
        ("POST", "/tags", {"body": {"nom": "VIP"}}),
        ("POST", "/conversations/5/reply", {"body": NOTE | {"message_type": "whisper"}}),
        ("POST", "/conversations/5/reply", {"body": NOTE | {"silent": True}}),
        ("POST", "/conversations/5/reply", {"body": NOTE | {"skip_notifications": True}, "version": "2.11"}),
    ],
)
def test_a_wrong_exchange_is_told(method, path, more):
    """Method, path, query, headers, body, status and answer are all looked at."""
    conversation = {"type": "conversation", "id": "5", "title": None}
    answer = {"answer": conversation} if path.endswith("/reply") and more.get("version") != "2.11" else {}

    assert judged(method, path, **answer | more)


USER = {
    "type": "user",
    "message_type": "comment",
    "body": "x",
    "intercom_user_id": "6762f0d01bb69f9f2193bb7d",
}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/conversations/search", {}),
        ("POST", "/conversations/5/parts", NOTE),
        ("POST", "/conversations/5/tags", {"id": "1", "admin_id": "1"}),
        ("POST", "/conversations/redact", {"type": "source", "conversation_id": "5", "source_id": "1"}),
        ("GET", "/conversations/5?starting_after=1", None),
        ("GET", "/conversations?per_page=61", None),
        ("POST", "/conversations/5/reply", NOTE | {"created_at": 1_700_000_000}),
        ("POST", "/conversations/5/reply", NOTE | {"skip_notifications": True}),
        ("POST", "/conversations/5/reply", USER | {"attachment_files": []}),
        ("POST", "/conversations/5/reply", USER | {"message_type": "note"}),
        ("POST", "/messages", {"from": {"type": "lead", "id": USER["intercom_user_id"]}, "body": "x"}),
    ],
)
def test_1x_is_judged_by_its_own_description(method, path, body):
    """What came with 2.x is not known there."""
    assert any("answer" not in told for told in judged(method, path, body=body, version="1.4"))


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "path", "form", "fine"),
    [
        ("POST", "/v2/conversations/5/close", "id_as_string=true&from_admin=1", True),
        ("DELETE", "/v2/conversations/5/tag", "id_as_string=true&tag=vip", True),
        ("POST", "/v2/conversations/5/close", "from_admin=1", False),
        ("POST", "/v2/conversations/5/close", "id_as_string=true&from_admin=me", False),
        ("POST", "/v2/conversations/5/reopen", "id_as_string=true", False),
        ("POST", "/v2/conversations/5/reply", "id_as_string=true&type=note", False),
        ("POST", "/v2/conversations/5/reply", "id_as_string=true&body=x&type=whisper", False),
        ("POST", "/v2/conversations/5/reply", "id_as_string=true&body=x&created=5", False),
        ("POST", "/v1/conversations/5/close", "id_as_string=true", False),
        ("GET", "/v2/conversations/5/parts?id_as_string=true&paginate_direction=after", "", False),
        ("GET", "/v2/conversations/5/parts?id_as_string=true&paginate_count=51", "", False),
        ("GET", "/v2/conversations/5/parts?id_as_string=true&paginate_position=5", "", False),
    ],
)
def test_dashly_is_judged_by_its_own_description(method, path, form, fine):
    """Forms, their fields and their types."""
    judge = Judge()
    request = httpx.Request(
        method,
        f"http://127.0.0.1{path}",
        headers={"Authorization": "Token t", **(FORM if form else {})},
        content=form.encode(),
    )

    judge.exchange(dashly(), request, httpx.Response(200, json={"meta": {"status": 200}, "data": {}}))

    assert (judge.problems == []) is fine
