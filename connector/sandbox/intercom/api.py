"""Intercom's REST API: authentication, version, rate limit, routing and the error envelope."""

from __future__ import annotations

import base64
import hashlib
import itertools
from typing import TYPE_CHECKING, TypeAlias

from connector.sandbox.exchange import JsonObject, Request, Response, Route
from connector.sandbox.intercom import (
    actions,
    contacts,
    conversations,
    directory,
    legacy,
    merging,
    messages,
    replies,
)
from connector.sandbox.intercom.call import Call
from connector.sandbox.intercom.errors import IntercomError, not_found, wrong_version
from connector.sandbox.record import Stamp
from connector.sandbox.switches import ResetUnit

if TYPE_CHECKING:
    from connector.sandbox.intercom.model import IntercomState, Version

IntercomRoute: TypeAlias = Route[Call, JsonObject]

DEFAULT_VERSION = "2.16"
NEWEST = (2, 17)
VERSIONS = frozenset([f"1.{minor}" for minor in range(5)] + [f"2.{minor}" for minor in range(18)])
PREVIEW = "Preview"
"""What is not released yet is answered as the newest version."""
WINDOW = 10
"""Seconds of one rate-limit window."""

BOTH: tuple[IntercomRoute, ...] = (
    Route("GET", "/me", directory.me),
    Route("GET", "/admins", directory.list_admins),
    Route("GET", "/admins/{id}", directory.get_admin),
    Route("GET", "/teams", directory.list_teams),
    Route("GET", "/teams/{id}", directory.get_team),
    Route("GET", "/tags", directory.list_tags),
    Route("POST", "/tags", directory.save_tag),
    Route("DELETE", "/tags/{id}", directory.delete_tag),
    Route("POST", "/conversations/{id}/customers", replies.add_customer),
    Route("POST", "/messages", messages.create_message),
)

NEW: tuple[IntercomRoute, ...] = (
    *BOTH,
    Route("GET", "/tags/{id}", directory.get_tag),
    Route("GET", "/contacts", contacts.list_contacts),
    Route("POST", "/contacts", contacts.create),
    Route("POST", "/contacts/search", contacts.find),
    Route("POST", "/contacts/merge", contacts.merge),
    Route("GET", "/contacts/find_by_external_id/{external_id}", contacts.get_by_external_id, (2, 13)),
    Route("GET", "/contacts/{id}", contacts.get),
    Route("PUT", "/contacts/{id}", contacts.update),
    Route("DELETE", "/contacts/{id}", contacts.delete),
    Route("POST", "/contacts/{id}/archive", contacts.archive),
    Route("POST", "/contacts/{id}/unarchive", contacts.unarchive),
    Route("GET", "/conversations", legacy.list_conversations, until=(2, 6)),
    Route("GET", "/conversations", conversations.list_conversations),
    Route("POST", "/conversations", messages.create_conversation),
    Route("POST", "/conversations/search", conversations.find),
    Route("POST", "/conversations/redact", conversations.redact, (2, 3)),
    Route("GET", "/conversations/deleted", conversations.list_deleted, (2, 16)),
    Route("GET", "/conversations/{id}", conversations.get),
    Route("PUT", "/conversations/{id}", conversations.update),
    Route("DELETE", "/conversations/{id}", conversations.delete, (2, 13)),
    Route("POST", "/conversations/{id}/merge", merging.merge, (2, 16)),
    Route("POST", "/conversations/{id}/reply", replies.reply),
    Route("POST", "/conversations/{id}/parts", replies.manage),
    Route("POST", "/conversations/{id}/tags", replies.add_tag),
    Route("DELETE", "/conversations/{id}/tags/{tag_id}", replies.remove_tag),
    Route("DELETE", "/conversations/{id}/customers/{contact_id}", replies.remove_customer),
)

OLD: tuple[IntercomRoute, ...] = (*BOTH, *legacy.ROUTES)


class IntercomApi:
    """Answers API requests on one workspace's state."""

    def __init__(self, state: IntercomState, limit: int) -> None:
        self.state = state
        self.limit = max(limit * WINDOW // 60, 1)
        self._window = 0
        self._taken = 0
        self._requests = itertools.count(1)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        actions.fire_timers(self.state)
        headers: dict[str, str] = {}
        try:
            self._authenticate(request)
            headers |= self._take()
            return Response.of_json(self._answer(request), headers=headers)
        except IntercomError as error:
            headers |= error.headers
            return Response.of_json(self._envelope(error), error.status, headers)
        except Exception as error:  # noqa: BLE001 - the server answers whatever went wrong in it
            self.state.record.crashes.append(f"{request.method} {request.path}: {error!r}")
            crash = IntercomError(500, "server_error", repr(error))
            return Response.of_json(self._envelope(crash), 500, headers)

    def _authenticate(self, request: Request) -> None:
        basic = base64.b64encode(f"{self.state.token}:".encode()).decode()
        if request.headers.get("authorization") not in {f"Bearer {self.state.token}", f"Basic {basic}"}:
            raise IntercomError(401, "unauthorized", "Access Token Invalid")

    def _take(self) -> dict[str, str]:
        now = int(self.state.clock.steady())
        window = now - now % WINDOW
        if window != self._window:
            self._window, self._taken = window, 0
        self._taken += 1
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.limit - self._taken, 0)),
            "X-RateLimit-Reset": str(self._reset(window + WINDOW - now)),
        }
        if self._taken > self.limit:
            message = f"Exceeded rate limit of {self.limit} in 10_seconds"
            raise IntercomError(429, "rate_limit_exceeded", message, headers=headers)
        return headers

    def _reset(self, left: int) -> int:
        ends = int(self.state.clock.now()) + left
        match self.state.switches.rate_limit_reset:
            case ResetUnit.UNIX_SECONDS:
                return ends
            case ResetUnit.UNIX_MILLISECONDS:
                return ends * 1000
            case ResetUnit.SECONDS_LEFT:
                return left

    def _answer(self, request: Request) -> JsonObject:
        version = _version(request)
        path = request.path.rstrip("/")
        routes = OLD if version < (2, 0) else NEW
        for route in routes:
            args = route.arguments(path) if route.method == request.method else None
            if args is None or version >= route.until:
                continue
            if version < route.since:
                raise wrong_version()
            stamp = Stamp(self.state.clock.now(), "api")
            return route.handler(Call(self.state, version, args, request.query, _body(request), stamp))
        if any(r.method == request.method and r.arguments(path) is not None for r in (*OLD, *NEW)):
            raise wrong_version()
        raise not_found()

    def _envelope(self, error: IntercomError) -> JsonObject:
        digest = hashlib.md5(str(next(self._requests)).encode(), usedforsecurity=False).hexdigest()
        request_id = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))
        detail = {"code": error.code, "message": error.message}
        return {"type": "error.list", "request_id": request_id, "errors": [detail]}


def _body(request: Request) -> JsonObject:
    try:
        return request.json()
    except ValueError as error:
        raise IntercomError(400, "bad_request", f"unreadable body: {error}") from error


def _version(request: Request) -> Version:
    text = request.headers.get("intercom-version", DEFAULT_VERSION)
    if text == PREVIEW:
        return NEWEST
    if text not in VERSIONS:
        raise IntercomError(400, "intercom_version_invalid", f"{text} is no version of this API")
    major, _, minor = text.partition(".")
    return int(major), int(minor)
