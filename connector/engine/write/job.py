"""One write about to be made, what it made, and why it may have to wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.plan.reasons import Reason
from connector.errors import ConnectorError

if TYPE_CHECKING:
    from connector.engine.plan.recognition.fingerprint import Expected
    from connector.helpdesk.port import Write
    from mappings.model import Conversation, Ref, Seconds, Side
    from state.records import Begun, LedgerRow, Operation


class Blocked(ConnectorError):
    """A write of this conversation is unclear; ``until`` is when it may be looked for."""

    def __init__(self, message: str, *, until: Seconds) -> None:
        super().__init__(message)
        self.until = until


class Unrecognised(ConnectorError):
    """A confirmed write cannot be found: it is never sent again, a person must look."""


class WrittenAlready(ConnectorError):
    """What a write would carry is on the other side already: it is not sent a second time."""

    def __init__(self, source: Ref) -> None:
        super().__init__(Reason.COPIED_ALREADY.tell(source.side, part=source.id))
        self.source = source


@dataclass(frozen=True, slots=True)
class Job:
    """One write about to be made, with what becomes true once it exists.

    ``covers`` are the ledger rows that it completes, ``carries`` those that it or a later piece of the same
    words completes. ``there_before`` are parts that the side showed before: none of them can be what this
    write makes.
    """

    row: int
    side: Side
    op: Operation
    marker: str
    write: Write
    expected: Expected | None
    covers: tuple[LedgerRow, ...] = ()
    carries: tuple[LedgerRow, ...] = ()
    there_before: frozenset[str] = frozenset()
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What a write made: the part, and the conversation as it is now where the side showed it."""

    part: str | None
    view: Conversation | None = None
