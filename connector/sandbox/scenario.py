"""A realistic week on both helpdesks, the same in every run but for the date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.dashly import week as dashly_week
from connector.sandbox.intercom import week as intercom_week
from connector.sandbox.staging import DAY, HOUR, Timeline

if TYPE_CHECKING:
    from connector.sandbox.world import World


def populate(world: World) -> None:
    """Fill a staffed world with the past days' conversations.

    Serve the world first: a message holds the address of a picture on the server.
    """
    now = float(int(world.clock.now()))
    for number, tell in enumerate(dashly_week.WEEK):
        tell(world, Timeline(now - (8 - number) * DAY + number * HOUR))
    for number, tell in enumerate(intercom_week.WEEK):
        tell(world, Timeline(now - (8 - number) * DAY + (number + 5) * HOUR))
