"""The server for webhooks, as its process answers over real HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import statistics
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from connector.app.machine.mailbox import leave, mailbox
from connector.hints.early import FLOOR
from mappings.model import Side
from tests.fleet.harbour import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fleet.harbour import Harbour

PATH = "/intercom/acme"
MEDIAN = 3.0


class Caller:
    """Sends webhooks, signed or forged."""

    def __init__(self, harbour: Harbour) -> None:
        self.world = harbour.add("acme")
        self.secret = harbour.put_secret("acme")
        self.address = harbour.hear("--pairs", "pairs.d")
        self.state = harbour.pairs / "acme.db"

    def post(self, body: bytes, *, path: str = PATH, secret: str = "", signature: str | None = None) -> int:
        """Post a body and return the status."""
        made = f"sha1={hmac.new((secret or self.secret).encode(), body, hashlib.sha1).hexdigest()}"
        headers = {"X-Hub-Signature": made if signature is None else signature}
        return httpx.post(f"{self.address}{path}", content=body, headers=headers, trust_env=False).status_code

    def notice(self, conversation: str = "215", workspace: str = "") -> bytes:
        """Return a webhook's body."""
        item = {"type": "conversation", "id": conversation}
        told = {
            "app_id": workspace or self.world.intercom.state.workspace_id,
            "topic": "conversation.user.replied",
        }
        return json.dumps(told | {"data": {"item": item}}).encode()

    def hints(self) -> list[str]:
        """Return the hints that were left."""
        path: Path = mailbox(self.state)
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def caller(harbour: Harbour) -> Caller:
    """A server that runs, and who calls it."""
    return Caller(harbour)


@pytest.mark.long
def test_what_is_signed_is_taken_and_nothing_else(caller: Caller, harbour: Harbour) -> None:
    """The documented answers, in one life of a server; none of them turns the webhook off."""
    head = httpx.head(f"{caller.address}{PATH}", trust_env=False).status_code
    answers = {
        "head": head,
        "signed": caller.post(caller.notice("215")),
        "forged": caller.post(caller.notice("666"), signature="sha1=" + "0" * 40),
        "unsigned": caller.post(caller.notice("666"), signature=""),
        "another app's": caller.post(caller.notice("666"), secret="another"),
        "of another workspace": caller.post(caller.notice("666", workspace="elsewhere")),
        "nonsense": caller.post(b"nonsense"),
        "too large": caller.post(b" " * (1024 * 1024 + 1)),
        "of no pair": caller.post(caller.notice("666"), path="/intercom/borg"),
        "elsewhere": caller.post(caller.notice("666"), path="/../acme"),
        "get": httpx.get(f"{caller.address}{PATH}", trust_env=False).status_code,
    }

    assert answers == {
        "head": 200,
        "signed": 200,
        "forged": 401,
        "unsigned": 401,
        "another app's": 401,
        "of another workspace": 200,
        "nonsense": 200,
        "too large": 413,
        "of no pair": 404,
        "elsewhere": 404,
        "get": 405,
    }
    assert caller.hints() == ["intercom 215"]
    assert caller.secret not in (harbour.folder / "log").read_text()


