"""Which remote a client talks to, and what every layer must know about one request of it.

A request that cannot change a remote is a *read*: GET, HEAD, and the searches that Intercom makes POST of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from connector.errors import Rejected
from connector.http.files.addresses import is_loopback
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    import httpx

    from mappings.model import Seconds

_SEARCHES = ("/conversations/search", "/contacts/search")
_WAYS = re.compile(r"[/\\]")
_PERSONAL = frozenset({"users", "contacts", "customers", "find_by_external_id"})


@dataclass(frozen=True, slots=True)
class Service:
    """One remote: its address, its section of the configuration, and where its token was read."""

    base_url: str
    section: str
    token_place: str
    timeout: Seconds = 30.0
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def host(self) -> str:
        """Return the host name, for sentences and logs."""
        return urlsplit(self.base_url).netloc

    @property
    def title(self) -> str:
        """Return who it is, for people."""
        return TITLES[Side(self.section)]

    @property
    def on_loopback(self) -> bool:
        """Tell whether the remote is on this machine, as the sandbox is."""
        return is_this_machine(urlsplit(self.base_url).hostname or "")


def is_this_machine(host: str) -> bool:
    """Tell whether a host name or address means this machine."""
    return host == "localhost" or is_loopback(host)


def is_read(request: httpx.Request) -> bool:
    """Tell whether a request cannot change the remote."""
    return request.method in {"GET", "HEAD"} or (
        request.method == "POST" and request.url.path.endswith(_SEARCHES)
    )


def asked(request: httpx.Request) -> str:
    """Return what was asked for, in words without ids or text."""
    return str(request.extensions.get("asked", "a request"))


def public_path(request: httpx.Request) -> str:
    """Return the path without the ids of people, for logs."""
    shown: list[str] = []
    for segment in request.url.path.split("/"):
        hidden = bool(shown) and shown[-1] in _PERSONAL and segment != "search"
        shown.append("*" if hidden else segment)
    return "/".join(shown)


def segment(text: str, *, safe: str = "") -> str:
    """Return an id as one segment of a path; Rejected for one that a server may take for a way elsewhere."""
    if not {".", ".."}.isdisjoint(_WAYS.split(text)):
        raise Rejected("An id that is a path cannot be asked for.", status=0, code="unusable_id")
    return quote(text, safe=safe, errors="replace")
