from email.utils import formatdate

import httpx
import pytest

from connector.errors import NeverSent, RemoteError, Unclear

NEVER_SENT = [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")]
LOST = [
    httpx.ReadTimeout("no"),
    httpx.ReadError("no"),
    httpx.WriteError("no"),
    httpx.WriteTimeout("no"),
    httpx.RemoteProtocolError("no"),
]


def answer(status, **headers: str) -> httpx.Response:
    """Return an answer; underscores in header names stand for hyphens."""
    return httpx.Response(status, headers={k.replace("_", "-"): v for k, v in headers.items()}, content=b"{}")


def test_a_read_outlives_load_and_failure(stack):
    """GET 429, then 503, then 200: the answer comes."""
    client = stack.script(answer(429), answer(503), answer(200))

    assert client.get("/v2/x").status_code == 200
    assert stack.meters.tally.requests == 3


def test_a_read_of_a_broken_server_ends(stack):
    """GET 503 for ever: a RemoteError after a few tries, which is not an Unclear."""
    client = stack.script(answer(503))

    with pytest.raises(RemoteError, match=r"did not answer .* \(503\)") as caught:
        client.get("/v2/x")

    assert type(caught.value) is RemoteError
    assert len(stack.sent) == 4


@pytest.mark.parametrize("failure", LOST, ids=lambda e: type(e).__name__)
def test_a_write_without_an_answer_is_unclear_at_once(stack, failure):
    """POST without an answer: Unclear, and nothing is sent again."""
    client = stack.script(failure, answer(200))

    with pytest.raises(Unclear, match="may have been carried out"):
        client.post("/v2/x")

    assert len(stack.sent) == 1
    assert stack.meters.tally.writes == 1


@pytest.mark.parametrize("failure", LOST, ids=lambda e: type(e).__name__)
def test_a_read_without_an_answer_is_repeated(stack, failure):
    """GET without an answer: asked again."""
    client = stack.script(failure, answer(200))

    assert client.get("/v2/x").status_code == 200


@pytest.mark.parametrize("failure", NEVER_SENT, ids=lambda e: type(e).__name__)
def test_a_write_that_never_left_is_repeated(stack, failure):
    """POST without a connection: sent again, and counted as one write."""
    client = stack.script(failure, answer(200))

    assert client.post("/v2/x", data={"a": "b"}).status_code == 200
    assert [request.content for request in stack.sent] == [b"a=b", b"a=b"]
    assert stack.meters.tally.writes == 1


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 599, 408, 421, 425, 444, 460, 499])
def test_a_write_that_failed_inside_is_unclear_at_once(stack, status):
    """POST 5xx, 408, 421, 425, a proxy's own code: Unclear, and nothing is sent again."""
    client = stack.script(answer(status), answer(200))

    with pytest.raises(Unclear):
        client.post("/v2/x")

    assert len(stack.sent) == 1


@pytest.mark.parametrize("status", [503, 408, 421, 425, 444, 499])
def test_a_read_that_failed_inside_is_repeated(stack, status):
    """GET: asked again, without anybody's help."""
    assert stack.script(answer(status), answer(200)).get("/v2/x").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_connection_at_all_is_never_sent(stack, method):
    """A host that cannot be reached: NeverSent, which names the address and the key to check."""
    client = stack.script(httpx.ConnectError("refused"))

    with pytest.raises(NeverSent, match=r"Dashly \(api\.dashly\.test\) could not be reached") as caught:
        client.request(method, "/v2/x")

    assert "base_url in [dashly] (https://api.dashly.test)" in caught.value.hint
    assert stack.meters.tally.writes == 0


def test_load_is_outlived_for_over_a_minute(stack, clock):
    """429 without any advice: eight tries over more than a minute, then NeverSent."""
    client = stack.script(answer(429))

    with pytest.raises(NeverSent, match="too many requests"):
        client.post("/v2/x")

    assert len(stack.sent) == 8
    assert 1 <= clock.sleeps[0] <= 2
    assert sum(clock.sleeps) > 60
    assert max(clock.sleeps) <= 60
    assert stack.meters.tally.writes == 0


