"""Faults on API requests: connections that die, answers that are lost, requests applied too late."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from connector.sandbox.exchange import JsonObject, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.clock import Clock

Kind: TypeAlias = Literal[
    "refuse",
    "drop_before",
    "drop_after",
    "late",
    "status",
    "truncate",
    "html",
    "slow",
    "drip",
    "drip_head",
    "act",
]
Ending: TypeAlias = Literal["answered", "reset", "closed", "cut", "drip", "drip_head"]
DOWNLOADS = "/files/"
"""Downloads are struck only by rules whose path names them."""

_ENDINGS: dict[Kind, Ending] = {
    "refuse": "reset",
    "drop_before": "closed",
    "drop_after": "closed",
    "truncate": "cut",
    "slow": "answered",
    "drip": "drip",
    "drip_head": "drip_head",
}
_SLOW: frozenset[Kind] = frozenset({"slow", "drip", "drip_head"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

_HTML = b"<html><head><title>Bad gateway</title></head><body><h1>502 Bad gateway</h1></body></html>"


@dataclass(slots=True)
class Fault:
    """One rule: which requests it strikes and how.

    It strikes from the `nth` matching request on, `times` times. `applied` says for `status` and `html`
    whether the request took effect; a `status` that redirects names its `location`. A `late` request is
    applied once `seconds` of virtual time have passed, or just before the `after_requests`-th next request
    when that is given; with both, by whichever comes first. `drip` and `drip_head` send the body, or the
    whole answer, byte by byte in real `seconds`. With `act` somebody acts just before the request is
    answered: `action` and `arguments` are a command of the control interface and its body (whose `side` may
    name the other side).
    """

    kind: Kind
    side: str = ".*"
    method: str = ".*"
    path: str = ".*"
    nth: int = 1
    times: int = 1
    status: int = 500
    applied: bool = False
    retry_after: str | None = None
    location: str = "/elsewhere"
    action: str = ""
    arguments: JsonObject = field(default_factory=dict)
    seconds: float = 0.0
    after_requests: int | None = None
    used: int = 0
    _seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"unknown kind of fault: {self.kind}")

    def strikes(self, side: str, request: Request) -> bool:
        """Count a request and say whether this rule strikes it."""
        named = DOWNLOADS in self.path or not request.path.startswith(DOWNLOADS)
        fits = (
            named
            and re.fullmatch(self.side, side)
            and re.fullmatch(self.method, request.method)
            and re.search(self.path, request.path)
        )
        if not fits or self.used >= self.times:
            return False
        self._seen += 1
        if self._seen < self.nth:
            return False
        self.used += 1
        return True


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer and what the network does with it."""

    response: Response
    ending: Ending = "answered"
    wait: float = 0.0
    fault: str = ""


@dataclass(slots=True, eq=False)
class _Late:
    side: str
    request: Request
    due: float | None
    remaining: int | None


@dataclass(slots=True)
class Faults:
    """The rules in force and the requests that are still under way."""

    clock: Clock
    perform: Callable[[str, str, JsonObject], object]
    """Runs a command of the control interface: side, name and arguments."""
    rules: list[Fault] = field(default_factory=list)
    _late: list[_Late] = field(default_factory=list)

    def deliver(self, handle: Callable[[str, Request], Response], *, counting: bool = False) -> None:
        """Apply the late requests that are due; `counting` when a new request has just come in."""
        due = []
        for late in self._late:
            if late.remaining is not None:
                late.remaining -= counting
            counted = late.remaining is not None and late.remaining <= 0
            if counted or (late.due is not None and late.due <= self.clock.now()):
                due.append(late)
        self._late = [late for late in self._late if late not in due]
        for late in due:
            handle(late.side, late.request)

    def exchange(self, side: str, request: Request, handle: Callable[[str, Request], Response]) -> Outcome:
        """Answer a request, struck by the first rule that fits."""
        self.deliver(handle, counting=True)
        rule = next((rule for rule in self.rules if rule.strikes(side, request)), None)
        if rule is None:
            return Outcome(handle(side, request))
        return self._struck(rule, side, request, handle)

    def _struck(
        self, rule: Fault, side: str, request: Request, handle: Callable[[str, Request], Response]
    ) -> Outcome:
        match rule.kind:
            case "late":
                self._postpone(rule, side, request)
                return Outcome(Response(0), "closed", fault=rule.kind)
            case "act":
                arguments = dict(rule.arguments)
                self.perform(str(arguments.pop("side", side)), rule.action, arguments)
                return Outcome(handle(side, request), fault=rule.kind)
            case "status" | "html":
                if rule.applied:
                    handle(side, request)
                return Outcome(_failure(rule), fault=rule.kind)
            case "refuse" | "drop_before":
                return Outcome(Response(0), _ENDINGS[rule.kind], fault=rule.kind)
            case _:
                wait = rule.seconds if rule.kind in _SLOW else 0.0
                return Outcome(handle(side, request), _ENDINGS[rule.kind], wait, rule.kind)

    def _postpone(self, rule: Fault, side: str, request: Request) -> None:
        by_time = rule.after_requests is None or rule.seconds > 0
        due = self.clock.now() + rule.seconds if by_time else None
        self._late.append(_Late(side, request, due, rule.after_requests))


def _failure(rule: Fault) -> Response:
    headers = {} if rule.retry_after is None else {"Retry-After": rule.retry_after}
    if rule.status in _REDIRECTS:
        headers["Location"] = rule.location
    if rule.kind == "html":
        return Response(502 if rule.status == 500 else rule.status, _HTML, "text/html", headers)  # noqa: PLR2004 - the default status
    return Response(rule.status, b'{"fault": "injected"}', headers=headers)
