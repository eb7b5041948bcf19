"""Reads Dashly's envelope: ``meta.status`` decides, whatever the HTTP status says; and its page cursors."""

from __future__ import annotations

import json
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from connector.http.bounded import parsed
from connector.http.failures import Question, Refusal, redirected, refused, unreadable
from connector.http.service import asked, is_read
from mappings.wire.values import read_fields

if TYPE_CHECKING:
    import httpx

    from connector.http.service import Service

LOOKUP_ERROR = "LookupError"
_STATUSES = range(100, 1000)
# It goes into an address, where no server takes more than a few thousand characters.
_LONGEST_CURSOR = 1000


def read_answer(service: Service, response: httpx.Response) -> object:
    """Return ``data``, or raise what the envelope says."""
    question = Question(service, asked(response.request), read=is_read(response.request))
    if response.is_redirect:
        raise redirected(question, response.status_code)
    envelope = _envelope(response)
    if envelope is None:
        if response.is_success:
            raise unreadable(question, "no envelope")
        raise refused(question, Refusal(response.status_code))
    meta = envelope["meta"]
    status = meta.get("status") if response.is_success else response.status_code
    if status == HTTPStatus.OK:
        return envelope.get("data")
    if type(status) is not int or status not in _STATUSES:
        raise unreadable(question, "no status")
    raise refused(question, _refusal(status, meta))


def _envelope(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = parsed(response.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) and isinstance(body.get("meta"), dict) else None


def _refusal(status: int, meta: dict[str, Any]) -> Refusal:
    code = str(meta.get("error") or "")
    fields = meta.get("error_fields")
    names = tuple(str(name) for name in fields) if isinstance(fields, dict) else ()
    return Refusal(status, code, names, gone=code == LOOKUP_ERROR)


def next_cursor(body: bytes) -> str | None:
    """Return the cursor towards older rows as the very text to send back; ValueError when it is none."""
    # Digit by digit: a float would lose the microseconds that a page hangs on.
    meta = read_fields(read_fields(parsed(body, parse_float=Decimal)).get("meta"))
    position = meta.get("next_before_position", meta.get("next_after"))
    if position is None or position == []:
        return None
    if not isinstance(position, list):
        raise ValueError("no cursor")  # noqa: TRY004 - what a side sends has the wrong value
    cursor = f"[{', '.join(_literal(item) for item in position)}]"
    if len(cursor) > _LONGEST_CURSOR:
        raise ValueError("no cursor")
    return cursor


def _literal(item: object) -> str:
    if isinstance(item, Decimal):
        return str(item)
    if isinstance(item, int | str):
        return json.dumps(item)
    raise ValueError("no cursor")
