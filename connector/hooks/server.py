"""The server: HEAD and POST on a path for each pair. Whatever is signed is answered with 200, at once.

401 for a wrong signature, 413 for more than a megabyte, 404 for a path of no pair. Never 410, by which
Intercom would turn the webhook off, and never 429, which would pause it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Route

from connector.app import mailbox
from connector.errors import ConnectorError
from connector.hooks.notice import SIGNATURE, WebhookNotice, is_signed, read_notice
from connector.host.log import event
from mappings.model import Side

if TYPE_CHECKING:
    from starlette.requests import Request

    from connector.hooks.receivers import Receiver, Receivers
    from mappings.model import Seconds

_LOG = logging.getLogger(__name__)
LARGEST = 1024 * 1024
_PATIENCE: Seconds = 10.0
"""For a whole body: who sends it slower is no webhook."""
OK, REFUSED, NO_PAIR, TOO_SLOW, TOO_LARGE = 200, 401, 404, 408, 413


def application(receivers: Receivers) -> Starlette:
    """Return the application that hears for these pairs."""

    async def hear(request: Request) -> Response:
        return Response(status_code=await _answer(request, receivers))

    return Starlette(routes=[Route("/{path:path}", hear, methods=["HEAD", "POST"])])


async def _answer(request: Request, receivers: Receivers) -> int:
    try:
        receiver = await run_in_threadpool(receivers.find, request.url.path)
    except ConnectorError as error:  # its secret or its file is missing: nothing can be believed
        event(_LOG, logging.WARNING, "hook.unusable", reason=str(error))
        return REFUSED
    if receiver is None:
        return NO_PAIR
    if request.method == "HEAD":
        return OK
    try:
        body = await asyncio.wait_for(_body(request), _PATIENCE)
    except TimeoutError:
        return TOO_SLOW
    if body is None:
        return TOO_LARGE
    if not is_signed(body, request.headers.get(SIGNATURE, ""), receiver.secret):
        event(_LOG, logging.WARNING, "hook.refused", path=request.url.path)
        return REFUSED
    notice = read_notice(body)
    if notice is not None and _is_of(notice, receiver):
        await run_in_threadpool(_leave, receiver, notice)
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


def _is_of(notice: WebhookNotice, receiver: Receiver) -> bool:
    """Tell whether a notice is of the workspace that the pair is bound to."""
    if notice.workspace == receiver.workspace:
        return True
    event(_LOG, logging.WARNING, "hook.of_another_workspace", workspace=notice.workspace[:40])
    return False


def _leave(receiver: Receiver, notice: WebhookNotice) -> None:
    try:
        mailbox.leave(receiver.state, Side.INTERCOM, notice.conversation)
    except OSError as error:  # a lost hint costs an interval
        event(_LOG, logging.WARNING, "hook.lost", reason=error.strerror)
