"""A transport that reads the whole answer, up to a limit, so that every failure to read shows up here.

Size and time are bounded by what comes out, not by what is announced: a packed answer is unpacked piece by
piece, and one that drips for ever ends, though each drop comes in time.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import httpx

from connector.http.failures import Question, unreadable
from connector.http.service import Service, asked, is_read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.host.clock import Clock

LARGEST_ANSWER = 64 * 1024 * 1024
ENCODINGS = "gzip"
_PIECE = 1024 * 1024
_PATIENCE = 10  # timeouts that a whole answer may take
_CONSUMED = ("content-encoding", "content-length", "transfer-encoding")
_GZIP = zlib.MAX_WBITS + 16


class Bounded(httpx.BaseTransport):
    """Hands out answers that are complete, unpacked and no larger than ``limit`` bytes."""

    def __init__(
        self, inner: httpx.BaseTransport, service: Service, *, clock: Clock, limit: int = LARGEST_ANSWER
    ) -> None:
        self._inner = inner
        self._service = service
        self._clock = clock
        self._limit = limit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Read the answer to its end, or stop at the limit."""
        deadline = self._clock.now() + _PATIENCE * self._service.timeout
        response = self._inner.handle_request(request)
        response.request = request
        try:
            content = self._read(request, response, deadline)
        finally:
            response.close()
        headers = [(k, v) for k, v in response.headers.multi_items() if k.lower() not in _CONSUMED]
        return httpx.Response(response.status_code, headers=headers, content=content, request=request)

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()

    def _read(self, request: httpx.Request, response: httpx.Response, deadline: float) -> bytes:
        content = bytearray()
        for piece in unpacked(response):
            content += piece
            if len(content) > self._limit:
                question = Question(self._service, asked(request), read=is_read(request))
                raise unreadable(question, f"more than {self._limit} bytes")
            if self._clock.now() > deadline:
                raise httpx.ReadTimeout("the answer never ends", request=request)
        return bytes(content)


def unpacked(response: httpx.Response) -> Iterator[bytes]:
    """Yield the body in pieces of bounded size; ``httpx.DecodingError`` when it cannot be unpacked.

    A packing inside another one is refused: it multiplies what a small answer grows to.
    """
    if response.is_stream_consumed:
        yield response.content
        return
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        yield from response.iter_raw()
        return
    if encoding != ENCODINGS:
        raise httpx.DecodingError("an encoding that was not asked for")
    try:
        yield from _inflated(response, zlib.decompressobj(_GZIP))
    except zlib.error as error:
        raise httpx.DecodingError("the packed answer is damaged") from error


def _inflated(response: httpx.Response, packing: zlib._Decompress) -> Iterator[bytes]:
    for chunk in response.iter_raw():
        rest = chunk
        while rest:
            yield packing.decompress(rest, _PIECE)
            rest = packing.unconsumed_tail
    yield packing.flush(_PIECE)
    if not packing.eof:
        raise httpx.DecodingError("the packed answer is cut off")
