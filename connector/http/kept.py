"""Lists that change seldom, remembered between processes for as long as the manual allows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from mappings.model import Seconds

LONGEST: Seconds = 3600.0  # who works there, and what can be put on a conversation


class KeptText(Protocol):
    """Where lists of one side are kept: by their name, with the time at which they were read."""

    def get(self, name: str) -> tuple[Seconds, str] | None:
        """Return when a list was read and its rows, or None."""

    def put(self, name: str, at: Seconds, text: str) -> None:
        """Keep a list."""


@dataclass(frozen=True)
class KeptLists:
    """The lists of one side that were read not long ago."""

    kept: KeptText
    clock: Clock

    def rows(self, name: str) -> list[dict[str, Any]] | None:
        """Return the rows of a list; None when they are unknown or too old."""
        found = self.kept.get(name)
        # One from the future was read by a clock that was wrong.
        if found is None or not 0 <= self.clock.now() - found[0] < LONGEST:
            return None
        rows: list[dict[str, Any]] = json.loads(found[1])
        return rows

    def keep(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Keep the rows of a list that was just read."""
        self.kept.put(name, self.clock.now(), json.dumps(rows))
