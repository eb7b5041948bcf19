"""Serves the two emulators on loopback, each on a port of its own."""

from __future__ import annotations

import io
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from connector.sandbox.control import PREFIX, control
from connector.sandbox.dashly import realtime
from connector.sandbox.exchange import Request, Response
from connector.sandbox.faults import Outcome
from connector.sandbox.intercom.webhooks import Courier
from connector.sandbox.world import World

if TYPE_CHECKING:
    from types import TracebackType

    from connector.sandbox.clock import SideClock

_HOST = "127.0.0.1"
_PATIENCE = 5.0
_RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"
"""SO_LINGER on, zero seconds: closing sends a reset."""


@dataclass(frozen=True, slots=True)
class DashlyAccess:
    """How to reach the Dashly emulator."""

    base_url: str
    token: str
    app_id: str


@dataclass(frozen=True, slots=True)
class IntercomAccess:
    """How to reach the Intercom emulator."""

    base_url: str
    token: str
    workspace_id: str


class Sandbox:
    """Two running servers and the world behind them."""

    def __init__(self, world: World, dashly_port: int, intercom_port: int) -> None:
        self.world = world
        self._servers = [_Server(world, "dashly", dashly_port), _Server(world, "intercom", intercom_port)]
        dashly, intercom = world.dashly.state, world.intercom.state
        dashly.files.base_url, intercom.files.base_url = (server.base_url for server in self._servers)
        self.dashly = DashlyAccess(dashly.files.base_url, dashly.token, str(dashly.app_id))
        self._courier = Courier(world.intercom)
        self.intercom = IntercomAccess(intercom.files.base_url, intercom.token, intercom.workspace_id)

    def close(self) -> None:
        """Stop both servers and end their connections."""
        self._courier.stop()
        for server in self._servers:
            server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start(*, dashly_port: int = 0, intercom_port: int = 0, world: World | None = None) -> Sandbox:
    """Serve a world on loopback; port 0 takes any free one."""
    return Sandbox(world or World(), dashly_port, intercom_port)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World, side: str, port: int) -> None:
        super().__init__((_HOST, port), _Handler)
        self.world = world
        self.side = side
        self.closing = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def base_url(self) -> str:
        return f"http://{_HOST}:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class has it
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as the base class has it
        self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Stay silent about clients that went away."""

    def stop(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._thread.join(_PATIENCE)
        for request, thread in list(self._open.items()):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                thread.join(_PATIENCE)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
        """Print nothing; the world keeps its own record of requests."""

    def _serve(self) -> None:
        if self.server.side == "dashly" and self.path.startswith(realtime.PREFIX):
            self._listen()
            return
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = Request.parse(self.command, self.path, self.headers.items(), body)
        self._send(self._answer(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

    def _listen(self) -> None:
        """Turn this connection into one of the realtime service."""
        self.close_connection = True
        head = f"{self.requestline}\r\n" + "".join(f"{name}: {v}\r\n" for name, v in self.headers.items())
        panel = self.server.world.dashly
        token = self.headers.get("Authorization", "").partition(" ")[2]
        listener = realtime.Listener(panel.state, panel.lock, self.connection)
        listener.run(f"{head}\r\n".encode(), self.path, token, self.server.closing.is_set)

    def _answer(self, request: Request) -> Outcome:
        world, side = self.server.world, self.server.side
        if request.path.startswith(PREFIX):
            return Outcome(control(world, side, request))
        if request.path.startswith("/files/"):
            return world.download(side, request)
        return world.exchange(side, request)

    def _send(self, outcome: Outcome) -> None:
        if outcome.ending in {"drip", "drip_head"}:
            self._drip(outcome)
            return
        if outcome.wait:
            self.server.closing.wait(outcome.wait)
        if outcome.ending in {"reset", "closed"}:
            self.close_connection = True
            if outcome.ending == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                socket.close(self.connection.detach())
            return
        self._head(outcome.response)
        body = outcome.response.body
        if outcome.ending == "cut":
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def _drip(self, outcome: Outcome) -> None:
        """Send the body, or the head as well, byte by byte within the outcome's seconds."""
        at_once = io.BytesIO()
        wire, self.wfile = self.wfile, at_once
        self._head(outcome.response)
        self.wfile = wire
        slow = outcome.response.body
        if outcome.ending == "drip":
            wire.write(at_once.getvalue())
        else:
            slow = at_once.getvalue() + slow
        for byte in slow:
            wire.write(bytes([byte]))
            wire.flush()
            self.server.closing.wait(outcome.wait / len(slow))

    def _head(self, response: Response) -> None:
        self.send_response_only(response.status)
        self.send_header("Date", self._clock().http_date())
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _clock(self) -> SideClock:
        world = self.server.world
        return (world.dashly if self.server.side == "dashly" else world.intercom).state.clock
