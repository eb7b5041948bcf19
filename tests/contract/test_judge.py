"""The judge sees what it is there to see."""

import json

import httpx
import pytest

from tests.contract.kit.contract import Judge, intercom

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
