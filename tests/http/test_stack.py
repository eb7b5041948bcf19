import gzip
import logging
from email.utils import formatdate

import httpx
import pytest

from connector.errors import RailTripped, RemoteError, Unclear, Unreadable
from connector.http.bounded import LARGEST_ANSWER, Bounded
from connector.http.service import is_read, public_path


def ok(_request: httpx.Request) -> httpx.Response:
    """Answer with an empty object."""
    return httpx.Response(200, content=b"{}")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/conversations/1/reply"),
        ("PUT", "/conversations/1"),
        ("PATCH", "/x"),
        ("DELETE", "/v2/conversations/1/tag"),
        ("OPTIONS", "/x"),
        ("POST", "/conversations/search/1"),
        ("POST", "/tags"),
        ("PUT", "/contacts/search"),
    ],
)
def test_a_dry_run_refuses_writes_before_they_are_sent(stack, method, path):
    """The guard stands above everything: nothing is sent, paced or counted."""
    client = stack.over(ok, read_only=True)

    with pytest.raises(RailTripped, match="may only read"):
        client.request(method, path)

    assert (stack.sent, stack.meters.tally.requests, stack.clock.sleeps) == ([], 0, [])


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/me"), ("POST", "/conversations/search"), ("POST", "/contacts/search")]
)
def test_a_dry_run_reads(stack, method, path):
    """Reads and searches pass the guard."""
    assert stack.over(ok, read_only=True).request(method, path).status_code == 200


def test_requests_and_writes_are_counted(stack):
    """Requests count everything sent, writes what may have changed the remote."""
    client = stack.over(ok)

    client.get("/a")
    client.post("/conversations/search")
    client.post("/b")
    client.request("DELETE", "/c")

    assert (stack.meters.tally.requests, stack.meters.tally.writes) == (4, 2)


def test_logs_hold_no_secret_no_query_no_body_no_person(stack, caplog):
    """One event per exchange, with method, path, status, time and attempt."""
    caplog.set_level(logging.DEBUG)

    stack.over(ok).post("/users/77/props?by=ann@x.test", data={"body": "my secret text"})
    stack.over(ok).get("/conversations/5")

    first, second = [r.fields for r in caplog.records if r.getMessage() == "http.exchange"]
    assert first == {
        "host": "api.dashly.test",
        "method": "POST",
        "path": "/users/*/props",
        "ms": 0,
        "attempt": 1,
        "status": 200,
    }
    assert second["path"] == "/conversations/5"
    told = " ".join(str(vars(r)) for r in caplog.records if r.name.startswith("connector"))
    assert not [word for word in ("secret", "ann@", "users/77", "my secret text") if word in told]


def test_attempts_are_numbered(stack, caplog):
    """A repeat shows which attempt it is."""
    caplog.set_level(logging.DEBUG)

    stack.script(httpx.Response(503), httpx.Response(200)).get("/a")

    events = [r.fields for r in caplog.records if r.getMessage() == "http.exchange"]
    assert [(e["attempt"], e["status"]) for e in events] == [(1, 503), (2, 200)]


def test_redirects_are_not_followed(stack):
    """A redirect is handed out as it is."""
    client = stack.script(httpx.Response(302, headers={"Location": "https://evil.test/"}))

    assert client.get("/a").status_code == 302
    assert len(stack.sent) == 1


@pytest.mark.parametrize("where", [b"http://[", b"\xff://", b"/" + b"a" * 70_000, b"http://xn--\xe9.test"])
def test_a_redirect_to_no_address_is_still_a_redirect(stack, where):
    """The library would stumble over it, outside of everything that makes errors readable."""
    client = stack.over(lambda _: httpx.Response(302, headers=[(b"Location", where)]))

    assert client.get("/a").status_code == 302
    assert client.post("/a").status_code == 302


def test_headers_may_hold_any_byte(stack):
    """A proxy that names a city with its accents ends no run."""
    client = stack.over(
        lambda _: httpx.Response(200, headers=[(b"Date", b"\xff"), (b"Via", "Zürich".encode())])
    )

    assert client.get("/a").status_code == 200


