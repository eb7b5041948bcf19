"""What others than the connector left in a copy: then it is not ours alone, and is not deleted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.engine.plan.registers.three_way import awake
from mappings.model import Event, Registers
from mappings.text import tag_key
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Conversation, Part, Seconds
    from state.records import LedgerRow


class Trace(StrEnum):
    """Why a copy is left as it is."""

    PART = "somebody wrote or did something in it"
    REGISTER = "somebody changed its status, assignee, team or tags"
    TOO_LONG = "it has more parts than the API shows"
    UNSETTLED = "a write in it is not settled yet; repeat the undo in a few minutes"
    REFUSED = "it could not be read or deleted; repeat the undo"


@dataclass(frozen=True, slots=True)
class Ours:
    """How what the connector did is known: by the mark of its token, or else by when the run was at work.

    Nobody promises that Intercom marks changes of status, assignee and tags.
    """

    app_code: str | None
    since: Seconds
    until: Seconds

    def made(self, part: Part, row: LedgerRow | None) -> bool:
        """Tell whether the connector made a part, or the side as an effect of what it did."""
        if (row is not None and row.ours) or (part.app_code is not None and part.app_code == self.app_code):
            return True
        marked_by_others = part.app_code is not None and self.app_code is not None
        # Words of ours are in the ledger. An event that was carried over is somebody's.
        if part.words is not None or marked_by_others or _was_carried(row) or _is_of_people(part):
            return False
        return self.since <= part.created <= self.until


def trace_in(
    view: Conversation,
    ledger: Mapping[str, LedgerRow],
    base: Registers | None,
    ours: Ours,
    now: Seconds,
) -> Trace | None:
    """Return what somebody else left in a copy, or None when all of it is ours."""
    if not view.complete or view.bad:
        return Trace.TOO_LONG
    if not all(ours.made(part, ledger.get(part.id)) for part in view.parts):
        return Trace.PART
    # Where nobody looked at a copy since it was begun, it can only be as it began.
    if _lasting(base or Registers(), now) != _lasting(view.registers, now):
        return Trace.REGISTER
    return None


def _is_of_people(part: Part) -> bool:
    """Tell whether a part is of a kind that no write of ours causes, such as a rating or a participant."""
    return any(isinstance(entry, Event) for entry in part.entries)


def _was_carried(row: LedgerRow | None) -> bool:
    return row is not None and row.disposition is not Disposition.ABSORBED


def _lasting(registers: Registers, now: Seconds) -> tuple[object, ...]:
    # A snooze that ran out by itself was not anybody's act.
    tags = frozenset(map(tag_key, registers.tags))
    return awake(registers.status, now), registers.assignee, registers.team, tags
