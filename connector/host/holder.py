"""Who holds the lock of a state file, and whether they are at work or hang."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import Hanging
from connector.host.amounts import age
from state.steps import last_step

if TYPE_CHECKING:
    from mappings.model import Seconds
    from state.access.place import Place

HANGS_AFTER: Seconds = 600.0
NO_RUN = "-"
UNKNOWN = "unknown"
_PROCESS = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class Holder:
    """What is known of the lock: the process, the last run, and when the process took the lock.

    ``host`` is named where it may be another one.
    """

    process: str = UNKNOWN
    run: str | None = None
    since: Seconds = 0.0
    host: str = ""

    def __str__(self) -> str:
        """Name the process, and its host where that is another one."""
        return f"process {self.process} on {self.host}" if self.host else f"process {self.process}"

    @staticmethod
    def read(text: str) -> Holder:
        """Return the holder from the text of a lock's file."""
        words = text.split()
        process, run, since = (*words, *(UNKNOWN, NO_RUN, "0")[len(words) :])[:3]
        # It becomes part of a command to type.
        known = process if _PROCESS.fullmatch(process) else UNKNOWN
        return Holder(known, None if run == NO_RUN else run, _number(since))

    def text(self) -> str:
        """Return the text of a lock's file."""
        return f"{self.process}\n{self.run or NO_RUN}\n{self.since}\n"

    def idle(self, place: Place, now: Seconds) -> Seconds:
        """Return for how long the holder has finished no step."""
        return now - max(self.since, last_step(place) or 0.0)


def refuse_if_hanging(place: Place, holder: Holder, now: Seconds) -> None:
    """Raise Hanging when the holder of the lock has finished no step for ten minutes."""
    idle = holder.idle(place, now)
    if idle >= HANGS_AFTER:
        raise hanging(holder, idle)


def hanging(holder: Holder, idle: Seconds) -> Hanging:
    """Return the error about a holder of the lock that has finished no step for so long."""
    told = f"{holder} holds the lock and has finished no step for {age(idle)}"
    return Hanging(told, hint=what_to_type(holder))


def what_to_type(holder: Holder) -> str:
    """Return how a run that hangs is ended; nothing is lost."""
    if holder.process == UNKNOWN:
        return "see who holds it with lslocks, end that process, then: connector sync"
    where = f"on {holder.host} " if holder.host else ""
    kill = f"kill {holder.process} (when it stays: kill -9 {holder.process})"
    return f"end it {where}with: {kill}, then: connector sync"


def _number(text: str) -> Seconds:
    try:
        return float(text)
    except ValueError:
        return 0.0
