"""What both helpdesks tell by themselves: Dashly's realtime service and Intercom's webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from connector.sandbox.switches import DashlySwitches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.conftest import Served

REPLIES = "conversation_reply.48213"
SOON = 5


def listen(served: Served, *channels: str, query: str = "", token: str | None = None) -> Any:
    """Connect to the realtime service."""
    address = served.sandbox.dashly.base_url.replace("http", "ws")
    header = {"Authorization": f"Token {token or served.sandbox.dashly.token}"}
    return connect(f"{address}/websocket/{'/'.join(channels)}{query}", additional_headers=header, proxy=None)


def heard(connection: Any) -> dict[str, Any]:
    """Return the next message."""
    return json.loads(connection.recv(timeout=SOON))


@pytest.fixture
def talk(served: Served) -> str:
    """Return a Dashly conversation."""
    return served.world.dashly.customer_starts(served.world.dashly.customer("Dana"), "Hi")


def test_the_realtime_service_tells_what_happens_in_its_channels(served: Served, talk: str) -> None:
    """Replies with the part, states with the operator, ids as numbers; no notes by default."""
    desk = served.world.dashly
    names = ("reply", "assigned", "closed", "tag_added", "tag_deleted")
    channels = [f"conversation_{name}.48213" for name in names]
    with listen(served, *channels, "conversation.48213", "ping") as connection:
        part = desk.customer_writes(talk, "hello")
        desk.agent_notes(talk, "psst")
        desk.assign(talk, "151204")
        desk.tag(talk, "vip")
        desk.untag(talk, "vip")
        desk.close(talk)
        other = desk.customer_starts(desk.customer("Eva"), "New")
        told = [heard(connection) for _ in range(7)]
    order = ["reply", "assigned", "tag_added", "tag_deleted", "closed"]
    assert [f"conversation_{name}.48213" for name in order] == [item["channel"] for item in told[:5]]
    assert (told[0]["message"]["id"], told[0]["message"]["body"]) == (int(part), "hello")
    assert (told[1]["message"]["conversation"], told[1]["message"]["admin"]["id"]) == (int(talk), 151204)
    assert told[5]["channel"] == "conversation.48213"
    assert (told[5]["message"]["id"], told[6]["message"]["conversation"]) == (int(other), int(other))


def test_notes_may_be_pushed(serve: Callable[..., Served]) -> None:
    """The documentation does not say."""
    served = serve(dashly_switches=DashlySwitches(notes_pushed=True))
    desk = served.world.dashly
    talk = desk.customer_starts(desk.customer("Dana"), "Hi")
    with listen(served, REPLIES) as connection:
        desk.agent_notes(talk, "psst")
        assert heard(connection)["message"]["type"] == "note"


@pytest.mark.parametrize(
    ("channel", "token", "code"),
    [(REPLIES, "wrong", 3401), ("conversation_reply.1", None, 3403), ("nonsense.48213", None, 3403)],
)
def test_a_wrong_token_or_channel_closes_the_connection(
    served: Served, channel: str, token: str | None, code: int
) -> None:
    """By a code of its own."""
    with listen(served, channel, token=token) as connection, pytest.raises(ConnectionClosed) as caught:
        connection.recv(timeout=SOON)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == code


def test_a_cut_connection_is_resumed_by_its_tag(served: Served, talk: str) -> None:
    """What happened meanwhile is told then; without a tag it is not."""
    desk = served.world.dashly
    with listen(served, REPLIES) as connection:
        desk.customer_writes(talk, "one")
        tag = heard(connection)["tag"]
        served.world.disturb("dashly", "cut")
        desk.customer_writes(talk, "two")
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=SOON)
    with listen(served, REPLIES, query=f"?tag={int(tag) + 1}") as resumed, listen(served, REPLIES) as fresh:
        assert heard(resumed)["message"]["body"] == "two"
        desk.customer_writes(talk, "three")
        assert heard(fresh)["message"]["body"] == "three"


@pytest.mark.parametrize(
    ("kind", "told"),
    [("lose", ["b", "c"]), ("double", ["a", "a", "b"]), ("swap", ["b", "a", "c"]), ("late", ["b", "c", "a"])],
)
def test_pushes_are_lost_doubled_swapped_or_late(
    served: Served, talk: str, kind: Any, told: list[str]
) -> None:
    """None of this touches the conversation."""
    served.world.disturb("dashly", kind, channel="conversation_reply", seconds=60)
    with listen(served, REPLIES) as connection:
        for body in ("a", "b", "c"):
            served.world.dashly.customer_writes(talk, body)
        seen = [heard(connection)["message"]["body"] for _ in range(2)]
        served.world.advance(61)
        seen += [heard(connection)["message"]["body"] for _ in told[2:]]
    assert told == seen
    (really,) = served.world.truth()["dashly"]["conversations"]
    assert [part["body"] for part in really["parts"]] == ["Hi", "a", "b", "c"]


class Hook:
    """A receiver of webhooks that answers as it is told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.got: list[tuple[str, bytes]] = []
        self.arrived = threading.Condition()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_HEAD(self) -> None:
                self.send_response(200)
                self.end_headers()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with hook.arrived:
                    self.send_response(hook.statuses.pop(0) if hook.statuses else 200)
                    hook.got.append((self.headers["X-Hub-Signature"], body))
                    hook.arrived.notify_all()
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/intercom"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def wait(self, count: int, patience: float = SOON) -> list[dict[str, Any]]:
        """Return what has come, once there are so many, or when patience ends."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.got) >= count, patience)
            return [json.loads(body) for _, body in self.got]


@pytest.fixture
def hook(served: Served) -> Iterator[Hook]:
    """Return a receiver that Intercom's webhooks go to."""
    receiver = Hook()
    served.world.intercom.subscribe(receiver.url)
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def test_webhooks_are_signed_and_name_the_conversation(served: Served, hook: Hook) -> None:
    """The topic says what happened; the item has nothing but the part behind it, as plain text."""
    _, talk = served.customer_talk()
    desk = served.world.intercom
    part = desk.agent_writes(talk, "<p>hello <b>you</b></p>")
    desk.agent_notes(talk, "psst")
    desk.tag(talk, "VIP")
    desk.untag(talk, "VIP")
    desk.close(talk)
    hook.wait(5)
    desk.delete_conversation(talk)
    told = hook.wait(6)
    topics = ["user.created", "admin.replied", "admin.noted", "admin.closed", "deleted"]
    assert [f"conversation.{name}" for name in topics] == [
        item["topic"] for item in told if item["topic"] != "conversation_part.tag.created"
    ]
    assert {item["data"]["item"]["id"] for item in told} == {talk}
    (shown,) = told[1]["data"]["item"]["conversation_parts"]["conversation_parts"]
    assert (shown["id"], shown["body"]) == (part, "hello you")
    secret = served.world.intercom.state.client_secret.encode()
    for signature, body in hook.got:
        assert signature == "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest()


