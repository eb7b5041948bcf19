"""What a conversation may be, from what was read and remembered, before it is planned. Pure.

A question that only the other side can answer is a verdict too: the code that acts on it asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.plan.snapshot import accounted_for
from mappings.model import Ref, Side
from state.records import Operation

if TYPE_CHECKING:
    from connector.engine.plan.snapshot import Snapshot
    from mappings.model import Conversation, Seconds
    from state.records import Intent


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered besides the snapshot.

    ``unclear`` are writes whose outcome is not known, of all conversations; ``ours`` the opening parts, among
    those that were read, that the connector wrote.
    """

    trusted_from: Seconds
    unclear: tuple[Intent, ...] = ()
    ours: frozenset[Ref] = frozenset()


@dataclass(frozen=True, slots=True)
class Deleted:
    """The conversation was deleted on a side."""

    side: Side


@dataclass(frozen=True, slots=True)
class LinkedMeanwhile:
    """The connector began the conversation and linked it, while it waited here as somebody else's."""


@dataclass(frozen=True, slots=True)
class PerhapsOurOwnCopy:
    """An unclear start of ours may have made it; ``same_person`` None when a side hides whose it is."""

    view: Conversation
    intent: Intent
    same_person: bool | None


@dataclass(frozen=True, slots=True)
class UnreadablePart:
    """A part cannot be read; those behind it wait. ``part`` is empty when it has not even an id."""

    side: Side
    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class PerhapsMirrored:
    """The conversation may have a mirror that the state file does not know, or be a copy itself.

    A ``doubtful`` one is from before the state file could be trusted.
    """

    view: Conversation
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Plannable:
    """The conversation can be planned."""


Verdict = Deleted | LinkedMeanwhile | PerhapsOurOwnCopy | UnreadablePart | PerhapsMirrored | Plannable


def triage(snapshot: Snapshot, memory: Memory) -> Verdict:
    """Return what a conversation is. The order matters: what is gone or ours must never be mirrored back."""
    return (
        _deleted(snapshot)
        or _ours(snapshot, memory)
        or _unreadable(snapshot)
        or _perhaps_mirrored(snapshot, memory)
        or Plannable()
    )


def _deleted(snapshot: Snapshot) -> Deleted | None:
    return next((Deleted(side) for side, view in snapshot.views.items() if view.deleted), None)


def _ours(snapshot: Snapshot, memory: Memory) -> LinkedMeanwhile | PerhapsOurOwnCopy | None:
    if snapshot.pair.linked:
        return None
    views = snapshot.views.values()
    if any(view.opening is not None and Ref(view.side, view.opening.id) in memory.ours for view in views):
        return LinkedMeanwhile()
    return next((found for view in views if (found := _started_by(view, snapshot, memory))), None)


def _started_by(view: Conversation, snapshot: Snapshot, memory: Memory) -> PerhapsOurOwnCopy | None:
    """Only a conversation of the person as whom a start was made can be its result."""
    for intent in memory.unclear:
        starts_here = intent.op is Operation.START and intent.side is view.side
        if not starts_here or intent.conversation == snapshot.pair.row:
            continue
        same_person = Expected.load(intent.fingerprint).is_for(view.customer)
        if same_person is not False:
            return PerhapsOurOwnCopy(view, intent, same_person)
    return None


def _unreadable(snapshot: Snapshot) -> UnreadablePart | None:
    for side, view in snapshot.views.items():
        for bad in view.bad:
            if bad.id is None or bad.id not in accounted_for(snapshot.ledger[side]):
                return UnreadablePart(side, bad.id or "", bad.reason)
    return None


def _perhaps_mirrored(snapshot: Snapshot, memory: Memory) -> PerhapsMirrored | None:
    """Intercom's conversations are asked for only when in doubt."""
    if snapshot.pair.linked:
        return None
    for side, view in snapshot.views.items():
        doubtful = view.created < memory.trusted_from
        if side is Side.DASHLY or doubtful:
            return PerhapsMirrored(view, doubtful)
    return None
