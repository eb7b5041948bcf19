"""What can be wrong with the state file."""

from __future__ import annotations


class StateError(Exception):
    """The state file is missing, unreadable, foreign or newer than the program; the text is one sentence."""


class TakenOver(Exception):
    """Another run took over while this one was suspended: it must not write any more."""
