"""`connector sandbox`: both helpdesks, emulated, on loopback."""

from __future__ import annotations

import json
import sys

import click

from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.host.clock import SystemClock
from connector.sandbox import World, populate, start

HOUR = 3600.0  # any length: a signal ends the sleep


@click.command("sandbox")
@click.option("--dashly-port", type=click.IntRange(0, 65535), default=0, help="Port of Dashly; 0 takes any.")
@click.option(
    "--intercom-port", type=click.IntRange(0, 65535), default=0, help="Port of Intercom; 0 takes any."
)
@click.option("--dashly-limit", type=click.IntRange(min=1), default=60, help="Dashly requests a minute.")
@click.option("--empty", is_flag=True, help="Staff, channels and tags, but no conversations.")
@common
def command(
    options: Options, /, *, dashly_port: int, intercom_port: int, dashly_limit: int, empty: bool
) -> int:
    """Run both helpdesks, emulated, on loopback. The first line gives addresses and tokens."""
    world = World(dashly_limit=dashly_limit)
    with start(dashly_port=dashly_port, intercom_port=intercom_port, world=world) as sandbox:
        if not empty:
            populate(world)
        dashly, intercom = sandbox.dashly, sandbox.intercom
        if options.as_json:
            told = json.dumps(
                {
                    "dashly": {
                        "base_url": dashly.base_url,
                        "token": dashly.token,
                        "app_id": dashly.app_id,
                    },
                    "intercom": {
                        "base_url": intercom.base_url,
                        "token": intercom.token,
                        "workspace_id": intercom.workspace_id,
                    },
                }
            )
        else:
            told = (
                f"dashly {dashly.base_url} token {dashly.token} app {dashly.app_id}   "
                f"intercom {intercom.base_url} token {intercom.token} workspace {intercom.workspace_id}"
            )
        clock = SystemClock()
        with stopping(clock, "connector sandbox"):
            sys.stdout.write(told + "\n")
            # Whoever starts this by a pipe waits for the first line.
            sys.stdout.flush()
            while not clock.stopped:
                clock.sleep(HOUR)
    return 0
