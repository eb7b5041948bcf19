"""What the state file holds, as frozen values: pairs, ledger rows, intents, quarantine items. No I/O."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from mappings.languages import Language
from mappings.model import Loss, LossKind, Registers, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Part, Seconds


class PairState(StrEnum):
    """Whether a pair is kept in step."""

    ACTIVE = "active"
    GONE = "gone"
    QUARANTINED = "quarantined"
    UNLINKED = "unlinked"


class Queue(StrEnum):
    """Which kind of run works on what is due."""

    SYNC = "sync"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of ``conversations``; dicts hold only the sides that are known."""

    row: int
    ids: dict[Side, str]
    origin: Side
    state: PairState
    base: dict[Side, Registers]
    seen: dict[Side, str]
    people: dict[Side, str]
    shadow: bool
    due: dict[Side, Seconds]
    queue: Queue
    checked: Seconds
    stand_in: bool = False

    @property
    def mirror(self) -> Side:
        """Return the side that holds the copy."""
        return self.origin.other

    @property
    def linked(self) -> bool:
        """Tell whether both conversations exist."""
        return len(self.ids) == len(Side)


@dataclass(frozen=True, slots=True)
class Maker:
    """A run that made copies, and how many of them are known on each side."""

    run: str
    started: Seconds
    copies: Mapping[Side, int]


class Disposition(StrEnum):
    """What became of a part."""

    COPIED = "copied"
    NOTE = "note"
    TRANSCRIPT = "transcript"
    STATE = "state"
    ABSORBED = "absorbed"
    SKIPPED = "skipped"
    UNSUPPORTED = "unsupported"
    QUARANTINED = "quarantined"


CARRIED = (Disposition.COPIED, Disposition.NOTE, Disposition.TRANSCRIPT)
"""What became of a part whose words are on the other side."""
COPIED_ALONE = (Disposition.COPIED, Disposition.NOTE)
"""What became of a part whose copy tells of no other: a transcript tells of many."""


OWN = "written by the connector"
"""The reason of a part of ours that copies or accompanies something known."""


STRAY = "written by the connector, but it belongs to nothing"
"""The reason of a part of ours that copies nothing known, such as a write that arrived far too late."""


MOVED = "carried in the conversation in which it stood before"
"""The reason of a part that came from another conversation, as when agents merge two."""


class ToTell(StrEnum):
    """What agents are told once of a contact: who they were taken for, or what is not known of them there."""

    MATCHED = "matched"
    WITHHELD = "withheld"


class Operation(StrEnum):
    """What a remote write does, as its intent and the ledger row of what it makes record it."""

    START = "start"
    MESSAGE = "message"
    NOTE = "note"
    STATUS = "status"
    ASSIGNEE = "assignee"
    TEAM = "team"
    TAGS = "tags"
    REDACT = "redact"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One part as the ledger knows it.

    ``ours`` rows are parts that we wrote; their ``counterpart`` is the part they copy. A source part's
    ``counterpart`` is the first part of ours that carries it (many parts may share one transcript note).
    """

    side: Side
    id: str
    type: str
    created: Seconds
    disposition: Disposition
    reason: str = ""
    losses: tuple[Loss, ...] = ()
    ours: bool = False
    counterpart: str | None = None
    text_hash: str | None = None
    removed: bool = False


def row_of(
    part: Part, disposition: Disposition, reason: str = "", *, text_hash: str | None = None
) -> LedgerRow:
    """Return the ledger row of a part that a person or the side itself made."""
    return LedgerRow(
        side=part.side,
        id=part.id,
        type=part.type,
        created=part.created,
        disposition=disposition,
        reason=reason,
        losses=part.losses,
        text_hash=text_hash,
        removed=part.removed,
    )


def tombstone(row: LedgerRow) -> LedgerRow:
    """Return the row of a part that was removed: what became of it, and nothing of what it said."""
    return replace(row, removed=True, text_hash=None, losses=tuple(Loss(loss.kind) for loss in row.losses))


def dump_rows(rows: tuple[LedgerRow, ...]) -> str:
    """Return rows as JSON, the form in which an intent keeps what it covers."""
    return json.dumps(
        [{**asdict(row), "losses": dump_losses(row.losses)} for row in rows], ensure_ascii=False
    )


def load_rows(text: str) -> tuple[LedgerRow, ...]:
    """Return the rows that ``dump_rows`` wrote."""
    return tuple(
        LedgerRow(
            **{
                **raw,
                "side": Side(raw["side"]),
                "disposition": Disposition(raw["disposition"]),
                "losses": load_losses(raw["losses"]),
            }
        )
        for raw in json.loads(text)
    )


def load_losses(text: str) -> tuple[Loss, ...]:
    """Return the losses that ``dump_losses`` wrote."""
    return tuple(Loss(LossKind(kind), detail) for kind, detail in json.loads(text))


def dump_losses(losses: tuple[Loss, ...]) -> str:
    """Return losses as JSON."""
    return json.dumps([[loss.kind, loss.detail] for loss in losses], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """Words of which the first piece was sent: where they are cut is fixed from then on.

    ``of`` is the marker of the first piece, or the id of a part that is told in several notes of a
    transcript. ``text_hash`` is that of the source's words, ``left`` how much of the text is left after each
    piece, ``copy`` the piece that came first, ``sent`` how many were made, ``language`` that of our
    own sentences.
    """

    of: str
    text_hash: str | None
    left: tuple[int, ...]
    copy: str | None = None
    sent: int = 0
    language: Language = Language.ENGLISH

    def dump(self) -> str:
        """Return it as JSON, without what is known only later."""
        return json.dumps([self.of, self.text_hash, self.left, self.language])

    @staticmethod
    def load(text: str, copy: str | None) -> Begun:
        """Return what ``dump`` wrote, with the piece that was made."""
        # What an earlier version began has no language: it was English.
        of, text_hash, left, *language = json.loads(text)
        return Begun(of, text_hash, tuple(left), copy, language=Language(*language or (Language.ENGLISH,)))


class IntentState(StrEnum):
    """What is known of a remote write.

    ``sent``: the outcome is not known, or the process died. ``answered``: the side confirmed the write but
    its part was not recognised yet; it is never sent again. ``done``: the copy is known.
    """

    SENT = "sent"
    ANSWERED = "answered"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Intent:
    """One remote write about to be made.

    ``marker`` is unique and the same whenever the same write is planned again. ``covers`` is opaque to the
    state: what becomes true once the write is known to exist.
    """

    marker: str
    conversation: int
    side: Side
    op: Operation
    payload_hash: str
    fingerprint: str
    covers: str
    sent_at: Seconds
    settle_at: Seconds
    state: IntentState = IntentState.SENT
    copy: str | None = None
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class QuarantineItem:
    """One quarantined part, or conversation when ``part`` is empty.

    ``retry_at`` is when it is tried again by itself; None when it waits for a person.
    """

    id: int
    conversation: int
    side: Side
    part: str
    reason: str
    first_at: Seconds
    last_at: Seconds
    attempts: int
    retry_at: Seconds | None
    dashly_id: str | None
    intercom_id: str | None


NOBODY = "nobody"
"""The winner of a conflict that a person must decide."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A register that both sides of a pair changed differently: both values, who won, and by which rule."""

    dashly_id: str | None
    intercom_id: str | None
    register: str
    dashly: str
    intercom: str
    winner: str
    rule: str
    at: Seconds
