"""`connector init`: write a commented configuration, or bind both workspaces and create the state file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.app.binding import initialise
from connector.cli.input.opening import this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.cli.input.times import WHEN
from connector.cli.output import render
from connector.config import file as configuration
from connector.host.clock import SystemClock
from connector.host.rights import open_private
from connector.host.units import SYSTEM_FOLDER, units, write_units
from mappings.model import Side

if TYPE_CHECKING:
    from connector.app.binding import Bound
    from connector.config.model import Config
    from mappings.model import Seconds


@click.command("init")
@click.option("--since", type=WHEN, help="Sync what changed since then [now].")
@click.option(
    "--systemd",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    is_flag=False,
    flag_value=SYSTEM_FOLDER,
    metavar="[FOLDER]",
    help=f"Write units for systemd, there or into {SYSTEM_FOLDER}, and nothing else.",
)
@common
def command(options: Options, /, *, since: Seconds | None, systemd: Path | None) -> int:
    """Write connector.toml when there is none; with one, bind both workspaces and create the state file."""
    path = configuration.find_path(options.config)
    if systemd is not None:
        _write_units(path, systemd, options)
        return 0
    if not path.exists():
        _write_template(path, options)
        return 0
    # The second call, once the template is filled in.
    config = configuration.load(path)
    clock = SystemClock()
    with stopping(clock, "connector init"):
        bound = initialise(config, this_machine(options, clock), since=since)
    _tell(config, options, bound)
    return 0


def _write_units(path: Path, folder: Path, options: Options) -> None:
    wanted = units(Path(sys.executable).with_name("connector"), path)
    written = write_units(wanted, folder)
    if options.as_json:
        render.print_json({"written": [str(unit) for unit in written]})
        return
    out = render.console()
    for unit in written:
        out.print(f"Wrote {unit}.")
    name = path.stem
    out.print(f"State belongs into /var/lib/connector/{name}: set [state] path there.")
    out.print(f"Next: systemctl daemon-reload && systemctl enable --now connector@{name}.timer")


def _write_template(path: Path, options: Options) -> None:
    # O_EXCL: a file that appeared meanwhile is somebody's, and is not overwritten.
    with os.fdopen(open_private(path, os.O_EXCL | os.O_WRONLY), "w") as file:
        file.write(configuration.template(path.stem))
    if options.as_json:
        render.print_json({"written": str(path)})
        return
    out = render.console()
    out.print(f"Wrote {path}. Fill in app_id and default_admin, set DASHLY_TOKEN and INTERCOM_TOKEN,")
    out.print("then run `connector init` again.")


def _tell(config: Config, options: Options, bound: Bound) -> None:
    found = bound.workspaces
    if options.as_json:
        render.print_json(
            {
                "state": str(config.state.path),
                "created": bound.created,
                "dashly": found[Side.DASHLY].id,
                "intercom": found[Side.INTERCOM].id,
            }
        )
        return
    out = render.console()
    dashly, intercom = found[Side.DASHLY], found[Side.INTERCOM]
    out.print(f"Bound Dashly app {dashly.id} and Intercom workspace {intercom.id} ({intercom.name}).")
    out.print(f"State file: {config.state.path}{' (new)' if bound.created else ''}")
    if bound.created:
        out.print("Its key lies beside the configuration: keep a copy of it with the tokens.")
    out.print("Next: connector plan backfill --from dashly; connector backfill --from dashly; connector sync")
