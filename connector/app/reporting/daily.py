"""Figures day by day without gaps, as the plots show them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from connector.errors import ExitCode
from mappings.model import Side
from mappings.names import TITLES
from state.counts.figures import summed
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from state.counts.figures import Totals

LONGEST = 366
HISTORY = "backfill"
_ENDINGS = {
    "in order": {ExitCode.CLEAN, ExitCode.LOCKED},
    "something new to look at": {ExitCode.ATTENTION},
    "failed, runs again": {ExitCode.FAILED, ExitCode.USAGE, ExitCode.ABORTED},
    "stopped by a limit": {ExitCode.RAIL},
    "a person was needed": {ExitCode.PERSON},
}
_KINDS = {
    "messages": {Disposition.COPIED},
    "notes": {Disposition.NOTE},
    "in transcripts": {Disposition.TRANSCRIPT},
    "changes of state": {Disposition.STATE, Disposition.ABSORBED},
    "left out": {Disposition.SKIPPED, Disposition.UNSUPPORTED, Disposition.QUARANTINED},
}


@dataclass(frozen=True, slots=True)
class Series:
    """One figure by day; None where nothing is known of a day."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Daily:
    """The days that are shown, oldest first, and the figures of each by command."""

    days: tuple[date, ...]
    commands: tuple[Mapping[str, Totals], ...]

    @property
    def totals(self) -> tuple[Totals, ...]:
        """Return the figures of each day, whatever command they are of."""
        return tuple(map(summed, self.commands))

    def endings(self) -> tuple[Series, ...]:
        """Return how runs ended."""
        return self.sums(
            "exit_codes", {name: {str(int(c)) for c in codes} for name, codes in _ENDINGS.items()}
        )

    def live(self) -> tuple[Series, ...]:
        """Return what became of parts that were met while both sides were kept in step."""
        return self._parts(lambda command: command != HISTORY)

    def history(self) -> tuple[Series, ...]:
        """Return what became of parts that a backfill met: they would hide the others."""
        return self._parts(lambda command: command == HISTORY)

    def _parts(self, wanted: Callable[[str], bool]) -> tuple[Series, ...]:
        kept = tuple({name: totals for name, totals in day.items() if wanted(name)} for day in self.commands)
        rows = {name: {d.value for d in kinds} for name, kinds in _KINDS.items()}
        return replace(self, commands=kept).sums("parts", rows)

    def requests(self) -> tuple[Series, ...]:
        """Return the requests to each side."""
        return self.sums("requests", {TITLES[side]: {side.value} for side in Side})

    def lag(self) -> tuple[Series, ...]:
        """Return how far behind each side was at the end of a run, on average."""
        return tuple(Series(TITLES[side], tuple(_mean(day, side) for day in self.commands)) for side in Side)

    def sums(self, table: str, rows: Mapping[str, set[str]]) -> tuple[Series, ...]:
        """Return the sums of some keys of one table, by name."""
        totals = self.totals
        return tuple(
            Series(name, tuple(_sum(day, table, keys) for day in totals)) for name, keys in rows.items()
        )


def daily(found: Mapping[str, Mapping[str, Totals]], today: date) -> Daily:
    """Return the days from the first one known, a year ago at most, to today; none when nothing is known."""
    if not found:
        return Daily((), ())
    first = max(date.fromisoformat(min(found)), today - timedelta(days=LONGEST - 1))
    days = tuple(_days(first, today))
    return Daily(days, tuple(found.get(day.isoformat(), {}) for day in days))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _sum(totals: Totals, table: str, keys: set[str]) -> float:
    return float(sum(count for key, count in totals.get(table, {}).items() if key in keys))


def _mean(commands: Mapping[str, Totals], side: Side) -> float | None:
    told = [totals for totals in commands.values() if side.value in totals.get("lag_seconds", {})]
    runs = sum(sum(totals["exit_codes"].values()) for totals in told)
    return sum(totals["lag_seconds"][side.value] for totals in told) / runs if runs else None
