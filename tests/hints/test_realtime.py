"""Dashly's realtime service as the sandbox emulates it, heard over real sockets."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from websockets.sync.server import ServerConnection, serve

from connector.hints.address import Line
from connector.hints.realtime import Realtime, _Follower
from connector.sandbox import Sandbox, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.http11 import Request, Response

NORA = "151204"


class Hearer:
    """Counts what is heard."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def heard(self, _name: str) -> None:
        """Count one."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def within(self, seconds: float, count: int) -> bool:
        """Wait until so many were heard."""
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, seconds)


def reasons(caplog: pytest.LogCaptureFixture) -> list[object]:
    """Return why no connection came to be; others log here as well."""
    return [
        record.__dict__["fields"]["reason"] for record in caplog.records if record.message == "realtime.away"
    ]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both helpdesks."""
    with start() as made:
        yield made


@pytest.fixture
def hearer(sandbox: Sandbox) -> Iterator[Hearer]:
    """Who listens to the sandbox."""
    made = Hearer()
    realtime = Realtime(made.heard)
    realtime.start()
    realtime.listen("acme", line_to(sandbox))
    assert connected(sandbox)
    yield made
    realtime.stop()


def line_to(sandbox: Sandbox, token: str = "") -> Line:
    """Return the line of the sandbox."""
    url = sandbox.dashly.base_url.replace("http", "ws")
    return Line(url, sandbox.dashly.app_id, SecretStr(token or sandbox.dashly.token))


def connected(sandbox: Sandbox) -> bool:
    """Wait until somebody listens; the emulator shows that by its thread only."""
    server = sandbox._servers[0]
    for _ in range(100):
        if server._open:
            time.sleep(0.2)  # noqa: TID251 - the handshake
            return True
        time.sleep(0.05)  # noqa: TID251 - the other thread connects
    return False


def test_what_people_do_is_heard_at_once(sandbox: Sandbox, hearer: Hearer) -> None:
    """A question, an answer, an assignment, a tag and a closing."""
    dashly = sandbox.world.dashly
    talk = dashly.customer_starts(dashly.customer("Eva"), "Hello")
    assert hearer.within(2, 1)

    for number, act in enumerate(
        (
            lambda: dashly.agent_writes(talk, "Hi", agent=NORA),
            lambda: dashly.assign(talk, NORA, agent=NORA),
            lambda: dashly.tag(talk, "vip", agent=NORA),
            lambda: dashly.close(talk, agent=NORA),
        )
    ):
        before = hearer.count
        act()
        assert hearer.within(2, before + 1), number


@pytest.mark.long
def test_a_connection_that_is_cut_is_made_anew_and_nothing_is_missed(
    sandbox: Sandbox, hearer: Hearer
) -> None:
    """Resumed behind the last message, and one hint besides for what nobody buffered."""
    dashly = sandbox.world.dashly
    talk = dashly.customer_starts(dashly.customer("Eva"), "Hello")
    assert hearer.within(2, 1)
    sandbox.world.disturb("dashly", "cut")
    before = hearer.count

    dashly.customer_writes(talk, "Still there?")

    assert hearer.within(5, before + 1)


def test_doubles_and_late_ones_are_hints_like_any(sandbox: Sandbox, hearer: Hearer) -> None:
    """Whatever the service does, it only hints."""
    dashly = sandbox.world.dashly
    sandbox.world.disturb("dashly", "double", channel="conversation_reply")
    dashly.customer_starts(dashly.customer("Eva"), "Hello")

    assert hearer.within(2, 2)


