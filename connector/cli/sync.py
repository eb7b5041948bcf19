"""`connector sync`: one incremental pass in both directions, or one every few seconds."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from connector.app import passes
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.pauses import CONFIGURED, Pause, pause_after
from connector.cli.input.stops import stopping
from connector.cli.output import render
from connector.cli.output.explain import explain
from connector.errors import ConnectorError, ExitCode, Locked
from connector.hints.ears import HEARD_AFTER
from connector.host.cell import line
from connector.host.clock import SystemClock
from connector.host.service_manager import ServiceManager
from state.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.app.runs import RunResult


@click.command("sync")
@click.option(
    "--every",
    type=Pause(),
    is_flag=False,
    flag_value=CONFIGURED,
    metavar="[PAUSE]",
    help="Keep going, with this pause (60, 90s, 5m), or with that of [sync] every.",
)
@click.option(
    "--strict", is_flag=True, help="Exit 4 when another run holds the lock, and 1 also for known trouble."
)
@click.option("--accept", is_flag=True, help="Accept a changed mapping, and release what limits hold.")
@common
def command(options: Options, /, *, every: float | None, strict: bool, accept: bool) -> int:
    """Carry over what changed on both sides since the last run."""
    manager = ServiceManager.of()
    clock = SystemClock(manager.alive, longest=manager.longest_silence)
    with stopping(clock, told=manager.stopping):
        load_config(options)
        # Before the first pass, which may take long: what can be wrong at a start was looked at.
        manager.ready()
        passed = partial(_once, options, clock, strict=strict, accept=accept)
        if every is None:
            return passed().code
        return _again_and_again(options, clock, every, passed)


def _again_and_again(
    options: Options, clock: SystemClock, every: float, passed: Callable[[], _Passed]
) -> int:
    """Do passes with this pause, or with the configured one; a hint makes the next one come early."""
    from connector.hints.waker import Waker  # noqa: PLC0415 - a single pass waits for no hint

    waker = Waker(clock, clock.alive)
    with waker.open():
        while not clock.stopped:
            waker.began()
            done = passed()
            sys.stdout.flush()  # a program behind a pipe hears of each pass when it is over
            waker.ended(changed=done.changed)
            # Only a wrong command or configuration ends it: all else may be better in the next pass.
            if done.code == ExitCode.USAGE:
                return done.code
            if clock.stopped:
                break
            # Read again each time: a changed configuration counts from the next pass on.
            config = load_config(options)
            pause = pause_after(done.code, every or config.sync.every)
            if done.code not in HEARD_AFTER:
                clock.sleep(pause)
                continue
            with suppress(ConnectorError):  # its token was taken away meanwhile: the next pass will tell
                waker.listen(config, this_machine(options, clock).token)
            waker.wait(pause, config)
    return ExitCode.CLEAN


@dataclass(frozen=True, slots=True)
class _Passed:
    """How a pass ended, and whether it wrote anything on a side."""

    code: int
    changed: bool = False


def _once(options: Options, clock: SystemClock, *, strict: bool, accept: bool) -> _Passed:
    try:
        result = passes.sync(load_config(options), this_machine(options, clock), accept=accept, strict=strict)
    # A timer that comes while a run is at work is the normal case, no failure.
    except Locked as error:
        if strict:
            return _Passed(explain(error, as_json=options.as_json, verbose=options.verbose))
        sys.stderr.write(f"connector: {line(error)}; nothing to do\n")
        if options.as_json:
            render.print_json({"locked": str(error), "exit_code": 0})
        return _Passed(ExitCode.CLEAN)
    except (ConnectorError, StateError, OSError) as error:  # the next pass may find room, rights or quiet
        return _Passed(explain(error, as_json=options.as_json, verbose=options.verbose))
    return _Passed(finish(result, options), any(result.writes.values()))


def finish(result: RunResult, options: Options) -> int:
    """Print how a run ended and return its exit code."""
    if options.as_json:
        render.print_json(result.as_data())
    # A run that a rail stopped at once did nothing that could be told.
    elif result.error is None or result.began:
        render.print_run(result.as_data())
    # Never a second JSON object: the report on stdout holds the error already.
    if result.error is not None:
        explain(result.error, as_json=False, verbose=options.verbose)
    return result.exit_code
