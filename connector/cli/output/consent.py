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
        f"{counted(forecast.conversations, 'conversation')} with {parts} to copy from {TITLES[source]}, "
        f"{forecast.created} to create in {TITLES[target]}"
    )
    spent = " and ".join(f"{counted(planned.requests[side], 'request')} to {TITLES[side]}" for side in Side)
    yield f"{spent}: {age(planned.duration.longest)} at the limits, besides what answers take"
    if not forecast.in_chats:  # the caution about those copies says it
        yield PAUSES[target]
    yield from map(line, planned.cautions)


def canary_lines(found: Canary, made: RunResult) -> Iterator[str]:
    """Yield where the first copy is, what in it is not ours, and how it is taken back."""
    title, where = TITLES[found.side], found.link or f"conversation {found.copy}"
    yield f"the first one is copied: {TITLES[found.side.other]} {found.original} is {where} in {title} now"
    yield from (line(f"- {told}") for told in made.report.attention)
    if found.answers:
        yield f"something in {title} is at work on the copy already, as it will be on all others:"
        yield from (line(f"- {told}") for told in found.answers)
    else:
        yield "nothing but ours is in the copy; whether anybody got mail, only the people there can tell"
    if found.side is Side.INTERCOM:
        yield f"to take it back: connector undo --run {made.report.run_id}"
