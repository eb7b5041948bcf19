"""`connector backfill`: past conversations of one side, carried over silently; resumable at any point."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING

import click

from connector.app.session import run_once
from connector.cli.options import Options, common
from connector.cli.queries import Choice, choosing
from connector.cli.sync import finish
from connector.engine.sync import sync as run
from connector.engine.sync.poll import past
from connector.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.engine.run.context import Context
    from mappings.model import Side

EVERY = 10


@click.command("backfill")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--accept", is_flag=True, help="Accept a mapping that changed since the last run.")
@choosing
@common
def command(options: Options, /, *, choice: Choice, yes: bool, accept: bool) -> int:
    """Carry over past conversations of one side. Nobody is notified; a repeated run changes nothing."""
    if not yes:
        _ask(choice.source)

    def work(context: Context, stopped: Callable[[], bool]) -> None:
        progress = _Progress(context)
        listed = islice(past(context, choice.source, choice.query, choice.ids), choice.limit)
        run.backfill(context, listed, stopped=stopped, progress=progress)

    return finish(run_once(options, "backfill", work, accept=accept), options)


def _ask(side: Side) -> None:
    if not sys.stdin.isatty():
        raise ConfigError(
            "a backfill writes to both sides and asks first, but there is no terminal",
            hint="look at `connector plan backfill`, then add --yes",
        )
    click.confirm(f"Copy the past conversations of {side} to {side.other}?", abort=True, err=True)


class _Progress:
    """Says now and then how far a backfill is, and how long it will take at this pace."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._started = context.clock.now()
        self._done: set[int] = set()
        self._told = 0

    def __call__(self, row: int) -> None:
        self._done.add(row)
        if len(self._done) < self._told + EVERY:
            return
        self._told = len(self._done)
        left = self._context.store.pairs.count_due(self._context.queue)
        pace = (self._context.clock.now() - self._started) / len(self._done)
        sys.stderr.write(f"{len(self._done)} conversations done, {left} left, about {left * pace:.0f} s\n")