def test_a_webhook_is_tried_once_more_after_a_minute(served: Served, hook: Hook) -> None:
    """By the same id; then it is lost."""
    hook.statuses = [500, 500]
    served.customer_talk()
    assert len(hook.wait(2, 0.3)) == 1
    served.world.advance(61)
    first, second = hook.wait(2)
    served.world.advance(600)
    assert len(hook.wait(3, 0.3)) == 2
    assert (first["id"], first["delivery_attempts"], second["delivery_attempts"]) == (second["id"], 1, 2)
    assert [item.status for item in served.world.record.deliveries] == [500, 500]


@pytest.mark.parametrize(("status", "later"), [(410, 0), (429, 2)])
def test_410_turns_webhooks_off_and_429_holds_them_back(
    served: Served, hook: Hook, status: int, later: int
) -> None:
    """For good, or for a minute."""
    hook.statuses = [status]
    served.customer_talk()
    hook.wait(1)
    served.customer_talk(email="eva@example.net")
    assert len(hook.wait(2, 0.3)) == 1
    served.world.advance(61)
    assert len(hook.wait(1 + later, SOON if later else 0.3)) == 1 + later


def test_an_address_that_does_not_answer_is_no_webhook(served: Served) -> None:
    """HEAD is asked first."""
    with pytest.raises(ValueError, match="HEAD"):
        served.world.intercom.subscribe(f"{served.sandbox.dashly.base_url}/nothing")
