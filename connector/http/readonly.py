"""A transport that refuses everything but reads: a dry run writes nothing, by construction."""

from __future__ import annotations

import httpx

from connector.errors import RailTripped
from connector.http.service import asked, is_read


class ReadOnly(httpx.BaseTransport):
    """Lets reads through and raises ``RailTripped`` for anything else, before a byte is sent."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a read on; refuse a write."""
        if not is_read(request):
            raise RailTripped(
                f"A write was refused because this run may only read: {asked(request)}.",
                hint="This is a fault of the program: a command that only reads tried to write.",
            )
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close the layers below."""
        self._inner.close()
