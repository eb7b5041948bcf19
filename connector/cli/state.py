"""`connector state`: back the state up, put a backup in its place, check it, make it smaller, move it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.app import state_care
from connector.app.machine import moving
from connector.app.machine.alone import alone
from connector.app.machine.state_access import state_key
from connector.cli.input.asking import confirm
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render
from connector.config.file import find_path
from connector.config.place import place_of, target_of
from connector.host.clock import SystemClock
from state.access.place import Schema
from state.file.sizes import size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.config.model import Config
    from state.access.place import Place


@click.group("state")
def command() -> None:
    """Back up, restore, check or shrink the state file, or move the state."""


@command.command("backup")
@click.argument(
    "file",
    required=False,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The copy [in the folder of backups, named by its time].",
)
@common
def back_up(options: Options, /, *, file: Path | None) -> int:
    """Copy the state file, even during a run.

    The copy is FILE, or else a file beside the state file.
    """
    # Without the lock: a backup must not wait for a long backfill, and SQLite copies one moment of a file
    # that is in use.
    with closing(this_machine(options).open_state(place_of(load_config(options)))) as store:
        made = state_care.back_up(store, file, SystemClock().now())
    _say(options, {"backup": str(made), "bytes": made.stat().st_size}, f"Backed up to {made}.")
    return 0


@command.command("restore")
@click.argument(
    "backup",
    required=False,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The backup to restore [the newest].",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
def restore(options: Options, /, *, backup: Path | None, yes: bool) -> int:
    """Replace the state file with BACKUP, or with the newest backup.

    The next run knows that an older state was restored, and delivers nothing twice.
    """
    config = load_config(options)
    state = state_care.file_kept(place_of(config))
    # Chosen before the question, so that it names what will be put in place.
    chosen = backup or state_care.newest_backup(state)
    confirm(f"Replace {state} with {chosen}?", yes=yes, unless="the state file is as it was")
    # Before anything is moved: a backup without its key cannot be opened again.
    key = state_key(find_path(options.config), state)
    clock = SystemClock()
    with alone(state, clock) as lock:
        kept = state_care.restore(lock, state, chosen, key=key, now=clock.now())
    told = f"{state} was replaced with {chosen}."
    told += f" The previous one is kept as {kept}." if kept else ""
    facts = {"restored": str(chosen), "kept": str(kept) if kept else None, "next": "connector sync"}
    _say(options, facts, told, "Next: connector sync, or connector recover to find at once what it missed.")
    return 0


@command.command("check")
@common
def check(options: Options, /) -> int:
    """Check that the state file is sound; change nothing.

    It checks pages, references, and what must always be true.
    """
    config = load_config(options)
    with closing(this_machine(options).open_state(place_of(config))) as store:
        found = state_care.check(store)
    lines = [f"- {line}" for line in found] or [f"{place_of(config)} is sound."]
    code = 1 if found else 0
    _say(options, {"problems": found, "exit_code": code}, *lines)
    return code


@command.command("vacuum")
@common
def vacuum(options: Options, /) -> int:
    """Shrink the state file to what it holds, and empty its log."""
    config = load_config(options)
    with (
        closing(this_machine(options).open_state(place_of(config))) as store,
        alone(place_of(config), SystemClock()),
    ):
        before, after = state_care.vacuum(store)
    told = f"{size(before)} before, {size(after)} now."
    _say(options, {"bytes_before": before, "bytes": after}, told)
    return 0


@command.command("move")
@click.option(
    "--to",
    "where",
    metavar="URL|FILE",
    required=True,
    help="An address postgresql://…, a file that holds one, or a new state file.",
)
@common
def move(options: Options, /, *, where: str) -> int:
    """Move the state between a file and PostgreSQL.

    Every row is compared. The old state is kept, and refused from then on. You must change the configuration
    yourself.
    """
    config = load_config(options)
    moved = moving.move(config, this_machine(options), target_of(config, where))
    todo = f"in {find_path(options.config)}, under [state], {_lines_for(config, moved.target, where)}"
    facts = {"from": str(moved.source), "to": str(moved.target), "rows": dict(moved.rows), "next": todo}
    told = f"{sum(moved.rows.values())} rows are in {moved.target} now, each compared."
    _say(options, facts, told, f"Next: {todo}. What is in {moved.source} is kept, and refused from now on.")
    return 0


def _lines_for(config: Config, target: Place, where: str) -> str:
    """Return what the configuration must say about a state that was moved to where somebody named."""
    if isinstance(target, Schema):
        if "://" in where:
            return "set url_file to the name of a file that holds this address"
        return f'set url_file = "{Path(where).absolute()}"'
    gone = "" if config.state.url_file is None else " and remove url_file"
    return f'set path = "{target}"{gone}'


def _say(options: Options, facts: Mapping[str, object], *told: str) -> None:
    if options.as_json:
        render.print_json(dict(facts))
        return
    out = render.console()
    for line in told:
        out.print(line)
