"""Times on the command line: ISO dates and date-times (UTC unless an offset is there), or ages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from connector.config.values import parse_duration
from connector.host.clock import SystemClock

if TYPE_CHECKING:
    from mappings.model import Seconds


class When(click.ParamType[float]):
    """A point in time: `2026-01-31`, `2026-01-31T08:00+02:00`, `24h`, `30d`."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Seconds:
        """Return seconds since 1970."""
        text = str(value).strip()
        try:
            if text[-1:].isalpha() and text[-1] in "smhd":
                return SystemClock().now() - parse_duration(text)
            at = datetime.fromisoformat(text)
        except (ValueError, TypeError):
            self.fail(
                f"{text!r} is not a time: use 2026-01-31, 2026-01-31T08:00, or an age like 30d", param, ctx
            )
        # UTC, not the machine's zone: the same line must mean the same on every server.
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


WHEN = When()
