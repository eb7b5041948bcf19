"""What the planning of registers stands on: both sides now and when they agreed, and what was decided so far.

What a side cannot do is settled as it stands, with one note to the agents there, and not tried again.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.engine.actions import Action, Agreed, Carry, Contested, Form, Settle
from connector.engine.merge import Change, Outcome, awake, decide
from connector.engine.telling import TITLES
from mappings.characters import one_line
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
from mappings.names import label
from state.ledger import Disposition

if TYPE_CHECKING:
    from connector.engine.actions import Value
    from connector.engine.policy import Policy
    from connector.engine.snapshot import Snapshot
    from mappings.model import Entry, Part, Seconds

AT_ONCE = 2.0

REGISTER_OF: dict[type, str] = {
    StatusChanged: "status",
    Assigned: "assignee",
    TagsChanged: "tags",
    ChannelChanged: "team",
}


def registers_of(part: Part) -> list[str]:
    """Return the names of the registers that a part touched."""
    return [name for entry in part.entries if (name := _register(entry))]


def _register(entry: Entry) -> str | None:
    if isinstance(entry, Assigned) and entry.team and not entry.assignee:
        return "team"
    return REGISTER_OF.get(type(entry))


class Ground:
    """The registers of one pair while they are planned; ``wrote`` are the sides that get words."""

    def __init__(self, snapshot: Snapshot, policy: Policy, wrote: frozenset[Side]) -> None:
        self.snapshot = snapshot
        self.policy = policy
        self.wrote = wrote
        self.now = {side: self._awake(snapshot.registers(side)) for side in Side}
        self.base = {side: self._awake(snapshot.base(side)) for side in Side}
        self.actions: list[Action] = []
        self.fate: dict[tuple[Side, str], Disposition] = {}

    def _awake(self, registers: Registers) -> Registers:
        return replace(registers, status=awake(registers.status, self.snapshot.now[Side.INTERCOM]))

    def conversation(self, side: Side) -> str:
        """Return the conversation's id on a side; empty while its mirror is not made."""
        return self.snapshot.pair.ids.get(side, "")

    def changed_at(self, side: Side, register: str) -> Seconds | None:
        """Return when a side last changed a register, as far as its new parts tell."""
        event = self.event(side, register)
        return None if event is None else event.created

    def event(self, side: Side, register: str) -> Part | None:
        """Return the newest new part of a side that touched a register."""
        events = [part for part in self.snapshot.new_parts(side) if register in registers_of(part)]
        return max(events, key=lambda part: part.order, default=None)

    def is_our_doing(self, side: Side, register: str) -> bool:
        """Tell whether a change came with words that we wrote there, as an assignment comes with a reply."""
        event = self.event(side, register)
        if event is None:
            return False
        known = self.snapshot.ledger[side]
        ours = [part for part in self.snapshot.views[side].parts if part.id in known and known[part.id].ours]
        return any(
            abs(part.created - event.created) <= AT_ONCE
            and any(isinstance(e, Assigned) and e.assignee == part.author.id for e in event.entries)
            for part in ours
        )

    def actor(self, source: Side, register: str) -> str:
        """Return who of the other side stands for the person that changed a register, or the default."""
        event = self.event(source, register)
        author = event.author if event is not None else None
        agent = author.id if author is not None and author.kind is AuthorKind.AGENT else None
        return self.policy.agents.of(source, agent) or self.policy.default_agent[source.other]

    def outcome(self, register: str, *, same: bool, tie: Side) -> Outcome:
        """Merge one register; a conflict is kept for the record."""
        changes = {
            side: Change(
                getattr(self.now[side], register),
                getattr(self.base[side], register),
                self.changed_at(side, register),
            )
            for side in Side
        }
        merged = decide(changes, same=same, prefer=self.policy.prefer, skew=self.snapshot.skew, tie=tie)
        if merged.rule:
            shown = tuple(self.shown(register).items())
            self.actions.append(Contested(register, shown, merged.winner or "nobody", merged.rule))
        return merged

    def shown(self, register: str) -> dict[Side, str]:
        """Return what each side shows of a register, as a person reads it."""
        return {side: self._told(side, register) for side in Side}

    def _told(self, side: Side, register: str) -> str:
        now = getattr(self.now[side], register)
        return self.policy.names[side].get(now, now) if isinstance(now, str) else in_words(now)

    def settle(self, register: str, *sides: Side) -> None:
        """Take a register as settled as it stands, on the given sides or on both."""
        chosen = sides or tuple(Side)
        agreed = tuple(Agreed(side, register, getattr(self.now[side], register)) for side in chosen)
        self.actions.append(Settle(agreed))

    def unsupported(self, winner: Side, register: str) -> None:
        """Settle a difference that the other side cannot show, with one note there when it is news."""
        linked = self.snapshot.pair.linked
        self.fate[winner, register] = Disposition.UNSUPPORTED
        event = self.event(winner, register)
        reachable = linked or winner.other in self.wrote
        if reachable and not self._quiet(event, register, winner):
            self.actions.append(self._note(winner, register, event))
        self.settle(register, *(Side if linked else (winner,)))

    def _note(self, winner: Side, register: str, event: Part | None) -> Carry:
        target = winner.other
        value = self._told(winner, register)
        who = label(event.author) if event is not None and event.author.name else "Somebody"
        digest = hashlib.sha256(f"{register}={value}".encode()).hexdigest()[:8]
        source = event.id if event is not None else self.conversation(winner)
        return Carry(
            target=target,
            form=Form.NOTE,
            marker=self.policy.marker(winner, source, f":{register}-{digest}"),
            source=source,
            text=(
                f"{who} changed the {register} in {TITLES[winner]}, it is now: {one_line(value)}. "
                f"{TITLES[target]} cannot show this."
            ),
            agent=self.policy.default_agent[target],
            created=self.snapshot.now[target],
        )

    def _quiet(self, event: Part | None, register: str, winner: Side) -> bool:
        """Tell whether a difference needs no note: history, people without a counterpart, a timer."""
        old = event is not None and self.snapshot.now[winner] - event.created > self.policy.max_age
        timer = event is not None and event.type.startswith("timer_")
        return self.snapshot.backfill or old or timer or register == "assignee"


def in_words(value: Value) -> str:
    """Return a register's value as a person reads it."""
    match value:
        case Status(state=State.SNOOZED, until=float() | int() as until):
            return f"snoozed until {datetime.fromtimestamp(until, UTC):%Y-%m-%d %H:%M} UTC"
        case Status():
            return value.state
        case frozenset():
            return ", ".join(sorted(value)) or "no tags"
        case None:
            return "nobody"
        case _:
            return str(value)
