"""What `init` can be told on the line or by the environment, so that nobody has to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PLACES = {
    Side.DASHLY: {"dashly": "https://api.dashly.app", "carrotquest": "https://api.carrotquest.io"},
    Side.INTERCOM: {
        "us": "https://api.intercom.io",
        "eu": "https://api.eu.intercom.io",
        "au": "https://api.au.intercom.io",
    },
}
"""The hosts by the names that people know; an address is one as well."""
TIMERS = ("systemd", "cron", "none")


def address(side: Side, told: str) -> str:
    """Return the address that a name stands for, or the address itself."""
    return PLACES[side].get(told.strip().casefold(), told.strip())


def answers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give `init` the options that answer its questions."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


_OPTIONS = (
    click.option(
        "--dashly-url",
        envvar="CONNECTOR_DASHLY_URL",
        help="dashly, carrotquest, or an address.",
    ),
    click.option(
        "--dashly-token-file",
        type=click.Path(),
        metavar="FILE",
        help="Dashly's token [as for every command].",
    ),
    click.option("--app-id", envvar="CONNECTOR_APP_ID", help="The Dashly app."),
    click.option("--intercom-url", envvar="CONNECTOR_INTERCOM_URL", help="us, eu, au, or an address."),
    click.option(
        "--intercom-token-file",
        type=click.Path(),
        metavar="FILE",
        help="Intercom's token [as for every command].",
    ),
    click.option(
        "--default-admin",
        envvar="CONNECTOR_DEFAULT_ADMIN",
        help="The teammate in Intercom who speaks for people without a counterpart.",
    ),
    click.option("--state", envvar="CONNECTOR_STATE", help="Where the state file will be."),
    click.option(
        "--timer",
        type=click.Choice(TIMERS),
        envvar="CONNECTOR_TIMER",
        help="What will run it regularly.",
    ),
)
