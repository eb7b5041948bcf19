"""What can be wrong with the state file."""

from __future__ import annotations


class StateError(Exception):
    """The state file is missing, unreadable, foreign or newer; one sentence and the next step (``hint``)."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class StateFailed(Exception):
    """SQLite failed in mid-run: disk full, locked by another program, damaged; one sentence."""

    hint = "mend the cause and run again; what was done is remembered"


class TakenOver(Exception):
    """Another run took over while this one was suspended: it must not write any more."""
