"""The pause between two passes: given on the line, or the configured one; longer while a person is needed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import click

from connector.errors import ExitCode

if TYPE_CHECKING:
    from mappings.model import Seconds

CONFIGURED: Final = "configured"
AWAITING_A_PERSON = 10
"""So many pauses pass before a refused token is tried again: hammering helps nobody."""


class Pause(click.ParamType[float]):
    """Seconds, at least one; ``CONFIGURED`` is 0 and stands for the configuration's own."""

    name = "seconds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Seconds:
        """Read the option's value."""
        if value == CONFIGURED:
            return 0.0
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = math.nan
        # Under a second the polls alone would eat Dashly's sixty requests a minute. NaN fails here too.
        if not 1 <= seconds < math.inf:
            self.fail(f"{value!r} is no pause: seconds, at least 1", param, ctx)
        return seconds


def pause_after(code: int, seconds: Seconds) -> Seconds:
    """Return how long to wait after a pass that ended with this code."""
    return seconds * AWAITING_A_PERSON if code == ExitCode.PERSON else seconds
