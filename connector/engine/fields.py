"""Planning registers: status, assignee, team and tags, merged three ways and written where they differ.

Order on a side: tags, assignee, team, status last, since assigning or writing may reopen a conversation.
What a side cannot do is settled as it stands, with one note to the agents there, and not tried again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.engine.actions import Action, Agreed, Carry, Contested, Form, Look, Put, Settle
from connector.engine.merge import Change, Outcome, awake, decide, merge_tags, open_side, tag_key
from connector.ports import AddTag, Assign, RemoveTag, SetStatus
from mappings.model import (
    OPEN,
    Assigned,
    AuthorKind,
    ChannelChanged,
    Message,
    Registers,
    Side,
    State,
    Status,
    StatusChanged,
    TagsChanged,
)
from state.ledger import Disposition, LedgerRow, row_of

if TYPE_CHECKING:
    from connector.engine.actions import Value
    from connector.engine.policy import Policy
    from connector.engine.snapshot import Snapshot
    from mappings.model import Entry, Part, Seconds

TITLES = {Side.DASHLY: "Dashly", Side.INTERCOM: "Intercom"}
REGISTER_OF: dict[type, str] = {
    StatusChanged: "status",
    Assigned: "assignee",
    TagsChanged: "tags",
    ChannelChanged: "team",
}


@dataclass(frozen=True, slots=True)
class Merged:
    """Register actions in order, and what became of each side's changes: register → disposition."""

    actions: tuple[Action, ...]
    fate: dict[tuple[Side, str], Disposition]


def plan_fields(snapshot: Snapshot, policy: Policy, *, wrote: frozenset[Side]) -> Merged:
    """Plan the registers of one conversation; ``wrote`` are the sides to which words were planned before."""
    return _Merger(snapshot, policy, wrote).plan()


def fate_rows(parts: tuple[Part, ...], fate: dict[tuple[Side, str], Disposition]) -> tuple[LedgerRow, ...]:
    """Return the ledger rows of parts that changed registers only: the newest has its register's fate."""
    rows: list[LedgerRow] = []
    decided: set[tuple[Side, str]] = set()
    for part in reversed(parts):
        keys = [(part.side, name) for name in registers_of(part)]
        fresh = [fate[key] for key in keys if key in fate and key not in decided]
        decided.update(keys)
        rows.append(row_of(part, fresh[0] if fresh else Disposition.ABSORBED))
    return tuple(reversed(rows))


def registers_of(part: Part) -> list[str]:
    """Return the names of the registers that a part touched."""
    return [name for entry in part.entries if (name := _register(entry))]


def _register(entry: Entry) -> str | None:
    if isinstance(entry, Assigned) and entry.team and not entry.assignee:
        return "team"
    return REGISTER_OF.get(type(entry))


