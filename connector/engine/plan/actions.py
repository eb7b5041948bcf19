"""The actions of a plan: frozen values, carried out in order by ``apply``.

An action says what should be, in neutral terms. The request that brings it about is built when it is carried
out, since only then are the conversation's id and the person known.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.engine.plan.notices import Notice
    from connector.engine.plan.registers.three_way import Rule
    from mappings.model import Attachment, Seconds, Side
    from mappings.registers import Register, Value
    from state.records import Begun, LedgerRow


class Form(StrEnum):
    """How words arrive on the other side; no function turns a NOTE into one of the others."""

    START = "start"
    MESSAGE = "message"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class PostWords:
    """Write words to a side.

    ``agent`` None means in the customer's voice. ``source`` is the id of the part whose words these are, and
    empty for an opening line of ours. ``covers`` are the ledger rows that become true when this write is
    known to exist: empty on all but the last piece of a part. ``created`` is the time of the original,
    ``begins`` how the words are cut of which this is a piece.
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
    begins: Begun | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """A base: the value that a side showed of a register when both sides last meant the same."""

    side: Side
    register: Register
    value: Value


@dataclass(frozen=True, slots=True)
class SetRegister:
    """Bring a status, assignee or team to a value; not sent when the side shows that value already.

    ``actor`` is the agent of the target side in whose name it is done. ``agreed`` are the bases from then on.
    """

    target: Side
    register: Register
    value: Value
    actor: str
    agreed: tuple[Agreed, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeTag:
    """Put a tag on, or take it off, by the name that the target side gives it."""

    target: Side
    tag: str
    put_on: bool
    actor: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """Redact a copy of ours whose original was removed; ``counted`` ones count towards `max_removals`."""

    target: Side
    part: str
    counted: bool = True


@dataclass(frozen=True, slots=True)
class SetBase:
    """Set bases without writing to a side: both mean the same, or a difference is left as it stands."""

    agreed: tuple[Agreed, ...]


@dataclass(frozen=True, slots=True)
class WriteLedger:
    """Write ledger rows of parts that need no remote write; ``found`` again, after the file forgot them."""

    rows: tuple[LedgerRow, ...]
    found: bool = False


@dataclass(frozen=True, slots=True)
class Reread:
    """Read a side again before planning further: our words may have changed a register there."""

    side: Side


@dataclass(frozen=True, slots=True)
class MoveOrigin:
    """Make a side the origin of the conversation from now on, since the customer answers there."""

    side: Side


@dataclass(frozen=True, slots=True)
class RememberTold:
    """Remember that agents were told what is to be known of a contact."""

    contact: str


@dataclass(frozen=True, slots=True)
class RecordConflict:
    """Both sides changed a register differently; the loser is kept and shown.

    ``values`` are what each side showed, as text. ``winner`` None leaves it to a person.
    """

    register: Register
    values: tuple[tuple[Side, str], ...]
    winner: Side | None
    rule: Rule


RemoteAction = PostWords | SetRegister | ChangeTag | Redaction
Action = RemoteAction | SetBase | WriteLedger | Reread | MoveOrigin | RememberTold | RecordConflict


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions in order, and the notices for people."""

    actions: tuple[Action, ...] = ()
    notices: tuple[Notice, ...] = ()

    def __add__(self, other: Plan) -> Plan:
        return Plan(self.actions + other.actions, self.notices + other.notices)

    @property
    def writes(self) -> tuple[RemoteAction, ...]:
        """Return the actions that change a remote."""
        return tuple(action for action in self.actions if isinstance(action, RemoteAction))

    def __bool__(self) -> bool:
        return bool(self.actions)
