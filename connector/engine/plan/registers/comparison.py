"""What each side shows of the registers now, and what it showed when both last meant the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Agreed, SetBase
from connector.engine.plan.registers.three_way import Change, awake, merge
from mappings.model import (
    Assigned,
    AuthorKind,
    ChannelChanged,
    Registers,
    Side,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from mappings.registers import Register, value_of
from mappings.sentences import Sentence
from mappings.wording import PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.plan.policy import Policy
    from connector.engine.plan.registers.three_way import Outcome
    from connector.engine.plan.snapshot import Snapshot
    from mappings.model import Entry, Part
    from mappings.registers import Value
    from mappings.wording import Wording

# Dashly assigns an unassigned conversation to whoever answers it; times are whole seconds, so the assignment
# may have the second before or after that of the answer.
SAME_MOMENT = 2.0

_STATES = {
    State.OPEN: Sentence.IS_OPEN,
    State.CLOSED: Sentence.IS_CLOSED,
    State.SNOOZED: Sentence.IS_SNOOZED,
}
REGISTER_OF: dict[type, Register] = {
    StatusChanged: Register.STATUS,
    Assigned: Register.ASSIGNEE,
    TagsChanged: Register.TAGS,
    ChannelChanged: Register.TEAM,
}


def registers_of(part: Part) -> list[Register]:
    """Return the registers that a part touched."""
    return [register for entry in part.entries if (register := _register(entry))]


def _register(entry: Entry) -> Register | None:
    # Intercom assigns to a person, to a team, or to both; with both the person is what changed hands.
    if isinstance(entry, Assigned) and entry.team and not entry.assignee:
        return Register.TEAM
    return REGISTER_OF.get(type(entry))


@dataclass(frozen=True, slots=True)
class RegisterComparison:
    """The registers of both sides of a pair, now and at their base: it only answers questions.

    A snooze that has run out counts as open in both, since nobody acts when a timer ends.
    """

    snapshot: Snapshot
    policy: Policy
    now: Mapping[Side, Registers]
    base: Mapping[Side, Registers]

    def value(self, side: Side, register: Register) -> Value:
        """Return what a side shows of a register now."""
        return value_of(self.now[side], register)

    def changes(self, register: Register) -> dict[Side, Change[Value]]:
        """Return a register's change on each side, with its time as far as new parts tell it."""
        return {
            side: Change(
                self.value(side, register),
                value_of(self.base[side], register),
                None if (event := self.event(side, register)) is None else event.created,
            )
            for side in Side
        }

    def outcome(self, register: Register, *, same: bool, tie: Side) -> Outcome:
        """Merge a register; ``same`` says that both values mean the same, ``tie`` wins an undecidable tie."""
        return merge(
            self.changes(register), same=same, prefer=self.policy.prefer, skew=self.snapshot.skew, tie=tie
        )

    def event(self, side: Side, register: Register) -> Part | None:
        """Return the newest new part of a side that touched a register."""
        events = [part for part in self.snapshot.new_parts(side) if register in registers_of(part)]
        return max(events, key=lambda part: part.order, default=None)

    def cause(self, side: Side, register: Register) -> Part | None:
        """Return the newest new part that touched a register, unless it set a status that is not shown now.

        An answer reopens without an event of its own: whoever closed before did not open.
        """
        event = self.event(side, register)
        entries = event.entries if event is not None else ()
        statuses = [entry.status.state for entry in entries if isinstance(entry, StatusChanged)]
        outlived = register is Register.STATUS and self.now[side].status.state not in statuses
        return None if outlived else event

    def actor(self, source: Side, register: Register) -> str:
        """Return the counterpart of the person who changed a register, or the default."""
        event = self.cause(source, register)
        author = event.author if event is not None else None
        # A customer who reopened or a rule that assigned has no counterpart that could act.
        agent = author.id if author is not None and author.kind is AuthorKind.AGENT else None
        return self.policy.agents.of(source, agent) or self.policy.default_agent[source.other]

    def came_with_our_words(self, side: Side, register: Register) -> bool:
        """Tell whether a side assigned the conversation by itself to the agent in whose name we wrote."""
        event = self.event(side, register)
        if event is None:
            return False
        known = self.snapshot.ledger[side]
        ours = [part for part in self.snapshot.views[side].parts if part.id in known and known[part.id].ours]
        return any(
            abs(part.created - event.created) <= SAME_MOMENT
            and any(isinstance(e, Assigned) and e.assignee == part.author.id for e in event.entries)
            for part in ours
        )

    def texts(self, register: Register) -> dict[Side, str]:
        """Return what each side shows of a register, as a person reads it."""
        return {side: self.text(side, register) for side in Side}

    def text(self, side: Side, register: Register) -> str:
        """Return what a side shows of a register, as a person reads it."""
        now = self.value(side, register)
        return self.policy.names[side].get(now, now) if isinstance(now, str) else as_text(now)

    def worded(self, side: Side, register: Register) -> str:
        """Return what a side shows of a register, as the agents of the other side read it."""
        now = self.value(side, register)
        if isinstance(now, str):
            return self.policy.names[side].get(now, now)
        return as_text(now, self.policy.wording)

    def base_as_shown(self, register: Register, *sides: Side) -> SetBase:
        """Return the action that makes a register as it is the base, on these sides or on both."""
        return SetBase(tuple(Agreed(side, register, self.value(side, register)) for side in sides or Side))


def compare(snapshot: Snapshot, policy: Policy) -> RegisterComparison:
    """Return the comparison of a pair's registers."""
    clock = snapshot.now[Side.INTERCOM]  # one clock for both sides, else equal snoozes would end apart

    def awakened(registers: Registers) -> Registers:
        return replace(registers, status=awake(registers.status, clock))

    return RegisterComparison(
        snapshot=snapshot,
        policy=policy,
        now={side: awakened(snapshot.registers(side)) for side in Side},
        base={side: awakened(snapshot.base(side)) for side in Side},
    )


def as_text(value: Value, wording: Wording = PLAIN) -> str:
    """Return a register's value as a person reads it."""
    match value:
        case Status(state=State.SNOOZED, until=float() | int() as until):
            return wording.say(Sentence.IS_SNOOZED_UNTIL, time=wording.minute(until))
        case Status():
            return wording.say(_STATES[value.state])
        case frozenset():
            return ", ".join(sorted(value)) or wording.say(Sentence.NO_TAGS)
        case None:
            return wording.say(Sentence.NOBODY)
        case _:
            return str(value)
