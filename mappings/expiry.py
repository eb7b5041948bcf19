"""What expires in a text: the signatures of links to files, which a helpdesk makes again at every read.

Intercom's links die after 30 minutes (``downloads.intercomcdn.com/…?expires=…&signature=…``); whether
Dashly's do is not documented. The path of a link says which file is meant, its query does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mappings.html.links import addresses

if TYPE_CHECKING:
    from collections.abc import Iterable

VENDORS_FILE_HOSTS = (
    "intercomcdn.com",
    "intercomcdn.eu",
    "files.dashly.app",
    "files.carrotquest.app",
    "files.carrotquest.io",
)
"""Each with its subdomains."""
_NUMBERED = re.compile(r"(?:.+\.)?intercom-attachments-\d+\.(?:com|eu)")
"""Intercom's other hosts of files, as its documents show them."""
_SIGNED_PART = re.compile(r"[?#].*", re.DOTALL)
_REST_OF_SIGNATURE = re.compile(r"[\w~|^*-]*")
"""What a signature may end with, and a reader would not take for a part of an address."""


def without_expiring(text: str, files: Iterable[str] = ()) -> str:
    """Return a text whose links to the vendors' file hosts, and to these files, have no query."""
    listed = {_SIGNED_PART.sub("", file) for file in files}
    kept, end = [], 0
    for start, stop in addresses(text):
        place = _SIGNED_PART.sub("", text[start:stop])
        if place in listed or _is_vendors(place):
            kept += [text[end:start], place]
            rest = _REST_OF_SIGNATURE.match(text, stop)
            end = rest.end() if rest else stop
    return "".join(kept) + text[end:]


def _is_vendors(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    known = any(host == one or host.endswith(f".{one}") for one in VENDORS_FILE_HOSTS)
    return known or _NUMBERED.fullmatch(host) is not None
