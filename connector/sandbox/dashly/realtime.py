"""Dashly's realtime service: a WebSocket with the API token, resumed by `tag` and `time`."""

from __future__ import annotations

import json
import select
import socket
from contextlib import suppress
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from websockets.protocol import State
from websockets.server import ServerProtocol

from connector.sandbox.dashly import views
from connector.sandbox.pushes import CUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from threading import RLock

    from connector.sandbox.dashly.model import Conversation, DashlyState
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.pushes import Push

PREFIX = "/websocket/"
_BUFFER = 100
"""How many of the last messages a connection can be resumed from."""
_MOST_CHANNELS = 50
_TICK = 0.1
_BAD_TOKEN, _NO_CHANNEL = 3401, 3403
_BY_APP = frozenset(
    {
        "ping",
        "conversation",
        "conversation_reply",
        "conversation_assigned",
        "conversation_closed",
        "conversation_tag_added",
        "conversation_tag_deleted",
    }
)


class Listener:
    """One connection: which channels it hears, and from where on."""

    def __init__(self, state: DashlyState, lock: RLock, connection: socket.socket) -> None:
        self._state = state
        self._lock = lock
        self._connection = connection
        self._protocol = ServerProtocol()
        self._channels: list[str] = []
        self._position = len(state.pushes.entries)

    def run(self, head: bytes, target: str, token: str, stopped: Callable[[], bool]) -> None:
        """Shake hands, then send what happens until either side goes away."""
        self._protocol.receive_data(head)
        for request in self._protocol.events_received():
            self._protocol.send_response(self._protocol.accept(request))  # type: ignore[arg-type]
        problem = self._subscribe(target, token)
        if problem:
            self._protocol.send_close(problem)
        self._flush()
        with suppress(OSError):
            while self._protocol.state is State.OPEN and not stopped():
                self._send(self._state.pushes.after(self._position, _TICK))
                self._read()

    def _subscribe(self, target: str, token: str) -> int | None:
        address = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if (token or query.get("auth_token")) != self._state.token:
            return _BAD_TOKEN
        self._channels = address.path.removeprefix(PREFIX).strip("/").split("/")
        if len(self._channels) > _MOST_CHANNELS or not all(map(self._allowed, self._channels)):
            return _NO_CHANNEL
        if query.get("tag", "").isdigit():
            oldest = max(self._position - _BUFFER, 0)
            self._position = self._behind_a_cut(min(max(int(query["tag"]), oldest), self._position))
        return None

    def _behind_a_cut(self, position: int) -> int:
        """Return where a resumed connection begins: behind the cut that ended the last one."""
        entries = self._state.pushes.entries
        cut = position < len(entries) and entries[position].channel == CUT
        return position + 1 if cut else position

    def _allowed(self, channel: str) -> bool:
        name, _, app = channel.partition(".")
        return name in _BY_APP and (name == "ping" or app.split(".")[0] == str(self._state.app_id))

    def _send(self, pushes: Iterable[Push]) -> None:
        for push in pushes:
            self._position += 1
            if push.channel == CUT:
                self._connection.shutdown(socket.SHUT_RDWR)
                raise ConnectionAbortedError
            with self._lock:
                conversation = self._state.conversations[push.conversation]
                names = [f"{push.channel}.{self._state.app_id}"]
                names.append(f"{names[0]}.{conversation.user}")
                message = _message(self._state, conversation, push)
            for name in set(names) & set(self._channels):
                self._protocol.send_text(json.dumps(self._envelope(name, push, message)).encode())
        self._flush()

    def _envelope(self, channel: str, push: Push, message: JsonObject) -> JsonObject:
        time = formatdate(push.at, usegmt=True)
        tag = str(self._position)
        return {"id": self._position, "channel": channel, "message": message, "tag": tag, "time": time}

    def _read(self) -> None:
        if not select.select([self._connection], [], [], 0)[0]:
            return
        data = self._connection.recv(4096)
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self._connection.sendall(data)


def _message(state: DashlyState, conversation: Conversation, push: Push) -> JsonObject:
    """Show what a channel tells; ids are plain numbers here."""
    part = next((item for item in conversation.parts if item.id == push.part), None)
    if push.channel == "conversation" or part is None:
        return views.conversation(state, conversation, {"user"}, full=False)
    if push.channel == "conversation_reply":
        assignee = views.admin(state, conversation.assignee)
        return views.part(state, part) | {"random_id": 0, "assignee": assignee}
    who = views.admin(state, part.sender.id) if part.sender.kind == "admin" else None
    told: JsonObject = {"conversation": conversation.id, "admin": who}
    return told | ({"tag": part.tag} if part.tag else {})
