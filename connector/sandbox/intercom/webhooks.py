"""Intercom's webhooks: signed notices of what happened, posted to the address that the app gave."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from connector.sandbox.intercom import topics, views
from connector.sandbox.pushes import CUT
from connector.sandbox.record import Delivery

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.inbox import IntercomInbox
    from connector.sandbox.intercom.model import Conversation
    from connector.sandbox.pushes import Push

_TICK = 0.05
_PATIENCE = 5.0
_RETRY_AFTER = 60.0
_THROTTLED = 60.0
_NEWEST = (2, 16)


@dataclass(slots=True)
class _Notice:
    """One notice under way; it is tried twice at most."""

    push: Push
    body: JsonObject
    due: float
    attempts: int = 0


class Courier:
    """Delivers a workspace's notices while the sandbox is served."""

    def __init__(self, inbox: IntercomInbox) -> None:
        self._inbox = inbox
        self._state = inbox.state
        self._position = 0
        self._waiting: list[_Notice] = []
        self._stopped = threading.Event()
        self._client = httpx.Client(timeout=_PATIENCE, trust_env=False)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop delivering."""
        self._stopped.set()
        self._thread.join(_PATIENCE)
        self._client.close()

    def _run(self) -> None:
        while not self._stopped.is_set():
            for push in self._state.pushes.after(self._position, _TICK):
                self._position += 1
                if push.channel != CUT and self._state.webhook is not None:
                    self._waiting.append(self._notice(push))
            for notice in self._due():
                self._deliver(notice)

    def _due(self) -> list[_Notice]:
        webhook, now = self._state.webhook, self._state.clock.steady()
        if webhook is None or not webhook.active or now < webhook.paused_until:
            return []
        due = [notice for notice in self._waiting if notice.due <= now]
        self._waiting = [notice for notice in self._waiting if notice.due > now]
        return due

    def _deliver(self, notice: _Notice) -> None:
        webhook, now = self._state.webhook, self._state.clock.steady()
        if webhook is None:
            return
        notice.attempts += 1
        content = json.dumps(notice.body | {"delivery_attempts": notice.attempts}).encode()
        status = self._post(webhook.url, content)
        delivery = Delivery(notice.push.channel, str(notice.push.conversation), notice.attempts, status)
        self._state.record.deliveries.append(delivery)
        if status == HTTPStatus.GONE:
            webhook.active = False
        elif status == HTTPStatus.TOO_MANY_REQUESTS:
            webhook.paused_until = now + _THROTTLED
            self._waiting.append(notice)
        elif not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES and notice.attempts == 1:
            notice.due = now + _RETRY_AFTER
            self._waiting.append(notice)

    def _post(self, url: str, content: bytes) -> int:
        digest = hmac.new(self._state.client_secret.encode(), content, hashlib.sha1).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature": f"sha1={digest}"}
        try:
            return self._client.post(url, content=content, headers=headers).status_code
        except httpx.HTTPError:
            return 0

    def _notice(self, push: Push) -> _Notice:
        with self._inbox.lock:
            item = self._item(push)
        digest = hashlib.sha256(repr(push).encode()).hexdigest()
        body = {
            "type": "notification_event",
            "id": f"notif_{digest[:32]}",
            "app_id": self._state.workspace_id,
            "topic": push.channel,
            "created_at": int(push.at),
            "first_sent_at": int(push.at),
            "data": {"type": "notification_event_data", "item": item},
        }
        return _Notice(push, body, self._state.clock.steady())

    def _item(self, push: Push) -> JsonObject:
        """Show the conversation with nothing but the part behind the event; of a deleted one only its id."""
        found = self._state.conversations.get(push.conversation)
        if found is None or push.channel == topics.DELETED:
            return {"type": "conversation", "id": str(push.conversation)}
        shown = views.row(self._state, found, _NEWEST, plain=True)
        parts = self._parts(found, push.part)
        told = {"type": "conversation_part.list", "conversation_parts": parts, "total_count": len(parts)}
        return shown | {"conversation_parts": told}

    def _parts(self, conversation: Conversation, key: int) -> list[JsonObject]:
        behind = [part for part in conversation.parts if part.id == key]
        return [views.part(self._state, part, _NEWEST, plain=True) for part in behind]