@pytest.mark.long
def test_a_wrong_token_is_told_once_and_not_repeated(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """The token stands nowhere in what is told; a new one is tried at once."""
    hearer = Hearer()
    realtime = Realtime(hearer.heard)
    realtime.start()
    realtime.listen("acme", line_to(sandbox, "app.1.wrong-token-indeed"))
    for _ in range(50):
        if any(record.message == "realtime.refused" for record in caplog.records):
            break
        time.sleep(0.1)  # noqa: TID251 - the other thread connects
    realtime.listen("acme", line_to(sandbox))
    assert connected(sandbox)
    sandbox.world.dashly.customer_starts(sandbox.world.dashly.customer("Eva"), "Hello")

    assert hearer.within(3, 1)
    realtime.stop()
    assert [record.message for record in caplog.records if record.name.startswith("connector")] == [
        "realtime.refused"
    ]
    assert "wrong-token" not in caplog.text


def test_a_redirect_is_not_followed(caplog: pytest.LogCaptureFixture) -> None:
    """The token goes to the address that it is for."""
    elsewhere = start()

    def redirect(connection: ServerConnection, request: Request) -> Response:
        answer = connection.respond(302, "")
        answer.headers["Location"] = elsewhere.dashly.base_url.replace("http", "ws") + request.path
        return answer

    hearer = Hearer()
    realtime = Realtime(hearer.heard)
    with elsewhere, serve(lambda _connection: None, "127.0.0.1", 0, process_request=redirect) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        realtime.start()
        port = server.socket.getsockname()[1]
        realtime.listen("acme", Line(f"ws://127.0.0.1:{port}", "48213", SecretStr(elsewhere.dashly.token)))
        for _ in range(50):
            if reasons(caplog):
                break
            time.sleep(0.1)  # noqa: TID251 - the other thread connects
        realtime.stop()

        assert reasons(caplog) == ["status 302"]
        assert not elsewhere._servers[0]._open


def test_a_service_that_is_away_stops_nothing(hearer: Hearer, sandbox: Sandbox) -> None:
    """Hanging up ends within moments whatever the other side does."""
    sandbox.close()
    realtime = Realtime(hearer.heard)
    realtime.start()
    realtime.listen("acme", Line("ws://127.0.0.1:9", "1", SecretStr("x" * 20)))
    began = time.monotonic()
    realtime.stop()

    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "message", ["[" * 100_000, "[1]", "7", "{", b"\xff", '{"tag": {}, "time": [], "channel": 5}']
)
def test_whatever_the_service_says_ends_no_listening(message: str | bytes) -> None:
    """What cannot be read is at most a hint."""
    _Follower("acme", Line("ws://h", "1", SecretStr("t")), lambda _name: None)._take(message)


def test_a_place_too_long_for_an_address_is_not_gone_back_to() -> None:
    """Every connection after it would be refused."""
    follower = _Follower("acme", Line("ws://h", "1", SecretStr("t")), lambda _name: None)
    follower._take(json.dumps({"tag": "1", "time": "t"}))
    assert follower._since == ("1", "t")

    follower._take(json.dumps({"tag": "1", "time": "t" * 1000}))
    assert follower._since is None


@pytest.mark.parametrize("place", ['"\\ud800"', '"\\u0434"'])
def test_a_place_that_no_address_can_hold_ends_no_listening(place: str) -> None:
    """Half a character cannot be written into the next address: the line is made again from now on."""
    hearer = Hearer()
    realtime = Realtime(hearer.heard)

    def say(connection: ServerConnection) -> None:
        connection.send(f'{{"tag": {place}, "time": "t", "channel": "conversation.1"}}')

    with serve(say, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        realtime.start()
        realtime.listen("acme", Line(f"ws://127.0.0.1:{server.socket.getsockname()[1]}", "1", SecretStr("t")))
        assert hearer.within(10, 3)  # a second connection is heard, too, and so is that it was made
        realtime.stop()


def test_whatever_breaks_a_connection_the_next_one_is_tried(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault that nobody foresaw is told by its name, never by what it quotes."""

    def broken(*_given: object, **_named: object) -> None:
        raise ArithmeticError("quoted words")

    monkeypatch.setattr("connector.hints.realtime._Connect", broken)
    follower = _Follower("acme", Line("ws://h", "1", SecretStr("t")), lambda _name: None)

    assert asyncio.run(follower._hear()) == ("ArithmeticError", False)
    assert "quoted words" not in caplog.text


def test_who_listens_too_late_hears_nothing() -> None:
    """A pass may end after everything was hung up."""
    realtime = Realtime(Hearer().heard)
    realtime.start()
    opened = realtime._open
    realtime.stop()

    realtime._open = opened  # as another thread saw it a moment ago
    realtime.listen("acme", None)
