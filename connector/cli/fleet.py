"""`connector fleet`: all pairs of a folder in one process, and how they are."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.input.options import Options, common
from connector.cli.input.pauses import Pause
from connector.cli.input.stops import stopping
from connector.cli.output import fleet_screen, render
from connector.doctor.findings import exit_code
from connector.errors import ExitCode, Locked
from connector.fleet import checking, folder, published, settings, sharing
from connector.fleet.overview import overview
from connector.fleet.page import write_fleet_page
from connector.fleet.runner import Fleet, worst
from connector.host.clock import SystemClock
from connector.host.lock import exclusive
from connector.host.service_manager import ServiceManager

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from connector.fleet.breaker import Ended
    from connector.fleet.settings import FleetConfig
    from connector.fleet.sharing import Runner

_PAIRS = click.option(
    "--pairs", type=click.Path(path_type=Path), metavar="FOLDER", help="Folder of pairs [of fleet.toml]."
)


_STATE = click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder of the fleet's lock and table [of fleet.toml, else that of the pairs].",
)


@click.group("fleet")
@common
def command(_options: Options, /) -> None:
    """Keep all pairs of a folder in step, one process per host; fleet.toml or --config names the folder."""


@command.command("run")
@click.argument(
    "pairs",
    required=False,
    type=click.Path(path_type=Path),
    metavar="[FOLDER]",
    help="Folder of pairs [of fleet.toml].",
)
@click.option(
    "--every",
    type=Pause(),
    metavar="PAUSE",
    help="From one pass of a pair to its next, such as 60 or 5m [60].",
)
@click.option("--workers", type=click.IntRange(min=1), help="Passes that run at once [16].")
@click.option("--once", is_flag=True, help="Run one pass of every pair and exit.")
@_STATE
@common
def run(
    options: Options,
    /,
    *,
    pairs: Path | None,
    every: float | None,
    workers: int | None,
    once: bool,
    state: Path | None,
) -> int:
    """Sync every pair of the folder continually, each in a thread."""
    config = settings.over(_settings(options, pairs, state), every=every, workers=workers)
    folder.pair_files(config.fleet.pairs)  # told before the lock is made in a folder that is not there
    manager = ServiceManager.of()
    clock = SystemClock(manager.alive, longest=manager.longest_silence)
    with _alone(config), stopping(clock, told=manager.stopping):
        if once:
            manager.ready()
            ended = Fleet(config, clock, manager.alive).once(sharing.told_of(config).paused)
            return _tell(options, ended, stopped=clock.stopped)
        fleet = sharing.runner_of(config, clock, manager.alive)
        _read_again_on_hangup(fleet)
        manager.ready()
        fleet.run()
    return ExitCode.CLEAN


@command.command("status")
@_PAIRS
@_STATE
@click.option(
    "--html",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write a page about all pairs instead; an existing file is replaced.",
)
@common
def status(options: Options, /, *, pairs: Path | None, state: Path | None, target: Path | None) -> int:
    """Show how every pair is, and when its next pass is."""
    config, clock = _settings(options, pairs, state), SystemClock()
    found = overview(config.fleet, sharing.told_of(config), clock)
    if target is not None:
        render.tell_page(target, write_fleet_page(found, clock, target), as_json=options.as_json)
    elif options.as_json:
        render.print_json(fleet_screen.facts(found))
    else:
        fleet_screen.show(found)
    return ExitCode.CLEAN


@command.command("check")
@_PAIRS
@common
def check(options: Options, /, *, pairs: Path | None) -> int:
    """Check every pair as `doctor` does, and sum up."""
    config, clock = _settings(options, pairs), SystemClock()
    with stopping(clock):
        found = checking.check(config.fleet, clock)
    codes = {name: exit_code(findings) for name, findings in found.items()}
    code = ExitCode.CLEAN if clock.stopped else worst(list(codes.values()))
    if options.as_json:
        render.print_json({"pairs": fleet_screen.check_facts(found), "exit_code": code})
    else:
        fleet_screen.show_checks(found, config.fleet.pairs, whole=options.verbose)
    return code


@command.command("pause")
@click.argument("name", help="The pair: the name of its file, without .toml.")
@_PAIRS
@common
def pause(options: Options, /, *, name: str, pairs: Path | None) -> int:
    """Pause a pair until it is resumed."""
    _set_paused(_settings(options, pairs), name, paused=True)
    return _say(options, name, f"{name} is paused; go on with: connector fleet resume {name}", paused=True)


@command.command("resume")
@click.argument("name", help="The pair: the name of its file, without .toml.")
@_PAIRS
@common
def resume(options: Options, /, *, name: str, pairs: Path | None) -> int:
    """Resume a paused pair, or try one that rests at once."""
    _set_paused(_settings(options, pairs), name, paused=False)
    return _say(options, name, f"a running fleet works on {name} again within a second", paused=False)


def _settings(options: Options, pairs: Path | None, state: Path | None = None) -> FleetConfig:
    chosen = settings.load(Path(options.config) if options.config else None)
    return settings.over(chosen, pairs=pairs, state=state)


def _set_paused(config: FleetConfig, name: str, *, paused: bool) -> None:
    found = folder.find(folder.pair_files(config.fleet.pairs), name)
    sharing.set_paused(config, found, paused=paused)


@contextmanager
def _alone(config: FleetConfig) -> Generator[None]:
    """Be the only fleet of a folder: two would pass everything twice."""
    place = config.fleet.place
    try:
        with exclusive(place):
            yield
    except Locked as error:
        told = f"process {published.running(place)} runs the fleet of {config.fleet.pairs}"
        raise Locked(told, hint="connector fleet status") from error


def _read_again_on_hangup(fleet: Runner) -> None:
    if threading.current_thread() is threading.main_thread():  # only there signals can be asked for
        signal.signal(signal.SIGHUP, lambda _number, _frame: fleet.read_again())


def _tell(options: Options, ended: Mapping[str, Ended], *, stopped: bool) -> int:
    code = ExitCode.CLEAN if stopped else worst([one.exit_code for one in ended.values()])
    if options.as_json:
        render.print_json({"pairs": fleet_screen.pass_facts(ended), "exit_code": code})
    else:
        fleet_screen.show_passes(ended)
    return code


def _say(options: Options, name: str, sentence: str, *, paused: bool) -> int:
    if options.as_json:
        render.print_json({"pair": name, "paused": paused})
    else:
        render.console().print(sentence)
    return ExitCode.CLEAN
