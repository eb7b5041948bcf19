"""Counting parts: each once, by the run that gives it a row in the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mappings.model import Side
    from state.records import Disposition


@dataclass
class PartTally:
    """What became of parts since the file was opened, and which were seen of which nothing became yet."""

    counted: Counter[Disposition] = field(default_factory=Counter)
    waiting: set[tuple[int, Side, str]] = field(default_factory=set)

    def seen(self, conversation: int, side: Side, parts: Iterable[str]) -> None:
        """Remember parts that the ledger does not know."""
        self.waiting.update((conversation, side, part) for part in parts)

    def dealt_with(
        self, conversation: int, side: Side, part: str, disposition: Disposition, *, counts: bool
    ) -> None:
        """Take a part off those that wait, and count it unless it was counted by an earlier run."""
        self.waiting.discard((conversation, side, part))
        self.counted[disposition] += counts
