"""The vocabulary of a plan: frozen values, carried out in order by ``apply``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.engine.plan.notices import Notice
    from connector.helpdesk.port import RegisterWrite
    from mappings.model import Attachment, Seconds, Side
    from mappings.registers import Register, Value
    from state.records import LedgerRow


class Form(StrEnum):
    """How words arrive on the other side; no function turns a NOTE into one of the others."""

    START = "start"
    MESSAGE = "message"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class PostWords:
    """Write words to a side.

    ``agent`` None means in the customer's voice. ``covers`` are the ledger rows that become true when this
    write is known to exist: empty on all but the last piece of a part. ``source`` is the part it carries.
    """

    target: Side
    form: Form
    marker: str
    source: str
    text: str
    agent: str | None = None
    attachments: tuple[Attachment, ...] = ()
    created: Seconds | None = None
    silent: bool = True
    covers: tuple[LedgerRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreed:
    """A value on which a side is settled from now on; ``register`` is status, assignee, team or tags."""

    side: Side
    register: Register
    value: Value


@dataclass(frozen=True, slots=True)
class SetRegister:
    """Bring one register of a side to a value; not sent when the side shows that value already."""

    target: Side
    register: Register
    write: RegisterWrite
    agreed: tuple[Agreed, ...] = ()


@dataclass(frozen=True, slots=True)
class Redaction:
    """Redact a copy of ours whose original was removed; ``counted`` ones count towards `max_removals`."""

    target: Side
    part: str
    counted: bool = True


@dataclass(frozen=True, slots=True)
class SetBase:
    """Remember that registers agree, or that a difference cannot be carried; nothing is written remotely."""

    agreed: tuple[Agreed, ...]


@dataclass(frozen=True, slots=True)
class WriteLedger:
    """Write ledger rows of parts that need no remote write."""

    rows: tuple[LedgerRow, ...]


@dataclass(frozen=True, slots=True)
class Reread:
    """Read a side again before deciding further: a write may have changed a register as a side effect."""

    side: Side


@dataclass(frozen=True, slots=True)
class RecordConflict:
    """Both sides changed a register differently; the loser is kept and shown."""

    register: Register
    values: tuple[tuple[Side, str], ...]
    winner: str
    rule: str


Action = PostWords | SetRegister | Redaction | SetBase | WriteLedger | Reread | RecordConflict


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions in order, and what a person should hear about."""

    actions: tuple[Action, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def writes(self) -> tuple[PostWords | SetRegister | Redaction, ...]:
        """Return the actions that change a remote."""
        return tuple(a for a in self.actions if isinstance(a, PostWords | SetRegister | Redaction))

    def __bool__(self) -> bool:
        return bool(self.actions)