def test_advice_in_seconds_is_taken(stack, clock):
    """Retry-After in seconds is the wait."""
    stack.script(answer(429, Retry_After="17"), answer(200)).get("/v2/x")

    assert clock.sleeps == [17]


def test_advice_as_a_date_is_taken_by_the_servers_clock(stack, clock):
    """Retry-After as a date counts from the server's Date, not from this machine's clock."""
    there = clock.time - 5_000
    busy = answer(429, Date=formatdate(there, usegmt=True), Retry_After=formatdate(there + 25, usegmt=True))

    stack.script(busy, answer(200)).get("/v2/x")

    assert clock.sleeps == [25]


@pytest.mark.parametrize("unit", [1_000, 1_000_000])
def test_a_reset_in_a_smaller_unit_is_taken(stack, clock, unit):
    """Milli- and microseconds are told by their size."""
    stack.script(answer(429, X_RateLimit_Reset=str((clock.time + 8) * unit)), answer(200)).get("/v2/x")

    assert clock.sleeps == [pytest.approx(8, abs=0.01)]


@pytest.mark.parametrize("reset", [1, 1e9, 2e9, 1e18, "9" * 400])
def test_a_reset_that_cannot_be_is_no_advice(stack, clock, reset):
    """A time years away is no reason to wait: the waits grow as without advice."""
    stack.script(answer(429, X_RateLimit_Reset=str(reset)), answer(200)).get("/v2/x")

    assert 1 <= clock.sleeps[0] <= 2


def test_the_reset_of_the_limit_is_taken(stack, clock):
    """Without Retry-After a 429 waits for X-RateLimit-Reset."""
    stack.script(answer(429, X_RateLimit_Reset=str(clock.time + 8)), answer(200)).get("/v2/x")

    assert clock.sleeps == [8]


def test_advice_is_capped(stack, clock):
    """A server that asks for a day gets two minutes."""
    stack.script(answer(503, Retry_After="86400"), answer(200)).get("/v2/x")

    assert clock.sleeps == [120]


@pytest.mark.parametrize("advice", ["soon", "-3", "nan", "inf", ""])
def test_nonsense_advice_is_ignored(stack, clock, advice):
    """What is not advice falls back to growing waits."""
    stack.script(answer(429, Retry_After=advice), answer(200)).get("/v2/x")

    assert 1 <= clock.sleeps[0] <= 2


def test_a_search_is_a_read(stack):
    """Intercom's searches are POSTs that may be repeated."""
    client = stack.script(answer(502), answer(200))

    assert client.post("/conversations/search", json={}).status_code == 200
    assert stack.meters.tally.writes == 0


def test_being_stopped_ends_the_waiting_without_sending(stack, clock):
    """When the process is asked to stop, a waiting request is not sent early: it is given up."""

    def refuse(_request: httpx.Request) -> httpx.Response:
        clock.stopped = True
        return answer(429)

    client = stack.over(refuse)

    with pytest.raises(NeverSent, match="stopped"):
        client.post("/v2/x")

    assert len(stack.sent) == 1


def test_final_answers_pass(stack):
    """A 4xx is an answer: it is not repeated and reaches the client."""
    assert stack.script(answer(404)).post("/v2/x").status_code == 404
    assert len(stack.sent) == 1


def test_an_answer_that_cannot_be_decoded_is_repeated_for_reads_only(stack):
    """A broken body is like none."""

    def broken(_request: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(b"no gzip")
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream)

    with pytest.raises(Unclear):
        stack.over(broken).post("/v2/x")
    with pytest.raises(RemoteError, match="DecodingError"):
        stack.over(broken).get("/v2/x")
