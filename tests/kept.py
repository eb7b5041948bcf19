"""Files in flight made of bytes that a test names."""

from __future__ import annotations

import atexit

from connector.helpdesk.port import File
from connector.host.spool import Spool

_SPOOL = Spool()
atexit.register(_SPOOL.close)


def kept(name: str, content_type: str, data: bytes) -> File:
    """Return a file with these bytes, on disk until the tests end."""
    with _SPOOL.receive() as incoming:
        incoming.write(data)
    return File(name, content_type, incoming.size, incoming.sha256, _SPOOL.path(incoming.sha256))
