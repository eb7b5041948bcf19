"""Dashly as the benchmark replays it: closed conversations of customers who have one each."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

APP = "48213"
ADMIN = {"type": "admin", "id": "151204", "name": "Nora Field", "name_internal": "Nora F."}
FIRST = 2_000_000_000_000_000_000
BEGAN = 1_750_000_000
APART = 3_600
TEXT = "The export of last month stops at row four hundred; could you look at it? Order {} is in it as well."


class Dashly:
    """Answers reads from texts that were made once; conversations begin an hour apart, the newest first."""

    def __init__(self, conversations: int, parts: int) -> None:
        self._parts = parts
        self._rows = [self._row(number) for number in range(conversations)]
        channel = {"id": "3012", "name": "Billing", "type": "manual", "operators": [ADMIN]}
        self._channels = _data([json.dumps(channel)])

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str]:  # noqa: ARG002 - as Intercom's
        """Return a status and a text."""
        url = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        match url.path.strip("/").split("/")[1:]:
            case ["apps", _, "channels"]:
                return 200, self._channels
            case ["apps", _, "conversations"]:
                start, count = _position(query), int(query["paginate_count"])
                page = self._rows[start : start + count]
                more = start + count if start + count < len(self._rows) else None
                return 200, _data(page, more)
            case ["conversations", found]:
                return 200, f'{{"meta":{{"status":200}},"data":{self._rows[self._number(found)]}}}'
            case ["conversations", found, "parts"]:
                number, start = self._number(found), _position(query)
                count = int(query["paginate_count"])
                shown = [
                    self._part(number, self._parts - 1 - place)
                    for place in range(start, min(start + count, self._parts))
                ]
                more = start + count if start + count < self._parts else None
                return 200, _data(shown, more)
        return 404, '{"meta":{"status":404,"error":"LookupError"}}'

    def _number(self, conversation: str) -> int:
        return (int(conversation) - FIRST) // 1_000

    def _row(self, number: int) -> str:
        last = BEGAN - number * APART + 60 * (self._parts - 1)
        return json.dumps(
            {
                "id": str(FIRST + number * 1_000),
                "created": BEGAN - number * APART,
                "closed": False,
                "delayed_until": None,
                "removed": None,
                "type": "popup_chat",
                "parts_count": self._parts,
                "assignee": None,
                "last_update": last,
                "tags": [],
                "user": {
                    "id": str(FIRST + number * 1_000 + 999),
                    "app": APP,
                    "user_id": None,
                    "removed": None,
                    "props": {"$name": f"Customer {number}"},
                },
                "channel": None,
                "part_last": json.loads(self._part(number, self._parts - 1)),
            }
        )

    def _part(self, number: int, place: int) -> str:
        customer = place % 2 == 0
        conversation = FIRST + number * 1_000
        return json.dumps(
            {
                "id": str(conversation + 1 + place),
                "created": BEGAN - number * APART + 60 * place,
                "edited": None,
                "removed": None,
                "conversation": str(conversation),
                "body": TEXT.format(f"{number}-{place}"),
                "direction": "u2a" if customer else "a2u",
                "type": "reply_user" if customer else "reply_admin",
                "sent_via": "web_user" if customer else "web_panel",
                "meta_data": {},
                "external_id": None,
                "from": str(conversation + 999) if customer else ADMIN,
                "read": True,
                **({"first": True} if place == 0 else {}),
            }
        )


def _position(query: dict[str, str]) -> int:
    return int(json.loads(query.get("paginate_position", "[0]"))[0])


def _data(rows: list[str], more: int | None = None) -> str:
    meta = json.dumps({"status": 200, "next_before_position": None if more is None else [more]})
    return f'{{"meta":{meta},"data":[{",".join(rows)}]}}'
