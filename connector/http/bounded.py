"""A transport that reads the whole answer, up to a limit, so that every failure to read shows up here."""

from __future__ import annotations

import httpx

from connector.http.failures import Question, unreadable
from connector.http.service import Service, asked, is_read

LARGEST_ANSWER = 64 * 1024 * 1024
_CONSUMED = ("content-encoding", "content-length", "transfer-encoding")


class Bounded(httpx.BaseTransport):
    """Hands out answers that are complete, decoded and no larger than ``limit`` bytes."""

    def __init__(self, inner: httpx.BaseTransport, service: Service, limit: int = LARGEST_ANSWER) -> None:
        self._inner = inner
        self._service = service
        self._limit = limit

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Read the answer to its end, or stop at the limit."""
        response = self._inner.handle_request(request)
        response.request = request
        try:
            content = self._read(request, response)
        finally:
            response.close()
        headers = [(k, v) for k, v in response.headers.multi_items() if k.lower() not in _CONSUMED]
        return httpx.Response(response.status_code, headers=headers, content=content, request=request)

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()

    def _read(self, request: httpx.Request, response: httpx.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._limit:
                question = Question(self._service, asked(request), read=is_read(request))
                raise unreadable(question, f"more than {self._limit} bytes")
        return bytes(content)
