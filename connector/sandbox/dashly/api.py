"""Dashly's Web API v2: authentication, the rate limit, routing and the envelope."""

from __future__ import annotations

import re
from collections import deque
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

from connector.sandbox.dashly import reads, users, writes
from connector.sandbox.dashly.errors import DashlyError
from connector.sandbox.dashly.model import DashlyState, Id
from connector.sandbox.dashly.params import Call
from connector.sandbox.exchange import Form, JsonObject, Request, Response, Route
from connector.sandbox.record import Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

DashlyRoute: TypeAlias = Route[Call, reads.Result]

ROUTES: tuple[DashlyRoute, ...] = (
    Route("GET", "/apps/{app_id}/conversations", reads.list_conversations),
    Route("GET", "/apps/{app_id}/channels", reads.list_channels),
    Route("GET", "/apps/{app_id}/users", users.list_users),
    Route("GET", "/apps/{app_id}/activeusers", users.list_active_users),
    Route("GET", "/conversations/{id}", reads.get_conversation),
    Route("GET", "/conversations/{id}/parts", reads.list_parts),
    Route("POST", "/conversations/{id}/reply", writes.reply),
    Route("POST", "/conversations/{id}/assign", writes.assign),
    Route("POST", "/conversations/{id}/close", writes.close),
    Route("POST", "/conversations/{id}/tag", writes.tag),
    Route("DELETE", "/conversations/{id}/tag", writes.untag),
    Route("POST", "/conversations/{id}/settyping", writes.set_typing),
    Route("GET", "/users/{id}", users.get_user),
    Route("GET", "/users/{id}/conversations", reads.list_user_conversations),
    Route("POST", "/users/{id}/props", users.set_props),
    Route("POST", "/users/{id}/startconversation", users.start_conversation),
    Route("POST", "/users/{id}/sendmessage", users.send_message),
)

_TOO_MANY = 429
WINDOW = 60.0
"""Seconds that the rate limit looks back."""


class DashlyApi:
    """Answers API requests on one app's state."""

    def __init__(self, state: DashlyState, limit: int) -> None:
        self.state = state
        self.limit = limit
        self._taken: deque[float] = deque()

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        form = Form({})
        try:
            form = _form(request)
            self._authenticate(request, form)
            self._take()
            data, extras = self._answer(request, form)
            meta: JsonObject = {"status": 200, **extras}
        except DashlyError as error:
            data, meta = {}, {"status": error.status, "error": error.name, "error_message": error.message}
            if error.fields is not None:
                by_name = self.state.switches.error_fields_by_name
                meta["error_fields"] = error.fields if by_name else list(error.fields)
        except Exception as error:  # noqa: BLE001 - the server answers whatever went wrong in it
            self.state.record.crashes.append(f"{request.method} {request.path}: {error!r}")
            data, meta = {}, {"status": 500, "error": "Error500", "error_message": repr(error)}
        text_ids = form.fields.get("id_as_string", "").lower() not in {"", "0", "false"}
        status = int(meta["status"])
        return Response.of_json(
            _keys({"meta": meta, "data": data}, text=text_ids), status, self._advice(status)
        )

    def _advice(self, status: int) -> dict[str, str]:
        """Return the header that says when to come back, where the app sends one."""
        if status != _TOO_MANY or not self.state.switches.retry_after:
            return {}
        return {"Retry-After": str(ceil(self._taken[0] + WINDOW - self.state.clock.steady()))}

    def _authenticate(self, request: Request, form: Form) -> None:
        scheme, _, header = request.headers.get("authorization", "").partition(" ")
        token = header if scheme in {"Token", "Bearer"} else form.fields.get("auth_token")
        if token != self.state.token:
            raise DashlyError("NotAuthenticated", "Invalid token")

    def _take(self) -> None:
        now = self.state.clock.steady()
        while self._taken and self._taken[0] <= now - WINDOW:
            self._taken.popleft()
        if len(self._taken) >= self.limit:
            raise DashlyError("TooManyRequests", "Too many requests")
        self._taken.append(now)

    def _answer(self, request: Request, form: Form) -> reads.Result:
        path = _versionless(request.path, form.fields)
        known = [(route, args) for route in ROUTES if (args := route.arguments(path)) is not None]
        if not known:
            raise DashlyError("Error404", "No such path")
        for route, args in known:
            if route.method == request.method:
                return route.handler(Call(self.state, args, form, Stamp(self.state.clock.now(), "api")))
        raise DashlyError("MethodNotAllowed", "Wrong method")


def _form(request: Request) -> Form:
    try:
        return request.form()
    except (ValueError, KeyError) as error:
        raise DashlyError("BadRequest", f"unreadable body: {error}") from error


def _versionless(path: str, fields: Mapping[str, str]) -> str:
    prefix = re.match(r"/v(\d+)(?:\.\d+)*(?=/)", path)
    version = prefix[1] if prefix else fields.get("version", "2").partition(".")[0]
    if version != "2":
        raise DashlyError("Error404", "This version is not emulated")
    return (path[prefix.end() :] if prefix else path).rstrip("/")


def _keys(value: object, *, text: bool) -> object:
    """Replace object keys by text or by plain numbers, all the way down."""
    if isinstance(value, Id):
        return str(int(value)) if text else int(value)
    if isinstance(value, dict):
        return {name: _keys(item, text=text) for name, item in value.items()}
    if isinstance(value, list):
        return [_keys(item, text=text) for item in value]
    return value
