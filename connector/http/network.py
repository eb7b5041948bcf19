"""The network itself: the innermost transport, with one set of trusted certificates for all of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import ssl

_CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=16)


def network() -> httpx.HTTPTransport:
    """Return a transport that opens real connections and verifies certificates."""
    return httpx.HTTPTransport(verify=_trusted(), limits=_CONNECTIONS)


@cache
def _trusted() -> ssl.SSLContext:
    """Return the trusted certificates: reading them takes longer than most commands otherwise do."""
    return httpx.create_ssl_context()
