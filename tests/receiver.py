"""A server on loopback that takes pings and alerts."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Receiver(ThreadingHTTPServer):
    """Keeps what it was sent, and answers with a status."""

    status = 200
    got: list[tuple[str, str, Any]]


@contextmanager
def listening() -> Iterator[Receiver]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            server.got.append((self.command, self.path, body))
            self.send_response(server.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _take  # noqa: N815 - names of http.server

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = Receiver(("127.0.0.1", 0), Handler)
    server.got = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