class _Merger:
    def __init__(self, snapshot: Snapshot, policy: Policy, wrote: frozenset[Side]) -> None:
        self._snapshot = snapshot
        self._policy = policy
        self._wrote = wrote
        self._now = {side: self._awake(snapshot.registers(side)) for side in Side}
        self._base = {side: self._awake(snapshot.base(side)) for side in Side}
        self._actions: list[Action] = []
        self._fate: dict[tuple[Side, str], Disposition] = {}

    def _awake(self, registers: Registers) -> Registers:
        return replace(registers, status=awake(registers.status, self._snapshot.now[Side.INTERCOM]))

    def plan(self) -> Merged:
        self._tags()
        self._one("assignee", same=self._same_assignee())
        self._one("team", same=self._same_team())
        self._status()
        return Merged(tuple(self._actions), self._fate)

    # -- one valued register ------------------------------------------------------------------------

    def _changes(self, register: str) -> dict[Side, Change[Value]]:
        return {
            side: Change(
                getattr(self._now[side], register),
                getattr(self._base[side], register),
                self._changed_at(side, register),
            )
            for side in Side
        }

    def _changed_at(self, side: Side, register: str) -> Seconds | None:
        times = [part.created for part in self._snapshot.new_parts(side) if register in registers_of(part)]
        return max(times, default=None)

    def _outcome(self, register: str, *, same: bool) -> Outcome:
        changes = self._changes(register)
        tie = self._snapshot.pair.origin
        if register == "status":
            tie = open_side({side: self._now[side].status for side in Side}, tie)
        outcome = decide(changes, same=same, prefer=self._policy.prefer, skew=self._snapshot.skew, tie=tie)
        if outcome.rule:
            shown = tuple((side, _words(changes[side].now)) for side in Side)
            self._actions.append(Contested(register, shown, outcome.winner or "nobody", outcome.rule))
        return outcome

    def _one(self, register: str, *, same: bool) -> None:
        outcome = self._outcome(register, same=same)
        if outcome.agree:
            self._settle(register)
        elif outcome.winner is not None:
            self._carry_over(outcome.winner, register)

    def _settle(self, register: str, *sides: Side) -> None:
        chosen = sides or tuple(Side)
        self._actions.append(
            Settle(tuple(Agreed(s, register, getattr(self._now[s], register)) for s in chosen))
        )

    def _carry_over(self, winner: Side, register: str) -> None:
        target = winner.other
        if winner not in self._policy.sources:
            self._settle(register, winner)
            return
        value = getattr(self._now[winner], register)
        wanted, possible = self._translate(winner, register, value)
        if not possible:
            self._unsupported(winner, register)
            return
        self._fate[winner, register] = Disposition.STATE
        agreed = (Agreed(winner, register, value), Agreed(target, register, wanted))
        if wanted == getattr(self._now[target], register) and register != "status":
            self._actions.append(Settle(agreed))
            return
        write = self._write(target, register, wanted)
        self._actions.append(Put(target, register, write, agreed))

    def _write(self, target: Side, register: str, value: Value) -> Assign | SetStatus:
        actor = self._policy.default_agent[target]
        conversation = self._snapshot.pair.ids.get(target, "")
        if isinstance(value, Status):
            return SetStatus(conversation, actor, value)
        if register == "team":
            return Assign(conversation, actor, team=str(value) if value else None)
        return Assign(conversation, actor, assignee=str(value) if value else None)

    def _translate(self, source: Side, register: str, value: Value) -> tuple[Value, bool]:
        """Return a value in the other side's terms, and whether that side can take it."""
        target = source.other
        ability = self._policy.abilities[target]
        if isinstance(value, Status):
            return value, value.state in ability.states
        if register == "team":
            if target is Side.DASHLY:
                return None, False
            team = self._policy.channels.get(str(value or ""))
            return team, team is not None
        twin = self._policy.agents.of(source, str(value) if value else None)
        return twin, twin is not None or value is None

    def _same_assignee(self) -> bool:
        dashly, intercom = (self._now[side].assignee for side in (Side.DASHLY, Side.INTERCOM))
        if dashly is None or intercom is None:
            return dashly is intercom
        agents = self._policy.agents
        return agents.of(Side.DASHLY, dashly) == intercom or agents.of(Side.INTERCOM, intercom) == dashly

    def _same_team(self) -> bool:
        dashly, intercom = (self._now[side].team for side in (Side.DASHLY, Side.INTERCOM))
        return dashly is intercom is None or self._policy.channels.get(dashly or "") == intercom

    # -- status ------------------------------------------------------------------------------------

    def _status(self) -> None:
        same = self._now[Side.DASHLY].status == self._now[Side.INTERCOM].status
        outcome = self._outcome("status", same=same)
        winner = outcome.winner
        if winner and self._now[winner].status.state is State.CLOSED and self._customer_came_later(winner):
            self._reopen(winner)
        elif outcome.agree:
            self._settle("status")
            self._ensure(*Side)
        elif winner is None:
            self._ensure(*(side for side in Side if not self._awaits_answer(side.other)))
        elif winner is Side.INTERCOM and self._reopens_by_itself():
            self._actions.append(Look(Side.DASHLY))
        else:
            self._carry_over(winner, "status")
            self._ensure(winner)

    def _awaits_answer(self, side: Side) -> bool:
        """Tell whether a customer just wrote on a side: then the copy may stay open on the other."""
        return not self._snapshot.backfill and bool(self._customer_times(side))

    def _customer_came_later(self, closed: Side) -> bool:
        closed_at = self._changed_at(closed, "status")
        return closed_at is not None and any(at > closed_at for at in self._customer_times())

    def _customer_times(self, *sides: Side) -> list[Seconds]:
        return [
            part.created
            for side in sides or Side
            for part in self._snapshot.new_parts(side)
            if part.author.kind is AuthorKind.CUSTOMER and isinstance(part.words, Message)
        ]

    def _reopen(self, closed: Side) -> None:
        """A customer wrote after the closing: open wins. Words already planned reopen what they reach."""
        if closed.other not in self._policy.sources:
            self._settle("status", closed)
            return
        if State.OPEN not in self._policy.abilities[closed].states:
            self._actions.append(Look(closed))
            return
        write = SetStatus(self._snapshot.pair.ids.get(closed, ""), self._policy.default_agent[closed], OPEN)
        other = closed.other
        agreed = (Agreed(closed, "status", OPEN), Agreed(other, "status", self._now[other].status))
        self._actions.append(Put(closed, "status", write, agreed))

    def _reopens_by_itself(self) -> bool:
        """Tell whether a customer's message that is planned for Dashly is expected to reopen it there."""
        open_there = self._now[Side.INTERCOM].status.state is State.OPEN
        return open_there and bool(self._customer_times(Side.INTERCOM))

    def _ensure(self, *sides: Side) -> None:
        """Writing words may reopen a conversation: afterwards put the status back where it was."""
        for target in sides:
            status = self._now[target].status
            able = status.state in self._policy.abilities[target].states
            if target in self._wrote and status.state is not State.OPEN and able:
                write = SetStatus(
                    self._snapshot.pair.ids.get(target, ""), self._policy.default_agent[target], status
                )
                self._actions.append(Put(target, "status", write))

    # -- what cannot be done -----------------------------------------------------------------------

    def _unsupported(self, winner: Side, register: str) -> None:
        target = winner.other
        self._fate[winner, register] = Disposition.UNSUPPORTED
        self._settle(register, *(Side if self._snapshot.pair.linked else (winner,)))
        event = self._event(winner, register)
        if self._quiet(event, register, winner) or not self._snapshot.pair.linked:
            return
        value = _words(getattr(self._now[winner], register))
        who = f" by {event.author.name}" if event is not None and event.author.name else ""
        digest = hashlib.sha256(f"{register}={value}".encode()).hexdigest()[:8]
        source = event.id if event is not None else self._snapshot.pair.ids[winner]
        self._actions.append(
            Carry(
                target=target,
                form=Form.NOTE,
                marker=self._policy.marker(winner, source, f":{register}-{digest}"),
                source=source,
                text=(
                    f"In {TITLES[winner]} the {register} is now: {value}{who}. "
                    f"{TITLES[target]} cannot show this."
                ),
                agent=self._policy.default_agent[target],
                created=self._snapshot.now[target],
            )
        )

    def _event(self, side: Side, register: str) -> Part | None:
        events = [part for part in self._snapshot.new_parts(side) if register in registers_of(part)]
        return events[-1] if events else None

    def _quiet(self, event: Part | None, register: str, winner: Side) -> bool:
        """Tell whether a difference needs no note: history, people without a counterpart, a timer."""
        old = event is not None and self._snapshot.now[winner] - event.created > self._policy.max_age
        timer = event is not None and event.type.startswith("timer_")
        return self._snapshot.backfill or old or timer or register == "assignee"

    # -- tags --------------------------------------------------------------------------------------

    def _tags(self) -> None:
        now = {side: self._keys(side, self._now[side].tags) for side in Side}
        base = {side: self._keys(side, self._base[side].tags) for side in Side}
        wanted = merge_tags(
            {side: frozenset(now[side]) for side in Side}, {side: frozenset(base[side]) for side in Side}
        )
        for target in Side:
            self._bring_tags(target, now, wanted[target])
        for side in Side:
            if set(now[side]) != set(base[side]):
                self._fate.setdefault((side, "tags"), Disposition.STATE)
        if any(set(now[side]) != set(base[side]) for side in Side):
            self._actions.append(Settle(self._tags_agreed(now, wanted)))

    def _tags_agreed(
        self, now: dict[Side, dict[str, str]], wanted: dict[Side, frozenset[str]]
    ) -> tuple[Agreed, ...]:
        return tuple(
            Agreed(
                side,
                "tags",
                frozenset(now[side].get(key) or self._spell(side, key, now) for key in wanted[side])
                if self._can_tag(side)
                else self._now[side].tags,
            )
            for side in Side
        )

    def _can_tag(self, target: Side) -> bool:
        return self._policy.abilities[target].tags and target.other in self._policy.sources

    def _bring_tags(self, target: Side, now: dict[Side, dict[str, str]], wanted: frozenset[str]) -> None:
        missing = sorted(wanted - set(now[target]))
        surplus = sorted(set(now[target]) - wanted)
        if not missing and not surplus:
            return
        if not self._can_tag(target):
            if target.other in self._policy.sources:
                self._unsupported(target.other, "tags")
            return
        actor = self._policy.default_agent[target]
        conversation = self._snapshot.pair.ids.get(target, "")
        for key in missing:
            write = AddTag(conversation, actor, self._spell(target, key, now))
            self._actions.append(Put(target, "tags", write))
        for key in surplus:
            self._actions.append(Put(target, "tags", RemoveTag(conversation, actor, now[target][key])))

    def _keys(self, side: Side, tags: frozenset[str]) -> dict[str, str]:
        renamed = self._policy.tags if side is Side.DASHLY else {}
        return {tag_key(renamed.get(tag, tag)): tag for tag in sorted(tags)}

    def _spell(self, target: Side, key: str, now: dict[Side, dict[str, str]]) -> str:
        name = now[target.other].get(key) or key
        if target is Side.INTERCOM:
            return self._policy.tags.get(name, name)
        back = {tag_key(intercom): dashly for dashly, intercom in self._policy.tags.items()}
        return back.get(key, name)


def _words(value: Value) -> str:
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
