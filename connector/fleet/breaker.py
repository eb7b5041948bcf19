"""When a pair is passed again, by how its last pass ended. Pure.

A pair that only a person can fix rests until that person does something: hammering helps nobody. After
trouble that may pass, it is tried again at growing intervals. A pair that waits for a decision about
conversations goes on meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Seconds, Side

LONGEST: Seconds = 900.0
"""However often a pair failed, it is tried again after this, or after its interval when that is longer."""
_MOST_DOUBLINGS = 10
_FOR_A_PERSON = {ExitCode.USAGE, ExitCode.PERSON}


class Rest(StrEnum):
    """Until when a pair rests."""

    CHANGE = "rests until its file or its token changes, or somebody runs a command on it"
    MAPPING = "rests until its mapping is accepted or put back"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a pass ended, what was said, and whether anything was written on a side.

    ``lag`` is how far each side's watermark was behind then, as far as that is known.
    """

    exit_code: int
    at: Seconds
    seconds: Seconds = 0.0
    error: str = ""
    hint: str = ""
    mapping_changed: bool = False
    changed: bool = False
    outdated: bool = False
    """Whether a later version of the program is needed: another host may have it."""
    lag: Mapping[Side, Seconds] = field(default_factory=dict)

    def after(self, before: Ended | None) -> Ended:
        """Return this with the lag of the pass before, grown since, where this one read no list."""
        if self.lag or before is None:
            return self
        since = self.at - before.at
        return replace(self, lag={side: lag + since for side, lag in before.lag.items()})


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a pair goes on: it rests, or it is due after a pause; ``failures`` are those in a row."""

    failures: int
    pause: Seconds
    rest: Rest | None = None


def judge(ended: Ended, failures: int, every: Seconds) -> Verdict:
    """Return how a pair goes on after a pass; ``failures`` are those in a row before it."""
    if ended.mapping_changed:
        return Verdict(0, every, Rest.MAPPING)
    if ended.exit_code in _FOR_A_PERSON:
        return Verdict(0, every, Rest.CHANGE)
    if ended.exit_code == ExitCode.FAILED:
        later = every * 2 ** min(failures + 1, _MOST_DOUBLINGS)
        return Verdict(failures + 1, min(later, max(LONGEST, every)))
    return Verdict(0, every)
