"""The server: HEAD and POST on a path for each pair. Whatever is signed is answered with 200, at once.

401 for a wrong signature, 413 for more than a megabyte, 404 for a path of no pair. Never 410, by which
Intercom would turn the webhook off, and never 429, which would pause it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from connector.app.machine import mailbox
from connector.errors import ConnectorError
from connector.hooks.notice import SIGNATURE, is_signed, read_notice
from connector.hooks.patience import PATIENCE
from connector.host.clock import monotonic
from connector.host.log import event
from mappings.model import Side

if TYPE_CHECKING:
    from starlette.requests import Request

    from connector.hooks.receivers import Receivers
    from mappings.model import Seconds

_LOG = logging.getLogger(__name__)
LARGEST = 1024 * 1024
# A line a minute of each kind shows what goes on, and fills no disk.
_SELDOM: Seconds = 60.0
OK, REFUSED, NO_PAIR, TOO_SLOW, TOO_LARGE, BROKEN = 200, 401, 404, 408, 413, 500


class _Complaints:
    """Tells of what was refused, at most once a minute for each reason: a flood fills no disk."""

    def __init__(self) -> None:
        self._told: dict[str, Seconds] = {}
        self._untold: Counter[str] = Counter()

    def tell(self, what: str, reason: str) -> None:
        """Tell, or count."""
        self._untold[what] += 1
        now = monotonic()
        if now - self._told.get(what, -_SELDOM) >= _SELDOM:
            self._told[what] = now
            event(_LOG, logging.WARNING, what, reason=reason, times=self._untold.pop(what))


def application(receivers: Receivers) -> Starlette:
    """Return the application that hears for these pairs."""
    complaints = _Complaints()

    async def hear(request: Request) -> Response:
        try:
            status = await _answer(request, receivers, complaints)
        except ClientDisconnect:  # nobody hears the answer
            status = TOO_SLOW
        except Exception as error:  # noqa: BLE001 - told here, where it is counted: the server's own lines are off
            complaints.tell("hook.broken", type(error).__name__)
            status = BROKEN
        return Response(status_code=status)

    return Starlette(routes=[Route("/{path:path}", hear, methods=["HEAD", "POST"])])


async def _answer(request: Request, receivers: Receivers, complaints: _Complaints) -> int:
    try:
        receiver = await run_in_threadpool(receivers.find, request.url.path)
    except ConnectorError as error:  # its secret or its file is missing: nothing can be believed
        complaints.tell("hook.unusable", str(error))
        return REFUSED
    if receiver is None:
        return NO_PAIR
    if request.method == "HEAD":
        return OK
    try:
        body = await asyncio.wait_for(_body(request), PATIENCE)
    except TimeoutError:
        return TOO_SLOW
    if body is None:
        return TOO_LARGE
    if not is_signed(body, request.headers.get(SIGNATURE, ""), receiver.secret):
        complaints.tell("hook.refused", "its signature is not that of the app")
        return REFUSED
    notice = read_notice(body)
    if notice is None or notice.workspace != receiver.workspace:
        complaints.tell("hook.passed_over", "it is for another workspace, or is not a notice")
        return OK
    try:
        await run_in_threadpool(mailbox.leave, receiver.state, Side.INTERCOM, notice.conversation)
    except OSError as error:  # a lost hint costs an interval
        complaints.tell("hook.lost", error.strerror or "")
    return OK


async def _body(request: Request) -> bytes | None:
    """Return the raw body; None when it is larger than any webhook."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return None
    return bytes(body)
