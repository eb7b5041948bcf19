"""Three-way merge of registers: who wins when one side changed, or both.

Changed means: differs from what that side showed when both last agreed, judged on each side alone. Times of
the two sides are compared only when both give one for this very register.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from connector.config.choices import Prefer
from mappings.model import OPEN, Side, State, Status

if TYPE_CHECKING:
    from mappings.model import Seconds

V = TypeVar("V")

# Both APIs give times in whole seconds, so each may be off by almost one: two seconds beyond the clock skew.
MARGIN: Seconds = 2.0
# A conversation left open by mistake costs a glance, one closed by mistake costs a customer.
SAFETY = {State.CLOSED: 0, State.SNOOZED: 1, State.OPEN: 2}


class Rule(StrEnum):
    """What decided a conflict: the configuration, the newer event, or the side that wins a tie."""

    MANUAL = "manual"
    DASHLY = "dashly"
    INTERCOM = "intercom"
    NEWER = "newer"
    TIE = "tie"


@dataclass(frozen=True, slots=True)
class Change(Generic[V]):
    """A register of one side: now, when the sides last agreed, and the time of the change if known."""

    now: V
    base: V
    at: Seconds | None = None

    @property
    def changed(self) -> bool:
        """Tell whether this side changed since the sides agreed."""
        return self.now != self.base


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whose value holds; None when nothing changed, both agree (``agree``), or a person must decide.

    ``rule`` is set when both sides changed differently, which is a conflict.
    """

    winner: Side | None = None
    agree: bool = False
    rule: Rule | None = None


def merge(changes: dict[Side, Change[V]], *, same: bool, prefer: Prefer, skew: Seconds, tie: Side) -> Outcome:
    """Merge one register; ``same`` says that both values mean the same, ``tie`` wins an undecidable tie."""
    changed = [side for side in Side if changes[side].changed]
    if not changed:
        return Outcome()
    if same:
        return Outcome(agree=True)
    if len(changed) == 1:
        return Outcome(winner=changed[0])
    if prefer is Prefer.MANUAL:
        return Outcome(rule=Rule.MANUAL)
    if prefer in (Prefer.DASHLY, Prefer.INTERCOM):
        return Outcome(winner=Side(prefer.value), rule=Rule(prefer.value))
    newer = _newer(changes, skew)
    if newer is not None:
        return Outcome(winner=newer, rule=Rule.NEWER)
    return Outcome(winner=tie, rule=Rule.TIE)


def _newer(changes: dict[Side, Change[V]], skew: Seconds) -> Side | None:
    dashly, intercom = changes[Side.DASHLY].at, changes[Side.INTERCOM].at
    if dashly is None or intercom is None or abs(dashly - intercom) <= skew + MARGIN:
        return None
    return Side.DASHLY if dashly > intercom else Side.INTERCOM


def safer_side(values: dict[Side, Status], default: Side) -> Side:
    """Return the side whose status is safer to keep: open before snoozed before closed."""
    return max(default, default.other, key=lambda side: SAFETY[values[side].state])


def awake(status: Status, now: Seconds) -> Status:
    """Return the status with an expired snooze counted as open: the end of a timer is not a human act."""
    if status.state is State.SNOOZED and status.until is not None and status.until <= now:
        return OPEN
    return status


def merge_tags(
    now: dict[Side, frozenset[str]], base: dict[Side, frozenset[str]]
) -> dict[Side, frozenset[str]]:
    """Return the wanted tag keys of each side: (own base - removed by either) + added by either."""
    removed = frozenset[str]().union(*(base[side] - now[side] for side in Side))
    added = frozenset[str]().union(*(now[side] - base[side] for side in Side))
    return {side: (now[side] - removed) | added for side in Side}
