"""`connector sync`: one incremental pass in both directions, or one every few seconds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from connector.app.session import Ran, run_once, stopping
from connector.cli import render
from connector.cli.explain import explain
from connector.cli.options import Options, common
from connector.engine.sync import sync as run
from connector.errors import Locked
from connector.host.clock import SystemClock
from state.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.engine.run.context import Context


@click.command("sync")
@click.option("--every", type=click.FloatRange(min=1), metavar="SECONDS", help="Keep going, with this pause.")
@click.option("--strict", is_flag=True, help="Exit 4 when another run holds the lock, instead of 0.")
@click.option("--accept", is_flag=True, help="Accept a mapping that changed since the last run.")
@common
def command(options: Options, /, *, every: float | None, strict: bool, accept: bool) -> int:
    """Carry over what changed on both sides since the last run."""
    clock = SystemClock()
    if every is None:
        return _once(options, clock, strict=strict, accept=accept)
    code = 0
    with stopping(clock) as stopped:
        while not stopped():
            code = _once(options, clock, strict=strict, accept=accept)
            if code in HOPELESS:
                break
            clock.sleep(every)
    return code


HOPELESS = {2, 5, 7}  # the next pass would end the same way


def _once(options: Options, clock: SystemClock, *, strict: bool, accept: bool) -> int:
    try:
        ran = run_once(options, "sync", _sync, clock=clock, accept=accept)
    except Locked as error:
        if strict:
            raise
        sys.stderr.write(f"connector: {error}; nothing to do\n")
        if options.as_json:
            render.print_json({"locked": str(error), "exit_code": 0})
        return 0
    except StateError as error:  # the next pass may find room, rights or quiet again
        return explain(error, as_json=options.as_json, verbose=options.verbose)
    return finish(ran, options)


def _sync(context: Context, stopped: Callable[[], bool]) -> None:
    run.sync(context, stopped=stopped, progress=lambda _row: None)


def finish(ran: Ran, options: Options) -> int:
    """Print how a run ended and return its exit code."""
    if options.as_json:
        render.print_json(ran.report)
    elif ran.error is None or ran.began:
        render.print_run(ran.report)
    if ran.error is not None:
        return explain(ran.error, as_json=False, verbose=options.verbose)
    return ran.exit_code
