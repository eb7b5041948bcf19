"""The pushes of one side, in order, and the rules by which they are lost, doubled or delayed."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from connector.sandbox.clock import SideClock

Trouble: TypeAlias = Literal["lose", "double", "late", "swap", "cut"]
CUT = "cut"
"""The channel of an entry that is no push: whoever meets it loses the connection."""


@dataclass(frozen=True, slots=True)
class Push:
    """That something happened in a conversation; `part` is 0 when it is about the whole."""

    channel: str
    conversation: int
    part: int
    at: float


@dataclass(slots=True)
class Disturbance:
    """One rule: the pushes of which channels are lost, doubled, late, swapped with the next, or cut off.

    A `late` push waits for `seconds` of virtual time.
    """

    kind: Trouble
    channel: str = ".*"
    times: int = 1
    seconds: float = 0.0
    used: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Trouble):
            raise ValueError(f"unknown kind of disturbance: {self.kind}")

    def strikes(self, push: Push) -> bool:
        """Say whether this rule strikes a push, and count it."""
        if self.used >= self.times or not re.fullmatch(self.channel, push.channel):
            return False
        self.used += 1
        return True


@dataclass(slots=True)
class PushLog:
    """All pushes of one side; listeners read on from a position."""

    clock: SideClock
    entries: list[Push] = field(default_factory=list)
    rules: list[Disturbance] = field(default_factory=list)
    _late: list[tuple[float, Push]] = field(default_factory=list)
    _swapped: list[Push] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def emit(self, channel: str, conversation: int, part: int = 0) -> None:
        """Tell what happened, struck by the first rule that fits."""
        push = Push(channel, conversation, part, self.clock.now())
        rule = next((rule for rule in self.rules if rule.strikes(push)), None)
        with self._changed:
            if rule is None:
                self.entries.append(push)
                self.entries += self._swapped
                self._swapped = []
            else:
                self._disturb(rule, push)
            self._changed.notify_all()

    def after(self, position: int, patience: float) -> list[Push]:
        """Return the entries from a position on, waiting up to `patience` real seconds for one."""
        with self._changed:
            self._release()
            if len(self.entries) <= position:
                self._changed.wait(patience)
                self._release()
            return self.entries[position:]

    def _disturb(self, rule: Disturbance, push: Push) -> None:
        match rule.kind:
            case "lose":
                return
            case "double":
                self.entries += [push, push]
            case "late":
                self._late.append((self.clock.steady() + rule.seconds, push))
            case "swap":
                self._swapped.append(push)
            case "cut":
                self.entries += [Push(CUT, 0, 0, push.at), push]

    def _release(self) -> None:
        now = self.clock.steady()
        self.entries += [push for due, push in self._late if due <= now]
        self._late = [item for item in self._late if item[0] > now]
