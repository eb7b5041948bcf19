"""What systemd is told of a process that it watches: that it is ready, alive, or about to stop.

The protocol of `sd_notify` is one datagram a message. A process that says nothing for ``WatchdogSec=`` is
ended and started again, so `alive` is said where work goes on, never by a timer of its own.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.host.clock import monotonic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Seconds

_MICRO = 1_000_000
_ABSTRACT = "@"
_LONGEST: Seconds = 1.0
"""How long a full socket may hold us up: whoever reads it hangs itself."""


@dataclass
class ServiceManager:
    """The socket of the service manager, and within which time it wants to hear that we are alive."""

    address: str | None = None
    patience: Seconds | None = None
    _told: Seconds | None = field(default=None, repr=False)

    @staticmethod
    def of(environment: Mapping[str, str] = os.environ) -> ServiceManager:
        """Return the one that started this process, or one that hears nothing."""
        address = environment.get("NOTIFY_SOCKET") or None
        process = environment.get("WATCHDOG_PID", str(os.getpid()))
        asked = environment.get("WATCHDOG_USEC", "") if process == str(os.getpid()) else ""
        patience = int(asked) / _MICRO if asked.isdecimal() and int(asked) else None
        return ServiceManager(address, patience if address else None)

    @property
    def longest_silence(self) -> Seconds | None:
        """Return the longest wait that may pass in one piece; None when nobody minds."""
        return None if self.patience is None else self.patience / 4

    def ready(self) -> None:
        """Say that the start is over."""
        self._tell("READY=1")

    def stopping(self) -> None:
        """Say that the process is about to end."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Say that a step was done; said seldom enough to cost nothing, and twice within the patience."""
        silence = self.longest_silence
        now = monotonic()
        if silence is None or (self._told is not None and now - self._told < silence):
            return
        self._told = now
        self._tell("WATCHDOG=1")

    def _tell(self, message: str) -> None:
        if self.address is None:
            return
        name = self.address
        address = f"\0{name.removeprefix(_ABSTRACT)}" if name.startswith(_ABSTRACT) else name
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(_LONGEST)
                sender.sendto(message.encode(), address)
        except OSError:
            return  # a manager that is being replaced is no reason to end a run
