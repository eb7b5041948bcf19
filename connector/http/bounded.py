"""A transport that reads the whole answer, up to a limit, so that every failure to read shows up here.

Size and time are bounded by what comes out, not by what is announced: a packed answer is unpacked piece by
piece, and one deadline holds from connecting to the last byte.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

import httpx

from connector.http.deadline import GRACE, Deadline, within
from connector.http.failures import Question, unreadable
from connector.http.service import Service, asked, is_read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.host.clock import Clock

# A conversation of 500 parts takes a few megabytes; beyond this memory is at stake.
LARGEST_ANSWER = 64 * 1024 * 1024
ENCODINGS = "gzip"
# Three bytes of JSON may take seventy in memory: what an answer holds is bounded, too.
MOST_VALUES = 2_000_000
_BEFORE_A_VALUE = (b",", b"[", b"{")
# Unpacked in pieces, so that a bomb is noticed before it is in memory.
_PIECE = 1024 * 1024
_MOST_UNPACKED = 100  # bytes from one that came, where more than the following come out
# Honest short answers of repeated text shrink a hundredfold too.
_UNPACKED_FREELY = 1024 * 1024
# Besides what the body was sent in, where a redirect leads: nobody follows it, and the library stumbles over
# an address that is none.
_CONSUMED = (b"content-encoding", b"content-length", b"transfer-encoding", b"location")
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
        deadline = self._deadline(request)
        with within(deadline):
            response = self._inner.handle_request(request)
            response.request = request
            try:
                content = self._read(request, response, deadline)
            finally:
                response.close()
        # As bytes: a remote may send any, and only the library knows how to read them.
        headers = [(k, v) for k, v in response.headers.raw if k.lower() not in _CONSUMED]
        return httpx.Response(response.status_code, headers=headers, content=content, request=request)

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()

    def _deadline(self, request: httpx.Request) -> Deadline:
        return Deadline(self._service.timeout, self._clock, grace=0.0 if is_read(request) else GRACE)

    def _read(self, request: httpx.Request, response: httpx.Response, deadline: Deadline) -> bytes:
        content = bytearray()
        try:
            for piece in unpacked(response, self._limit):
                content += piece
                if deadline.over:
                    raise httpx.ReadTimeout("the answer never ends", request=request)
        except Oversized as error:
            question = Question(self._service, asked(request), read=is_read(request))
            raise unreadable(question, str(error)) from None
        return bytes(content)


class Oversized(Exception):
    """An answer is larger, or unpacks to far more, than any genuine one."""


def unpacked(response: httpx.Response, limit: int) -> Iterator[bytes]:
    """Yield the body in pieces of bounded size, ``limit`` bytes of it at most.

    ``Oversized`` when there is more, ``httpx.DecodingError`` when it cannot be unpacked. A packing inside
    another one is refused: it multiplies what a small answer grows to.
    """
    came = _Came(response)
    given = 0
    for piece in _pieces(response, came):
        given += len(piece)
        if given > limit:
            raise Oversized(f"more than {limit} bytes")
        if given > max(_UNPACKED_FREELY, _MOST_UNPACKED * came.size):
            raise Oversized(f"more than {_MOST_UNPACKED} times what was sent")
        yield piece


class _Came:
    """The bytes of an answer as they come over the wire, counted."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._response.iter_raw():
            self.size += len(chunk)
            yield chunk


def _pieces(response: httpx.Response, came: _Came) -> Iterator[bytes]:
    if response.is_stream_consumed:
        came.size = len(response.content)
        yield response.content
        return
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        yield from came
        return
    if encoding != ENCODINGS:
        raise httpx.DecodingError("an encoding that was not asked for")
    try:
        yield from _inflated(came, zlib.decompressobj(_GZIP))
    except zlib.error as error:
        raise httpx.DecodingError("the packed answer is damaged") from error


def _inflated(came: _Came, packing: zlib._Decompress) -> Iterator[bytes]:
    for chunk in came:
        rest = chunk
        while rest:
            yield packing.decompress(rest, _PIECE)
            rest = packing.unconsumed_tail
            if packing.unused_data or (packing.eof and rest):
                raise httpx.DecodingError("something follows the packed answer")
    yield packing.flush(_PIECE)
    if not packing.eof:
        raise httpx.DecodingError("the packed answer is cut off")


def parsed(content: bytes, *, parse_float: Callable[[str], object] = float) -> object:
    """Return the JSON of an answer; ValueError for what is none, or would exhaust whoever reads it."""
    if sum(map(content.count, _BEFORE_A_VALUE)) > MOST_VALUES:
        raise ValueError("more values than any real answer has")
    try:
        return json.loads(content, parse_float=parse_float)
    except (RecursionError, ArithmeticError):  # nested, or a number, beyond what can be held
        raise ValueError("no usable JSON") from None
