"""What carrying out one plan needs, and what it finds out on its way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mappings.model import Registers, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.plan.snapshot import Snapshot
    from connector.engine.write.job import Made
    from mappings.model import Conversation, Loss, Part, Seconds
    from state.records import LedgerRow


@dataclass
class Execution:
    """One plan being carried out.

    ``carries`` are by marker the ledger rows that the last piece of some words will complete.
    ``ids`` are those of the conversation on each side where there is one.
    ``shown`` are the registers of each side as last seen, None where they may have changed since; ``wrote``
    and ``look`` say which sides to read again, ``answered`` how they answered to the last write, where that
    showed the whole conversation, ``stirred`` where our words may have moved registers unseen; ``stale``
    that the rest of the plan must be made again.
    ``spent`` is by part how many seconds its files took so far.
    ``named`` are losses found while sending, by the part whose files they are about; ``refused_tags`` the
    tags of which a side refused a change, with whether the tag stays there.
    """

    snapshot: Snapshot
    carries: Mapping[str, tuple[LedgerRow, ...]] = field(default_factory=dict)
    wrote: set[Side] = field(default_factory=set)
    look: set[Side] = field(default_factory=set)
    answered: dict[Side, Conversation] = field(default_factory=dict)
    stirred: set[Side] = field(default_factory=set)
    stale: bool = False
    named: dict[str, tuple[Loss, ...]] = field(default_factory=dict)
    refused_tags: dict[Side, dict[str, bool]] = field(default_factory=lambda: {side: {} for side in Side})
    spent: defaultdict[str, Seconds] = field(default_factory=lambda: defaultdict(float))
    ids: Mapping[Side, str] = field(init=False)
    shown: dict[Side, Registers | None] = field(init=False)

    def __post_init__(self) -> None:
        views = self.snapshot.views
        self.ids = self.snapshot.pair.ids
        self.shown = {side: self.snapshot.registers(side) if side in views else None for side in Side}

    @property
    def row(self) -> int:
        """Return the pair's row."""
        return self.snapshot.pair.row

    def wrote_to(self, side: Side, made: Made | None) -> bool:
        """Remember a write and how the side answered to it; tell whether that showed the conversation."""
        self.wrote.add(side)
        self.answered.pop(side, None)  # an answer to an earlier write does not show this one
        if made is None or made.view is None:
            return False
        self.answered[side] = made.view
        self.shown[side] = made.view.registers
        self.look.discard(side)
        return True

    def shown_before(self, side: Side) -> tuple[Part, ...]:
        """Return the parts that a side showed when the plan was made."""
        view = self.snapshot.views.get(side)
        return tuple(view.parts) if view is not None else ()
