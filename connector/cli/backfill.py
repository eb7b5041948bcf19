"""`connector backfill`: past conversations of one side, carried over silently; resumable at any point."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import click

from connector.app import inspecting, passes
from connector.cli.input.asking import ask
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.queries import choosing
from connector.cli.input.stops import stopping
from connector.cli.sync import finish
from connector.errors import ConfigError
from connector.host.clock import SystemClock
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.app.inspecting import Planned
    from connector.app.passes import Choice


@click.command("backfill")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--accept", is_flag=True, help="Accept a mapping that changed since the last run.")
@click.option("--strict", is_flag=True, help="Exit 1 also for known trouble.")
@choosing
@common
def command(options: Options, /, *, choice: Choice, yes: bool, accept: bool, strict: bool) -> int:
    """Carry over past conversations of one side. Nobody is notified; a repeated run changes nothing."""
    config, clock = load_config(options), SystemClock()
    if not yes:  # what was asked was only read: whoever says no has changed nothing
        _ask(choice, lambda: inspecting.plan_backfill(config, this_machine(options, clock), choice))
    with stopping(clock, _again()):
        result = passes.backfill(config, this_machine(options, clock), choice, accept=accept, strict=strict)
    return finish(result, options)


def _again() -> str:
    """Return this very command: the choice is the same one, and so is the answer to the question."""
    words = [word for word in sys.argv[1:] if word != "--yes"]
    return shlex.join(["connector", *words, "--yes"])


def _ask(choice: Choice, plan: Callable[[], Planned]) -> None:
    # Cron has nobody to ask; silence must not count as consent.
    if not sys.stdin.isatty():
        raise ConfigError(
            "a backfill writes to both sides and asks first, but there is no terminal",
            hint="look at `connector plan backfill`, then add --yes",
        )
    side = choice.source
    # Copies in Dashly may show in customers' chats: how many is said before anybody agrees.
    for caution in plan().cautions if side is Side.INTERCOM else ():
        click.echo(caution, err=True)
    ask(f"Copy the past conversations of {side} to {side.other}?")
