"""What finding and remembering pairs stands on."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.plan.policy import Policy
    from connector.engine.read.reader import Reader
    from connector.engine.run.report import Report
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from mappings.model import Side
    from state.store import Store


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """The memory that pairs are written to, and the sides and the rules by which they are found.

    ``due`` says that a pair that was found is worked on by this run. ``one_at_a_time`` is held while a pair
    is written: two threads may hold the two ends of one.
    """

    store: Store
    helpdesks: Mapping[Side, Helpdesk]
    clock: Clock
    policy: Policy
    reader: Reader
    report: Report
    due: bool = True
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
