"""The pause between two passes: given on the line, or the configured one; longer while a person is needed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import click

from connector.config.values import parse_duration
from connector.errors import ExitCode

if TYPE_CHECKING:
    from mappings.model import Seconds

CONFIGURED: Final = "configured"
AWAITING_A_PERSON = 10
"""So many pauses pass before a refused token is tried again: hammering helps nobody."""


class Pause(click.ParamType[float]):
    """Seconds, or a duration such as ``5m``, at least one; ``CONFIGURED`` is 0, the configured one."""

    name = "seconds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Seconds:
        """Read the option's value."""
        if value == CONFIGURED:
            return 0.0
        try:
            seconds = _seconds(str(value))
        except ValueError:
            seconds = math.nan
        # Under a second the polls alone would eat Dashly's sixty requests a minute. NaN fails here too.
        if not 1 <= seconds < math.inf:
            self.fail(
                f"{value!r} is not a pause: give seconds such as 60, or 90s or 5m, at least 1", param, ctx
            )
        return seconds


def _seconds(text: str) -> Seconds:
    """Read a number, or a duration as the configuration takes it."""
    return parse_duration(text) if text[-1:].isalpha() else float(text)


def pause_after(code: int, seconds: Seconds) -> Seconds:
    """Return how long to wait after a pass that ended with this code."""
    return seconds * AWAITING_A_PERSON if code == ExitCode.PERSON else seconds