@pytest.mark.long
def test_who_asks_for_another_protocol_is_answered_in_this_one(caller: Caller) -> None:
    """A connection that became another one would be outside of all that limits ours."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\nContent-Length: 2\r\n\r\n{}"
    )
    host, _, port = caller.address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=3) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


@pytest.mark.long
def test_a_body_without_an_announced_length_is_cut_off_too(caller: Caller) -> None:
    """In pieces, with a megabyte as the end."""

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    with httpx.Client(trust_env=False) as client:
        assert client.post(f"{caller.address}{PATH}", content=pieces()).status_code == 413


@pytest.mark.long
def test_a_pair_without_its_secret_believes_nobody(caller: Caller, harbour: Harbour) -> None:
    """An empty secret would be one that everybody knows."""
    (harbour.tokens / "acme.intercom_client_secret").write_text("")

    assert caller.post(caller.notice()) == 401
    assert caller.hints() == []


@pytest.mark.long
def test_a_new_secret_counts_within_moments(caller: Caller, harbour: Harbour) -> None:
    """Without a restart; the old one is worth nothing any more."""
    assert caller.post(caller.notice()) == 200
    (harbour.tokens / "acme.intercom_client_secret").write_text("a-new-secret-of-the-app")

    assert eventually(lambda: caller.post(caller.notice(), secret="a-new-secret-of-the-app") == 200)
    assert caller.post(caller.notice()) == 401


@pytest.mark.long
def test_a_flood_of_forgeries_is_told_in_one_line(caller: Caller, harbour: Harbour) -> None:
    """And leaves no hint."""
    for _ in range(50):
        assert caller.post(caller.notice(), signature="sha1=00") == 401

    assert [line["times"] for line in harbour.log() if line["event"] == "hook.refused"] == [1]
    assert caller.hints() == []


def test_a_port_that_is_taken_is_told(harbour: Harbour) -> None:
    """One sentence, the next step, and 3: it may be free again."""
    harbour.add("acme")
    harbour.put_secret("acme")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, told = harbour.run("hooks", "serve", "--pairs", "pairs.d", "--listen", f"127.0.0.1:{port}")

    assert code == 3
    assert f"cannot listen on 127.0.0.1:{port}" in told


@pytest.mark.parametrize("listen", ["127.0.0.1:99999", "127.0.0.1", ":8470", "127.0.0.1:http", "a b:8470"])
def test_what_is_no_address_with_a_port_is_refused(harbour: Harbour, listen: str) -> None:
    """In one sentence that names it, and 2."""
    harbour.add("acme")
    harbour.put_secret("acme")

    code, _, told = harbour.run("hooks", "serve", "--pairs", "pairs.d", "--listen", listen)

    assert code == 2
    assert f"{listen} is not an address with a port" in told


def test_one_pair_without_a_secret_is_told_at_once(harbour: Harbour) -> None:
    """Nobody waits for webhooks that cannot be believed."""
    harbour.add("acme")

    code, _, told = harbour.run("--config", str(harbour.config("acme")), "hooks", "serve")

    assert code == 2
    assert "INTERCOM_CLIENT_SECRET" in told


@pytest.mark.long
def test_from_a_customers_sentence_to_its_copy(harbour: Harbour) -> None:
    """With an interval of ten minutes the median is under three seconds, in both directions."""
    names = [f"pair-{number}" for number in range(4)]
    for name in names:
        harbour.add(name)
        harbour.put_secret(name)
    address = harbour.hear("--pairs", "pairs.d")
    for name in names:
        harbour.sandboxes[name].world.intercom.subscribe(f"{address}/intercom/{name}")
        leave(harbour.pairs / f"{name}.db", Side.DASHLY, None)  # so that nobody waits for the first beat
    harbour.spawn("fleet", "run", "--every", "600")
    assert eventually(lambda: all(harbour.status()[name]["lag_seconds"]["dashly"] < 60 for name in names))

    took = []
    for act in (in_dashly, in_intercom):
        time.sleep(FLOOR)  # noqa: TID251 - early passes keep their distance
        took += [act(harbour, name) for name in names]

    assert statistics.median(took) < MEDIAN, took


def in_dashly(harbour: Harbour, name: str) -> float:
    """Return the seconds from a question in Dashly to its copy."""
    began = time.monotonic()
    harbour.ask(name, "How long?")
    assert eventually(lambda: harbour.copies(name, "How long?") == 1)
    return time.monotonic() - began


def in_intercom(harbour: Harbour, name: str) -> float:
    """Return the seconds from a question in Intercom to its copy."""
    world = harbour.sandboxes[name].world
    began = time.monotonic()
    world.intercom.customer_starts(world.intercom.customer("Ann"), "And back?")
    assert eventually(lambda: "And back?" in json.dumps(world.dashly.truth()))
    return time.monotonic() - began


@pytest.mark.long
def test_sync_every_wakes_too(harbour: Harbour) -> None:
    """One pair in one process, by both helpdesks' own word; lost, doubled and late ones do no harm."""
    world = harbour.add("acme")
    harbour.put_secret("acme")
    config = str(harbour.config("acme"))
    world.intercom.subscribe(f"{harbour.hear('--config', config)}/intercom")
    fleet = harbour.spawn("--config", config, "sync", "--every", "600")
    assert eventually(
        lambda: harbour.log_text().count('"conversations"') + harbour.log_text().count("requests") > 0
    )
    time.sleep(1)  # noqa: TID251 - it connects
    world.disturb("dashly", "double")

    assert in_dashly(harbour, "acme") < 15
    assert in_intercom(harbour, "acme") < 15
    fleet.terminate()
    assert fleet.wait(timeout=5) == 0


@pytest.mark.long
def test_whatever_becomes_of_pushes_everything_arrives_once(harbour: Harbour) -> None:
    """Lost, doubled, late and swapped ones, and a cut connection, while people write on both sides."""
    world = harbour.add("acme")
    harbour.put_secret("acme")
    world.intercom.subscribe(f"{harbour.hear('--pairs', 'pairs.d')}{PATH}")
    for side in ("dashly", "intercom"):
        for kind in ("double", "lose", "swap", "late", "double", "cut"):
            world.disturb(side, kind, seconds=3.0)
    harbour.spawn("fleet", "run", "--every", "20")
    assert eventually(lambda: harbour.status()["acme"]["health"] == "well")

    for number in range(6):
        harbour.ask("acme", f"Dashly {number}.")
        world.intercom.customer_starts(world.intercom.customer("Ann"), f"Intercom {number}.")
        time.sleep(1.5)  # noqa: TID251 - passes run meanwhile

    def arrived() -> list[int]:
        there = json.dumps(world.dashly.truth())
        return [harbour.copies("acme", f"Dashly {n}.") for n in range(6)] + [
            there.count(f"Intercom {n}.") > 0 for n in range(6)
        ]

    assert eventually(lambda: all(arrived()), seconds=60)
    assert arrived() == [1] * 12
    assert harbour.run("--config", str(harbour.config("acme")), "verify")[0] == 0
