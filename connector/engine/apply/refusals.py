"""Why the work on one conversation stops, while the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import ConnectorError

if TYPE_CHECKING:
    from mappings.model import Ref, Seconds, Side


class BreakerTripped(ConnectorError):
    """The breaker of one conversation tripped; ``until`` is when it lets go."""

    def __init__(self, message: str, *, until: Seconds) -> None:
        super().__init__(message)
        self.until = until


class PartRefused(ConnectorError):
    """The other side refuses a part for good; the parts behind it wait."""

    def __init__(self, message: str, source: Ref) -> None:
        super().__init__(message)
        self.source = source


class TextTooLong(ConnectorError):
    """The other side refuses a text for its length, which its documentation does not limit."""

    def __init__(self, message: str, target: Side) -> None:
        super().__init__(message)
        self.target = target
