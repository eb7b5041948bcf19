"""Looking up the addresses of a host, in a separate thread, since no lookup can be ended from outside."""

from __future__ import annotations

import socket
import threading
from ipaddress import ip_address
from typing import TYPE_CHECKING

from connector.http.deadline import slices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mappings.model import Seconds


def look_up(host: str, port: int, timeout: Seconds | None = None) -> Sequence[str]:
    """Return the addresses of a host within the deadline; OSError when there are none, or not in time."""
    if is_address(host):
        return [host]
    found: list[str] = []
    asking = threading.Thread(target=_ask, args=(host, port, found), daemon=True, name="look-up")
    asking.start()
    for seconds in slices(timeout):
        asking.join(seconds)
        if not asking.is_alive():
            break
    else:
        raise TimeoutError("the host name was not resolved in time")
    if not found:
        raise OSError("the host name is not known")
    return found


def is_address(host: str) -> bool:
    """Tell whether a host is given by its address."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _ask(host: str, port: int, found: list[str]) -> None:
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    found.extend(str(address[0]) for *_, address in known)
