"""Serves two helpdesks that answer after a set time, in a process of their own.

``python benchmarks/replay.py '{"conversations": 100, "parts": 10, "latency": 0.05, "limit": 1666}'`` prints
the addresses, and at the end of its input how many requests it had and how many it refused. Answers are put
together from texts made beforehand, so that the service is not what is measured: ``pace`` in ``measure.py``
asks it as fast as it can.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from replay_dashly import Dashly
from replay_intercom import Intercom

WINDOW = 10.0


@dataclass
class Limit:
    """A fixed window, as Intercom's: ``most`` requests in ten seconds, 0 for none."""

    most: int
    ends: float = 0.0
    used: int = 0
    refused: int = 0

    def headers(self) -> tuple[bool, str]:
        """Count a request; tell whether it is allowed, and what its headers say."""
        if not self.most:
            return True, ""
        now = time.time()  # noqa: TID251 - the remote's clock
        if now >= self.ends:
            self.ends, self.used = now + WINDOW, 0
        allowed = self.used < self.most
        self.used += allowed
        self.refused += not allowed
        told = {"Limit": self.most, "Remaining": self.most - self.used, "Reset": int(self.ends) + 1}
        return allowed, "".join(f"X-RateLimit-{name}: {value}\r\n" for name, value in told.items())


@dataclass
class Side:
    """One remote: what answers, after how long, within which limit, and how many requests it had."""

    desk: Any
    latency: float
    limit: Limit
    requests: int = 0
    bytes: int = 0
    busy: float = 0.0
    by_kind: dict[str, int] = field(default_factory=dict)


class Exchange(asyncio.Protocol):
    """One connection, which asks one thing at a time."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the request is whole."""
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._read = b""
        began = time.perf_counter()
        line, _, _ = head.partition(b"\r\n")
        method, target, _ = line.decode().split(" ")
        side = self._side
        side.requests += 1
        allowed, headers = side.limit.headers()
        status, text = side.desk.answer(method, target, body) if allowed else (429, "{}")
        content = text.encode()
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
        start = f"HTTP/1.1 {status} x\r\nDate: {date}\r\nContent-Type: application/json\r\n{headers}"
        answer = f"{start}Content-Length: {len(content)}\r\n\r\n".encode() + content
        side.bytes += len(answer)
        side.busy += time.perf_counter() - began
        asyncio.get_running_loop().call_later(side.latency, self._transport.write, answer)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _serve(setting: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    latency = setting["latency"]
    sides = {
        "dashly": Side(Dashly(setting["conversations"], setting["parts"]), latency, Limit(0)),
        "intercom": Side(Intercom(), latency, Limit(setting["limit"])),
    }
    servers = {
        name: await loop.create_server(lambda side=side: Exchange(side), "127.0.0.1", 0)  # type: ignore[misc]
        for name, side in sides.items()
    }
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    _say({name: f"http://127.0.0.1:{port}" for name, port in ports.items()})
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.startswith("{"):  # another latency or limit for what comes
            for side in sides.values():
                side.latency = json.loads(line)["latency"]
        _say(
            {
                name: {
                    "requests": side.requests,
                    "refused": side.limit.refused,
                    "bytes": side.bytes,
                    "busy": round(side.busy, 3),
                }
                for name, side in sides.items()
            }
        )
        for side in sides.values():
            side.requests, side.limit.refused, side.bytes, side.busy = 0, 0, 0, 0.0


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(sys.argv[1])))
