"""`connector sandbox`: both helpdesks, emulated, on loopback."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.archive.reading import Archive
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.errors import ConfigError
from connector.host.clock import SystemClock
from connector.sandbox import World, populate, start
from connector.sandbox.rehearsal import Line, restore

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3600.0  # any length: a signal ends the sleep


@click.command("sandbox")
@click.option("--dashly-port", type=click.IntRange(0, 65535), default=0, help="Port of Dashly; 0 takes any.")
@click.option(
    "--intercom-port", type=click.IntRange(0, 65535), default=0, help="Port of Intercom; 0 takes any."
)
@click.option("--dashly-limit", type=click.IntRange(min=1), default=60, help="Dashly requests a minute.")
@click.option("--empty", is_flag=True, help="Staff, channels and tags, but no conversations.")
@click.option(
    "--source",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Serve the conversations of this export and no others, to rehearse a migration.",
)
@click.option(
    "--files",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Serve attachments from this folder of the export.",
)
@common
def command(  # noqa: PLR0913 - its options
    options: Options,
    /,
    *,
    dashly_port: int,
    intercom_port: int,
    dashly_limit: int,
    empty: bool,
    file: Path | None,
    folder: Path | None,
) -> int:
    """Run both helpdesks, emulated, on loopback. The first line gives addresses and tokens."""
    world = World(dashly_limit=dashly_limit)
    if file is not None:
        _restore(world, file, folder)
    with start(dashly_port=dashly_port, intercom_port=intercom_port, world=world) as sandbox:
        if not empty and file is None:
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
        with stopping(clock):
            sys.stdout.write(told + "\n")
            # Whoever starts this by a pipe waits for the first line.
            sys.stdout.flush()
            while not clock.stopped:
                clock.sleep(HOUR)
    return 0


def _restore(world: World, file: Path, folder: Path | None) -> None:
    """Put an export into a world; ConfigError for one that holds what no emulator shows."""
    with closing(Archive(file)) as archive:
        header = archive.header
        try:
            restore(world, header.side.value, header.account, _lines(archive), folder)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise ConfigError(
                f"{file} holds conversations that the sandbox cannot show: of Intercom 1.x, or not as an API "
                "sends them",
                hint="export with [intercom] api_version 2.x, by this program",
            ) from error


def _lines(archive: Archive) -> Iterator[Line]:
    for key in archive.ids():
        entry = archive.find(key)
        if entry is not None:
            yield entry.record.conversation, entry.record.parts, entry.people, entry.files
