"""A transport that can turn Dashly's pages around: the client itself only walks backwards, on purpose."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator

_FIELD, _AFTER = "paginate_direction", "after"


class Forwards(httpx.BaseTransport):
    """Passes requests on; while ``turned``, pages are asked for with ``after`` and their cursor is kept."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._turned = False
        self.cursor: object = None

    @contextmanager
    def turned(self) -> Generator[None]:
        """Ask for pages in the other direction."""
        self._turned = True
        try:
            yield
        finally:
            self._turned = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, turned around if it asks for a page."""
        if not self._turned or _FIELD not in request.url.params:
            return self._inner.handle_request(request)
        request.url = request.url.copy_set_param(_FIELD, _AFTER)
        response = self._inner.handle_request(request)
        # The cursor is read here, since the client looks at the other direction's only.
        response.read()
        self.cursor = _cursor(response.content)
        return response

    def close(self) -> None:
        """Close the network below."""
        self._inner.close()


def _cursor(body: bytes) -> object:
    try:
        return json.loads(body).get("meta", {}).get("next_after_position")
    except (ValueError, AttributeError):
        return None
