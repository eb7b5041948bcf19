"""Real sockets: whatever drips, hangs or is stopped ends in time."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from connector.errors import NeverSent, RemoteError, Stopped, Unclear
from connector.host.clock import SystemClock
from connector.http import names
from connector.http.files.download import Downloader
from connector.http.pace import MemoryRequestLog, WindowPace
from connector.http.server_time import ServerTime
from connector.http.service import Service
from connector.http.stack import Meters, build_client
from mappings.model import Attachment

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

HEAD = b"HTTP/1.1 200 OK\r\n"
OPENSSL = shutil.which("openssl")
Script = Callable[[socket.socket, threading.Event], None]


class Hurried(SystemClock):
    """Real time, without the pauses between tries."""

    def sleep(self, seconds: float) -> None:
        """Return at once."""


def drips(beginning: bytes, drop: bytes) -> Script:
    """Return a server that sends a beginning and then drops for ever, each well before any timeout."""

    def serve(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(beginning)
        while not over.wait(0.05):
            peer.sendall(drop)

    return serve


def is_silent(_peer: socket.socket, over: threading.Event) -> None:
    """Take a request and never answer."""
    over.wait(30)


def answers_late(peer: socket.socket, over: threading.Event) -> None:
    """Answer after a second and a half."""
    over.wait(1.5)
    peer.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")


@contextmanager
def serving(script: Script, *, reads: bool = True) -> Iterator[int]:
    """Serve connections by a script, and return the port."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def one(peer: socket.socket) -> None:
        with peer:
            try:
                if reads:
                    peer.recv(65536)
                script(peer, over)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def client_at(port: int, clock: SystemClock, *, timeout: float = 0.3, scheme: str = "http") -> httpx.Client:
    """Return a client with all layers over real sockets."""
    service = Service(f"{scheme}://127.0.0.1:{port}", "dashly", "DASHLY_TOKEN", timeout=timeout)
    pace = WindowPace(MemoryRequestLog(), limit=100, clock=clock)
    return build_client(service, pace=pace, clock=clock, meters=Meters(ServerTime(clock)))


