"""What a person is told before they agree to a backfill, and again after its first copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.inspect.cautions import PAUSES
from connector.host.amounts import age, counted
from connector.host.cell import line
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.app.inspecting import Planned
    from connector.app.migration.canary import Canary
    from connector.app.runs import RunResult


def consent_lines(planned: Planned, source: Side) -> Iterator[str]:
    """Yield how much is copied, what it costs, how long it takes, and what is to be paused meanwhile."""
    forecast, target = planned.forecast, source.other
    parts = counted(sum(forecast.dispositions.values()), "part")
    yield (
        f"{counted(forecast.conversations, 'conversation')} with {parts} to copy from {TITLES[source]}; "
        f"{forecast.created} to create in {TITLES[target]}"
    )
    spent = " and ".join(f"{counted(planned.requests[side], 'request')} to {TITLES[side]}" for side in Side)
    yield f"{spent}: {age(planned.duration.longest)} at the rate limits, plus the time that answers take"
    if not forecast.in_chats:  # the caution about those copies says it
        yield PAUSES[target]
    yield from map(line, planned.cautions)


def canary_lines(found: Canary, made: RunResult) -> Iterator[str]:
    """Yield where the first copy is, what in it is not ours, and how it is taken back."""
    title, where = TITLES[found.side], found.link or f"conversation {found.copy}"
    yield f"the first one is copied: {TITLES[found.side.other]} {found.original} is now {where} in {title}"
    yield from (line(f"- {told}") for told in made.report.attention)
    if found.answers:
        yield f"something in {title} has already acted on the copy, and would act on every other:"
        yield from (line(f"- {told}") for told in found.answers)
    else:
        yield "the copy contains only what the connector wrote"
        yield "no API tells whether anybody got mail about it: ask its customer, or your agents"
    if command := take_back(found, made):
        yield f"to take it back: {command}"


def take_back(found: Canary, made: RunResult) -> str:
    """Return the command that takes the first copy back; empty where no call removes it."""
    return f"connector undo --run {made.report.run_id}" if found.side is Side.INTERCOM else ""
