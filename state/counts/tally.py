"""Counting parts: each once, by the run that gives it a row in the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mappings.model import Loss, LossKind, Side
    from state.records import Disposition


@dataclass
class PartTally:
    """What became of parts since the file was opened, and which were seen of which nothing became yet.

    ``losses`` are what the other side does not show of the counted ones.
    """

    counted: Counter[Disposition] = field(default_factory=Counter)
    losses: Counter[LossKind] = field(default_factory=Counter)
    waiting: set[tuple[int, Side, str]] = field(default_factory=set)

    def seen(self, conversation: int, side: Side, parts: Iterable[str]) -> None:
        """Remember parts that the ledger does not know."""
        self.waiting.update((conversation, side, part) for part in parts)

    def dealt_with(self, conversation: int, side: Side, part: str) -> None:
        """Take a part off those that wait."""
        self.waiting.discard((conversation, side, part))

    def count(self, disposition: Disposition, losses: Iterable[Loss]) -> None:
        """Count a part that no earlier run counted, and what is lost of it."""
        self.counted[disposition] += 1
        self.losses.update(loss.kind for loss in losses)
