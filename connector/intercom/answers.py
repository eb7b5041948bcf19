"""Reads Intercom's answers: JSON, or an ``error.list`` that 1.x may send with any status; and their pages.

Two refusals carry more than a code and get their own types here: a conflict names the contact that is in the
way, a merged contact names the one that it merged.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from connector.errors import Gone, Rejected
from connector.http.bounded import parsed
from connector.http.failures import Question, Refusal, redirected, refused, unreadable
from connector.http.service import asked, is_read
from mappings.wire.values import read_count, read_fields, read_optional_id

if TYPE_CHECKING:
    import httpx

    from connector.http.service import Service

Json = dict[str, Any]
# A parameter and its value: ``starting_after`` in 2.x, ``page`` in 1.x and in some lists of 2.x.
Cursor = tuple[str, str]

_CONTACT_ID = re.compile(r"\b[0-9a-f]{24}\b")
_CANONICAL = re.compile(r'</contacts/([^>/]+)>;\s*rel="?canonical"?')
_OTHER_OBJECTS = frozenset({"admin_not_found", "assignee_not_found", "tag_not_found", "team_not_found"})
_STATUS_OF_CODE = {
    "unauthorized": 401,
    "token_unauthorized": 401,
    "token_revoked": 401,
    "token_suspended": 401,
    "token_not_found": 401,
    "forbidden": 403,
    "action_forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "rate_limit_exceeded": 429,
    "server_error": 500,
    "service_unavailable": 503,
}


class Conflict(Rejected):
    """A contact that exists is in the way; ``existing`` is its id when the answer says it."""

    def __init__(self, refusal: Rejected, message: str) -> None:
        super().__init__(str(refusal), status=refusal.status, code=refusal.code, hint=refusal.hint)
        found = _CONTACT_ID.search(message)
        self.existing = found[0] if found else None
        self.archived = "archived" in message.casefold()


class Merged(Gone):
    """The contact merged another one; ``canonical`` is its id."""

    def __init__(self, refusal: Rejected, canonical: str) -> None:
        super().__init__(str(refusal), status=refusal.status, code=refusal.code, hint=refusal.hint)
        self.canonical = canonical


def read_answer(service: Service, response: httpx.Response) -> Json:
    """Return the object that was answered, or raise what the answer says."""
    question = Question(service, asked(response.request), read=is_read(response.request))
    if response.is_redirect:
        raise redirected(question, response.status_code)
    body = _object(response)
    if response.is_success and body is None:
        raise unreadable(question, "no JSON object")
    if response.is_error or (body is not None and body.get("type") == "error.list"):
        raise _refused(question, response, _errors(body))
    return body or {}


def _object(response: httpx.Response) -> Json | None:
    try:
        body = parsed(response.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _errors(body: Json | None) -> list[Json]:
    errors = body.get("errors") if body else None
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _refused(question: Question, response: httpx.Response, errors: list[Json]) -> Exception:
    first = errors[0] if errors else {}
    code = str(first.get("code") or first.get("type") or "")
    status = response.status_code if response.is_error else _STATUS_OF_CODE.get(code, 400)
    missing = status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} and code not in _OTHER_OBJECTS
    fields = tuple(str(error["field"]) for error in errors if error.get("field"))
    error = refused(question, Refusal(status, code, fields, gone=missing))
    if isinstance(error, Rejected) and status == HTTPStatus.CONFLICT:
        return Conflict(error, str(first.get("message") or ""))
    canonical = _CANONICAL.search(response.headers.get("Link", ""))
    if isinstance(error, Rejected) and status == HTTPStatus.GONE and canonical:
        return Merged(error, canonical[1])
    return error


def following(body: Json, cursor: Cursor | None) -> Cursor | None:
    """Return where the page after this one is; None when this one is the last."""
    after = next_cursor(body)
    if after is not None:
        return ("starting_after", after)
    number = int(cursor[1]) if cursor is not None and cursor[0] == "page" else 1
    return ("page", str(number + 1)) if has_next_number(body, number) else None


def next_cursor(body: Json) -> str | None:
    """Return the cursor that a page names."""
    named = read_fields(read_fields(body.get("pages")).get("next"))
    return read_optional_id(named.get("starting_after"))


def has_next_number(body: Json, number: int) -> bool:
    """Tell whether a page with a number has one after it; the count of pages goes before ``next``."""
    pages = read_fields(body.get("pages"))
    total = read_count(pages.get("total_pages"))
    return number < total if total is not None else bool(pages.get("next"))


def pagination(size: int, cursor: str | None) -> Json:
    """Return what asks a search for a page."""
    return {"per_page": size} | ({"starting_after": cursor} if cursor else {})