def test_no_cookie_is_taken(stack):
    """What one answer says is sent with no other request."""
    client = stack.over(lambda _: httpx.Response(200, headers={"Set-Cookie": f"a={'x' * 4000}; Path=/"}))

    client.get("/a")
    client.get("/a")

    assert "Cookie" not in stack.sent[1].headers


def test_every_timeout_is_set(stack):
    """No request can hang for ever."""
    stack.over(ok).get("/a")

    assert stack.sent[0].extensions["timeout"] == {"connect": 10.0, "read": 30.0, "write": 30.0, "pool": 30.0}


def test_an_answer_without_end_is_cut_off(stack):
    """An answer above the limit is unreadable for a read and leaves a write unclear."""

    def endless(_request: httpx.Request) -> httpx.Response:
        def chunks():
            while True:
                yield b"x" * 1000

        return httpx.Response(200, content=chunks())

    bounded = Bounded(httpx.MockTransport(endless), stack.service, clock=stack.clock, limit=5_000)
    client = httpx.Client(transport=bounded)

    with pytest.raises(Unreadable, match="more than 5000 bytes"):
        client.get("https://api.dashly.test/")
    with pytest.raises(Unclear):
        client.post("https://api.dashly.test/")
    assert LARGEST_ANSWER == 64 * 1024 * 1024


@pytest.mark.parametrize(("size", "fine"), [(1_000_000, True), (5_000_000, False)])
def test_a_packed_answer_is_bounded_by_what_came(stack, size, fine):
    """59 KB that unpack to gigabytes are an attack; above 1 MB a hundred times what came is the end."""
    packed = gzip.compress(b"x" * size)

    def bomb(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(packed))

    client = stack.over(bomb)

    if fine:
        assert len(client.get("/a").content) == size
        return
    with pytest.raises(Unreadable, match="more than 100 times"):
        client.get("/a")
    with pytest.raises(Unclear):
        client.post("/a")
    assert len(stack.sent) == 2


@pytest.mark.parametrize("more", [b"x", gzip.compress(b"more")], ids=["a byte", "a second member"])
def test_nothing_follows_a_packed_answer(stack, more):
    """What came behind its end would be kept without bound, or be missed in a file."""
    packed = httpx.ByteStream(gzip.compress(b"{}") + more)
    client = stack.over(lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=packed))

    with pytest.raises(RemoteError, match="DecodingError"):
        client.get("/a")


def test_the_servers_time_goes_on_between_answers(stack, clock):
    """The clock of the side is its last Date plus the time passed here."""
    there = clock.time + 3_600
    client = stack.script(httpx.Response(200, headers={"Date": formatdate(there, usegmt=True)}))
    assert stack.meters.server_time.now() == clock.time
    assert stack.meters.server_time.skew is None

    client.get("/a")
    clock.time += 90

    assert stack.meters.server_time.now() == there + 90
    assert stack.meters.server_time.skew == 3_600


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026"])
def test_without_a_date_this_machines_clock_serves(stack, clock, date):
    """A missing or broken Date teaches nothing."""
    stack.script(httpx.Response(200, headers={"Date": date})).get("/a")

    assert stack.meters.server_time.now() == clock.time


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v2/users/123/conversations", "/v2/users/*/conversations"),
        ("/contacts/6762f0d0/unarchive", "/contacts/*/unarchive"),
        ("/contacts/search", "/contacts/search"),
        ("/users", "/users"),
        ("/conversations/1/tags/2", "/conversations/1/tags/2"),
    ],
)
def test_paths_are_shown_without_people(path, shown):
    """Ids of people are masked, ids of conversations are not."""
    assert public_path(httpx.Request("GET", f"https://x.test{path}")) == shown


def test_only_known_searches_are_reads():
    """A POST is a write unless it is one of the two searches."""
    assert is_read(httpx.Request("POST", "https://x.test/base/conversations/search"))
    assert not is_read(httpx.Request("POST", "https://x.test/conversations/searches"))
