"""How long requests take within the limits of both sides, with the live passes beside them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Seconds

LIVE_PASS = dict.fromkeys(Side, 1)
"""Each side is asked once what changed; whatever then has to be carried is nobody's to foresee."""
MINUTE: Seconds = 60.0


@dataclass(frozen=True, slots=True)
class Duration:
    """The requests of a run, those of live passes included, and the time they take at each side's limit."""

    requests: Mapping[Side, int]
    seconds: Mapping[Side, Seconds]

    @property
    def longest(self) -> Seconds:
        """Return how long the run takes: the sides are worked on at once."""
        return max(self.seconds.values())


def lasting(requests: Mapping[Side, int], a_minute: Mapping[Side, float], every: Seconds | None) -> Duration:
    """Return how long requests take where each side allows so many a minute.

    ``every`` is the pause between live passes, or None where there are none.
    """
    passes = 0 if every is None else floor(_alone(requests, a_minute, every) / every)
    whole = {side: requests[side] + passes * LIVE_PASS[side] for side in Side}
    return Duration(whole, {side: whole[side] * MINUTE / a_minute[side] for side in Side})


def _alone(requests: Mapping[Side, int], a_minute: Mapping[Side, float], every: Seconds) -> Seconds:
    """Return how long it takes when live passes have their share of each side's limit."""
    # If passes need all of a limit there is no estimate any more: half of it is left to history.
    left = {side: max(a_minute[side] - LIVE_PASS[side] * MINUTE / every, a_minute[side] / 2) for side in Side}
    return max(requests[side] * MINUTE / left[side] for side in Side)
