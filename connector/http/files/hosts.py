"""From which hosts, and at which addresses, a file may be fetched.

What the API lists as an attachment is fetched from the host that it names. The address of an image inside
a body was written by anybody, and fetching it tells its owner that it was read: there the host must be known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from connector.http.files.addresses import is_loopback, is_public
from connector.http.names import look_up

if TYPE_CHECKING:
    from collections.abc import Collection, MutableSet

    from mappings.model import Attachment

VENDORS = frozenset(
    {
        "files.dashly.app",
        "files.carrotquest.app",
        "files.carrotquest.io",
        "downloads.intercom.io",
        "downloads.intercomcdn.com",
    }
)
"""Hosts that the vendors' own documents and answers show files on."""


Resolver = Callable[[str, int], Sequence[str]]


class FileHosts:
    """The hosts of one side's files; ``learnt`` holds those that its listed attachments had.

    Whoever keeps ``learnt`` between runs hands the same names in again. Safe to share by threads.
    """

    def __init__(
        self,
        configured: Collection[str] = (),
        learnt: MutableSet[str] | None = None,
        *,
        resolver: Resolver = look_up,
    ) -> None:
        self._known = VENDORS | {name.lower() for name in configured}
        self._resolver = resolver
        self.learnt: MutableSet[str] = set() if learnt is None else learnt

    def allow(self, attachment: Attachment, host: str) -> bool:
        """Tell whether a file may be fetched from a host, and learn the host of a listed one."""
        name = host.lower().rstrip(".")
        if not attachment.inline:
            self.learnt.add(name)
            return True
        return name in self._known or name in self.learnt

    def address(self, host: str, port: int, *, loopback: bool) -> str | None:
        """Return where a host is, None unless all its addresses are public; ``loopback`` ones may be allowed.

        OSError when the name leads nowhere, or not in time.
        """
        found = self._resolver(host, port)
        fine = (is_public(address) or (loopback and is_loopback(address)) for address in found)
        return found[0] if found and all(fine) else None
