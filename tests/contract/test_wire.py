"""Hostile servers on a real wire: bombs, drips, floods and redirects cost bounded memory and time."""

import gzip
import socket
import threading
import time
import tracemalloc
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from connector.config.model import Config
from connector.errors import RemoteError
from connector.helpdesk.port import PostNote
from connector.host.clock import SystemClock
from connector.http import bounded
from connector.http.pace import MemoryRequestLog
from connector.wiring import Wiring, open_dashly, open_intercom
from mappings.model import Attachment

TOKEN = "app.48213.verysecret"
MEGABYTE = 1024 * 1024
LIMIT = 2 * MEGABYTE
BOMB = gzip.compress(b"[" * (200 * MEGABYTE), compresslevel=1)


@contextmanager
def serving(answer):
    """Serve raw bytes on loopback: ``answer`` gets the socket once a request was read. Yield the requests."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen, ending = [], threading.Event()

    def loop():
        while not ending.is_set():
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(5)
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = peer.recv(65_536)
                    if not piece:
                        break
                    head += piece
                seen.append(head)
                try:
                    answer(peer, ending)
                except OSError:
                    continue

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        ending.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def sends(*pieces):
    """Return an answer made of pieces."""

    def answer(peer, _ending):
        for piece in pieces:
            peer.sendall(piece)

    return answer


def head(status="200 OK", **headers):
    """Return the head of an answer that ends with its connection."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines, "", ""]).encode()


def drips(peer, ending):
    """Answer a byte at a time, for ever."""
    peer.sendall(head(Content_Type="application/json"))
    while not ending.is_set():
        peer.sendall(b" ")
        ending.wait(0.05)


def floods(peer, ending):
    """Answer without end, as fast as the wire takes it."""
    peer.sendall(head())
    while not ending.is_set():
        peer.sendall(b"[" * 65_536)


HOSTILE = {
    "a bomb": sends(head(Content_Encoding="gzip"), BOMB),
    "a bomb in a bomb": sends(head(Content_Encoding="gzip, gzip"), gzip.compress(BOMB)),
    "an unknown packing": sends(head(Content_Encoding="br"), b"\x00" * 1_000),
    "a cut packing": sends(head(Content_Encoding="gzip"), BOMB[:1_000]),
    "a wrong packing": sends(head(Content_Encoding="gzip"), b"no gzip at all"),
    "a wrong length": sends(head(Content_Length="1000"), b"{}"),
    "a huge length": sends(head(Content_Length="99999999999999999999"), b"{}"),
    "no http": sends(b"SSH-2.0-nothing\r\n\r\n"),
    "an endless head": sends(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 300_000),
    "nothing": sends(),
    "a redirect": sends(head("307 Temporary Redirect", Location="http://127.0.0.2:9/")),
    "drips": drips,
    "a flood": floods,
}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A small limit, so that a test need not move gigabytes."""
    monkeypatch.setattr(bounded.Bounded.__init__, "__kwdefaults__", {"limit": LIMIT})


def desk_at(side, port):
    """Open a desk at a port with little patience."""
    config = Config.model_validate(
        {
            "dashly": {"base_url": f"http://127.0.0.1:{port}", "app_id": "48213"},
            "intercom": {"base_url": f"http://127.0.0.1:{port}", "default_admin": "1"},
            "sync": {"timeout": 0.1},
        }
    )
    wiring = Wiring(Hurried())
    if side == "dashly":
        return open_dashly(config, SecretStr(TOKEN), MemoryRequestLog(), wiring)
    return open_intercom(config, SecretStr(TOKEN), wiring)


class Hurried(SystemClock):
    """Real time without waits."""

    def sleep(self, seconds):
        """Return at once."""


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_a_write_meets_a_hostile_server(side, answer, caplog):
    """One clear error without a secret, in bounded time and memory; sent once, and nowhere else."""
    with serving(answer) as (port, seen):
        desk = desk_at(side, port)
        started = time.monotonic()
        tracemalloc.start()
        with pytest.raises(RemoteError) as caught:
            desk.send(PostNote("5", "x", "1"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        desk.close()

    assert peak < 4 * LIMIT
    assert time.monotonic() - started < 5
    assert TOKEN not in f"{caught.value} {caught.value.hint} {caplog.text}"
    assert len(seen) == 1


@pytest.mark.parametrize("answer", ["a bomb", "a bomb in a bomb", "a flood", "drips", "a redirect"])
def test_a_download_meets_a_hostile_server(answer, monkeypatch):
    """Files are bounded in the same way."""
    with serving(HOSTILE[answer]) as (port, _):
        desk = desk_at("intercom", port)
        monkeypatch.setattr(desk._downloader, "_limit", LIMIT)
        started = time.monotonic()
        tracemalloc.start()
        with pytest.raises(RemoteError):
            desk.download(Attachment("a.png", f"http://127.0.0.1:{port}/a.png"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        desk.close()

    assert peak < 4 * LIMIT
    assert time.monotonic() - started < 10