DRIPPING = {
    "the head": drips(HEAD + b"X: ", b"x"),
    "many headers": drips(HEAD, b"X: y\r\n"),
    "the body": drips(HEAD + b"Content-Length: 99999\r\n\r\n", b"x"),
    "the status line": drips(b"HT", b"T"),
    "informational answers": drips(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
}


@pytest.mark.parametrize("script", DRIPPING.values(), ids=DRIPPING)
def test_an_answer_that_drips_ends_with_the_deadline(script: Script) -> None:
    """No drop comes late, and still the write ends when its time is over."""
    with serving(script) as port, client_at(port, Hurried()) as client:
        started = time.monotonic()
        with pytest.raises(Unclear):
            client.post("/v2/x")

    assert time.monotonic() - started < 1.5


@pytest.mark.long
@pytest.mark.parametrize("script", DRIPPING.values(), ids=DRIPPING)
def test_a_file_that_drips_ends_with_its_deadline(script: Script) -> None:
    """All tries of a file share one deadline."""
    with serving(script) as port:
        service = Service(f"http://127.0.0.1:{port}", "dashly", "DASHLY_TOKEN", timeout=0.3)
        downloader = Downloader(service, clock=Hurried())
        started = time.monotonic()
        with pytest.raises(RemoteError):
            downloader.fetch(Attachment("a.png", f"http://127.0.0.1:{port}/a.png"))
        downloader.close()

    assert time.monotonic() - started < 2


@pytest.mark.long
def test_a_handshake_that_never_ends_is_part_of_the_time() -> None:
    """A server that takes connections and says nothing in TLS is given up: nothing was sent."""
    with serving(is_silent, reads=False) as port, client_at(port, Hurried(), scheme="https") as client:
        started = time.monotonic()
        with pytest.raises(NeverSent):
            client.post("/v2/x")

    assert time.monotonic() - started < 4 * 0.3 + 1


def test_a_body_that_nobody_takes_is_part_of_the_time() -> None:
    """A server that stops reading does not hold a write."""
    with serving(is_silent, reads=False) as port, client_at(port, Hurried()) as client:
        started = time.monotonic()
        with pytest.raises(Unclear):
            client.post("/v2/x", content=b"x" * 50_000_000)

    assert time.monotonic() - started < 3


def stopped_during(action: Callable[[SystemClock], object], error: type[Exception]) -> float:
    """Stop a clock while an action runs and return how long the action went on."""
    clock = SystemClock()
    threading.Timer(0.3, clock.stop).start()
    started = time.monotonic()
    with pytest.raises(error):
        action(clock)
    return time.monotonic() - started - 0.3


@pytest.mark.long
@pytest.mark.parametrize("script", [is_silent, DRIPPING["the body"], DRIPPING["the head"]])
def test_a_stop_drops_reads_at_once(script: Script) -> None:
    """A read is given up within two seconds, however long it might take."""
    with serving(script) as port:

        def read(clock: SystemClock) -> None:
            with client_at(port, clock, timeout=30) as client:
                client.get("/v2/x")

        assert stopped_during(read, Stopped) < 2


@pytest.mark.long
@pytest.mark.parametrize("script", [is_silent, DRIPPING["the body"]])
def test_a_stop_drops_downloads_at_once(script: Script) -> None:
    """A file under way is given up within two seconds."""
    with serving(script) as port:

        def fetch(clock: SystemClock) -> None:
            service = Service(f"http://127.0.0.1:{port}", "dashly", "DASHLY_TOKEN")
            downloader = Downloader(service, clock=clock)
            try:
                downloader.fetch(Attachment("a.png", f"http://127.0.0.1:{port}/a.png"))
            finally:
                downloader.close()

        assert stopped_during(fetch, Stopped) < 2


@pytest.mark.long
def test_a_stop_drops_a_look_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name server can hold a stop."""
    hangs = threading.Event()

    def ask(_host: str, _port: int, _found: list[str]) -> None:
        hangs.wait(30)

    monkeypatch.setattr(names, "_ask", ask)

    def read(clock: SystemClock) -> None:
        service = Service("http://nowhere.test", "dashly", "DASHLY_TOKEN")
        pace = WindowPace(MemoryRequestLog(), limit=100, clock=clock)
        with build_client(service, pace=pace, clock=clock, meters=Meters(ServerTime(clock))) as client:
            client.get("/v2/x")

    assert stopped_during(read, Stopped) < 2
    hangs.set()


@pytest.mark.long
def test_a_write_under_way_is_still_answered_after_a_stop() -> None:
    """What has left gets its answer, if it comes within the grace."""
    clock = SystemClock()
    threading.Timer(0.3, clock.stop).start()

    with serving(answers_late) as port, client_at(port, clock, timeout=30) as client:
        assert client.post("/v2/x").status_code == 200


@pytest.mark.long
def test_a_write_without_an_answer_does_not_outlast_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the grace it is unclear, as any write without an answer."""
    monkeypatch.setattr("connector.http.bounded.GRACE", 0.5)
    with serving(is_silent) as port:

        def write(clock: SystemClock) -> None:
            with client_at(port, clock, timeout=30) as client:
                client.post("/v2/x")

        assert 0.4 < stopped_during(write, Unclear) < 2


def test_connections_are_used_again() -> None:
    """A second request goes over the connection of the first."""
    opened: list[socket.socket] = []

    def answers(peer: socket.socket, over: threading.Event) -> None:
        opened.append(peer)
        while not over.is_set():
            peer.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
            if not peer.recv(65536):
                return

    with serving(answers) as port, client_at(port, Hurried()) as client:
        assert [client.get("/v2/x").status_code for _ in range(3)] == [200] * 3
        client.close()

    assert len(opened) == 1


def test_two_hosts_of_files_at_one_address_share_nothing() -> None:
    """A connection was opened, and its certificate looked at, for one name; a cookie is that one's affair."""
    asked: list[bytes] = []

    def answers(peer: socket.socket, _over: threading.Event) -> None:
        while True:
            peer.sendall(HEAD + b"Set-Cookie: a=b; Path=/\r\nContent-Length: 6\r\n\r\nGIF89a")
            again = peer.recv(65536)
            if not again:
                return
            asked.append(again)

    with serving(answers) as port:
        service = Service(f"http://127.0.0.1:{port}", "dashly", "DASHLY_TOKEN")
        downloader = Downloader(service, clock=SystemClock())
        for host in ("127.0.0.1", "localhost"):
            downloader.fetch(Attachment("a.gif", f"http://{host}:{port}/a.gif"))
        downloader.close()

    assert asked == []


def test_a_host_that_refuses_is_never_sent() -> None:
    """Nobody listens: no byte left."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with client_at(port, Hurried()) as client, pytest.raises(NeverSent):
        client.post("/v2/x")


@pytest.mark.long
@pytest.mark.skipif(OPENSSL is None, reason="no program here makes certificates")
@pytest.mark.parametrize("trusted", [True, False])
def test_certificates_are_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool) -> None:
    """A server whose certificate nobody trusted gets no request."""
    made = tmp_path / "made.pem"
    request = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -addext subjectAltName=IP:127.0.0.1"
    paths = ["-keyout", str(made), "-out", str(made.with_suffix(".crt"))]
    subprocess.run([str(OPENSSL), *request.split(), *paths], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.with_suffix(".crt"), made)
    known = ssl.create_default_context(cafile=made.with_suffix(".crt") if trusted else None)
    monkeypatch.setattr("connector.http.network._trusted", lambda: known)
    asked: list[bytes] = []

    def packs(peer: socket.socket, _over: threading.Event) -> None:
        with context.wrap_socket(peer, server_side=True) as packed:
            asked.append(packed.recv(65536))
            packed.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")

    with (
        serving(packs, reads=False) as port,
        client_at(port, Hurried(), scheme="https", timeout=5) as client,
    ):
        if trusted:
            assert client.post("/v2/x").json() == {}
        else:
            with pytest.raises(NeverSent):
                client.post("/v2/x")

    assert len(asked) == trusted
