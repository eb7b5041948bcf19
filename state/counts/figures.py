"""Figures about the whole ledger and log, for people; no run needs them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from state.codes import DISPOSITION_OF, SIDE_OF
from state.progress import added, day_of
from state.records import load_losses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import LossKind, Side
    from state.access.transactions import Transactions
    from state.records import Disposition

Totals = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Fate:
    """How many parts of one type of a side have one disposition."""

    side: Side
    type: str
    disposition: Disposition
    count: int


class Figures:
    """Counts over everything that the file remembers."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def fates(self) -> tuple[Fate, ...]:
        """Return what became of the parts that people made, by side and type."""
        rows = self._file.read(
            "SELECT side, words.word AS type, disposition, count(*) AS n FROM parts "
            "JOIN words ON words.code = parts.type WHERE ours = 0 "
            "GROUP BY side, words.word, disposition ORDER BY side, words.word, disposition"
        )
        return tuple(
            Fate(SIDE_OF[row["side"]], row["type"], DISPOSITION_OF[row["disposition"]], row["n"])
            for row in rows
        )

    def losses(self) -> dict[LossKind, int]:
        """Return how often each kind of thing could not be shown on the other side."""
        found: Counter[LossKind] = Counter()
        for row in self._file.read(
            "SELECT losses, count(*) AS n FROM parts WHERE losses IS NOT NULL GROUP BY losses"
        ):
            for loss in load_losses(row["losses"]):
                found[loss.kind] += row["n"]
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def by_day(self) -> dict[str, dict[str, Totals]]:
        """Return for each day with runs, and each command, every figure of their reports summed."""
        found: dict[str, dict[str, Totals]] = {}
        for row in self._file.read("SELECT day, command, totals FROM days ORDER BY day, command"):
            found.setdefault(row["day"], {})[row["command"]] = json.loads(row["totals"])
        # What is younger than the days that were added up already.
        recent = self._file.read(
            "SELECT command, started, exit_code, report FROM runs WHERE report IS NOT NULL ORDER BY number"
        )
        for row in recent:
            day = found.setdefault(day_of(row["started"]), {})
            known = day.get(row["command"], {})
            day[row["command"]] = added(known, row["exit_code"], json.loads(row["report"]))
        return dict(sorted(found.items()))


def summed(totals: Mapping[str, Totals]) -> Totals:
    """Return the figures of several commands as one."""
    found: dict[str, Counter[str]] = {}
    for tables in totals.values():
        for name, table in tables.items():
            found.setdefault(name, Counter()).update(table)
    return {name: dict(table) for name, table in found.items()}
