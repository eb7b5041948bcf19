"""The way from a host to everything else, which can be cut or fall silent."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

_PLACE = re.compile(r"127\.0\.0\.1:(\d+)")
_CHUNK = 65_536


class Way(StrEnum):
    """What becomes of what is sent."""

    OPEN = "open"
    CUT = "cut"
    SILENT = "silent"


@dataclass
class Network:
    """One relay for each port that a host was told of."""

    way: Way = Way.OPEN
    ports: dict[int, int] = field(default_factory=dict)
    listening: list[socket.socket] = field(default_factory=list)
    connected: list[socket.socket] = field(default_factory=list)

    def through(self, text: str) -> str:
        """Return a text whose addresses lead through this network."""
        return _PLACE.sub(lambda found: f"127.0.0.1:{self._port(int(found[1]))}", text)

    def become(self, way: Way) -> None:
        """Cut all connections, let them fall silent, or take new ones."""
        before, self.way = self.way, way
        if way is Way.CUT or before is Way.SILENT:  # whoever waits for an answer learns that it never comes
            for one in self.connected:
                _end(one)
            self.connected.clear()

    def close(self) -> None:
        """End all relays."""
        for one in (*self.listening, *self.connected):
            _end(one)

    def _port(self, target: int) -> int:
        if target not in self.ports:
            listening = socket.create_server(("127.0.0.1", 0))
            self.listening.append(listening)
            self.ports[target] = listening.getsockname()[1]
            threading.Thread(target=self._accept, args=(listening, target), daemon=True).start()
        return self.ports[target]

    def _accept(self, listening: socket.socket, target: int) -> None:
        with suppress(OSError):
            while True:
                near, _ = listening.accept()
                if self.way is Way.CUT:
                    _end(near)
                    continue
                self.connected.append(near)
                if self.way is Way.OPEN:
                    self._join(near, target)

    def _join(self, near: socket.socket, target: int) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", target))
        except OSError:
            _end(near)
            return
        self.connected.append(far)
        for ends in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if self.way is not Way.SILENT:  # lost, as on a cable that was pulled
                    target.sendall(data)
        for one in (source, target):
            _end(one)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
