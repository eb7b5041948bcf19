"""Intercom 2.16 as the benchmark replays it: it keeps what is written, and answers with the conversation."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

ADMIN = {"type": "admin", "id": "814860", "name": "Nora Field", "email": "nora@shop.example"}
APP = {"type": "app", "id_code": "bench", "name": "Benchmark"}
ALWAYS = {
    ("GET", "me"): json.dumps({**ADMIN, "app": APP}),
    ("GET", "admins"): json.dumps({"type": "admin.list", "admins": [ADMIN]}),
    ("GET", "teams"): '{"type":"team.list","teams":[]}',
    ("GET", "tags"): '{"type":"list","data":[]}',
    ("POST", "contacts/search"): '{"type":"list","data":[],"pages":{}}',
    ("GET", "conversations/deleted"): '{"type":"conversation.list","conversations":[],"pages":{}}',
}
PER_PAGE = 150


@dataclass
class _Talk:
    head: str
    contact: str
    parts: list[str] = field(default_factory=list)
    updated: int = 0


class Intercom:
    """Contacts and conversations, each kept as the text in which it is shown."""

    def __init__(self) -> None:
        self._contacts: dict[str, str] = {}
        self._talks: dict[str, _Talk] = {}
        self._last = 215_474_000_000_000

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str]:
        """Return a status and a text."""
        asked = json.loads(body) if body.strip() else {}
        path = urlsplit(target).path.strip("/")
        if (method, path) in ALWAYS:
            return 200, ALWAYS[method, path]
        match [method, *path.split("/")]:
            case ["POST", "contacts"]:
                return 200, self._contact(asked)
            case ["POST", "conversations", "search"]:
                return 200, self._search(asked)
            case ["POST", "conversations"]:
                return 200, self._start(asked)
            case ["GET", "conversations", found] if found in self._talks:
                return 200, self._show(found)
            case ["POST", "conversations", found, "reply"] if found in self._talks:
                self._reply(self._talks[found], asked)
                return 200, self._show(found)
        return 404, '{"type":"error.list","errors":[{"code":"not_found","message":"-"}]}'

    def _next(self) -> str:
        self._last += 1
        return str(self._last)

    def _contact(self, asked: dict[str, Any]) -> str:
        found = f"c{self._next()}"
        self._contacts[found] = str(asked.get("external_id"))
        return json.dumps({"type": "contact", "id": found, "role": "user", **asked})

    def _start(self, asked: dict[str, Any]) -> str:
        found, message, contact = self._next(), self._next(), asked["from"]["id"]
        created = asked.get("created_at", int(time.time()))  # noqa: TID251 - the remote's clock
        head = {
            "type": "conversation",
            "id": found,
            "created_at": created,
            "source": {
                "type": "conversation",
                "id": message,
                "subject": "",
                "body": f"<p>{asked['body']}</p>",
                "author": {"type": "user", "id": contact, "name": "", "email": ""},
                "attachments": [],
                "redacted": False,
            },
            "contacts": {
                "type": "contact.list",
                "contacts": [{"type": "contact", "id": contact, "external_id": self._contacts[contact]}],
            },
            "open": True,
            "state": "open",
            "admin_assignee_id": 0,
            "team_assignee_id": 0,
            "tags": {"type": "tag.list", "tags": []},
        }
        self._talks[found] = _Talk(json.dumps(head)[:-1], contact, updated=_now())
        return json.dumps({"type": "user_message", "id": message, "conversation_id": found})

    def _reply(self, talk: _Talk, asked: dict[str, Any]) -> None:
        by_admin = asked["type"] == "admin"
        author = ADMIN if by_admin else {"type": "user", "id": talk.contact, "name": "", "email": ""}
        text = asked["body"]
        part = {
            "type": "conversation_part",
            "id": self._next(),
            "part_type": asked["message_type"],
            "body": text if text.startswith("<") else f"<p>{text}</p>",
            "created_at": asked.get("created_at", _now()),
            "updated_at": asked.get("created_at", _now()),
            "author": author,
            "attachments": [],
            "external_id": None,
            "redacted": False,
            "app_package_code": "connector-app" if by_admin else None,
        }
        talk.parts.append(json.dumps(part))
        talk.updated = _now()

    def _row(self, found: str) -> str:
        talk = self._talks[found]
        count = len(talk.parts)
        return f'{talk.head},"updated_at":{talk.updated},"statistics":{{"count_conversation_parts":{count}}}'

    def _show(self, found: str) -> str:
        parts = self._talks[found].parts[-500:]
        listed = f'{{"conversation_parts":[{",".join(parts)}],"total_count":{len(parts)}}}'
        return f'{self._row(found)},"conversation_parts":{listed}}}'

    def _search(self, asked: dict[str, Any]) -> str:
        since = max((value for value in _values(asked["query"]) if isinstance(value, int)), default=0)
        rows = [found for found, talk in self._talks.items() if talk.updated > since]
        start = int(asked.get("pagination", {}).get("starting_after") or 0)
        page, more = rows[start : start + PER_PAGE], start + PER_PAGE
        pages = {"next": {"starting_after": str(more)}} if more < len(rows) else {}
        shown = ",".join(f"{self._row(found)}}}" for found in page)
        return f'{{"type":"conversation.list","conversations":[{shown}],"pages":{json.dumps(pages)}}}'


def _values(query: dict[str, Any]) -> list[Any]:
    value = query["value"]
    return [one for inner in value for one in _values(inner)] if isinstance(value, list) else [value]


def _now() -> int:
    return int(time.time())  # noqa: TID251 - the remote's clock
