"""How a run ended, as monitoring needs it: read from the report that ``sync --json`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

# LOCKED is missing on purpose: another run does the work.
FAILURES = frozenset({ExitCode.USAGE, ExitCode.FAILED, ExitCode.RAIL, ExitCode.PERSON})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finished run: counts by name, times in seconds since 1970, and ``error`` when it was stopped.

    ``pair`` is the name of its pair in a fleet.
    """

    run: str
    command: str
    exit_code: int
    started: float
    finished: float
    requests: Mapping[str, int]
    writes: Mapping[str, int]
    conversations: Mapping[str, int]
    parts: Mapping[str, int]
    error: str = ""
    hint: str = ""
    pair: str = ""

    @property
    def failed(self) -> bool:
        """Tell whether the run did not do its work; needing attention is not a failure.

        A run that finds another one hanging did nothing, and ends with 1.
        """
        hindered = self.exit_code == ExitCode.ATTENTION and bool(self.error)
        return self.exit_code in FAILURES or hindered
