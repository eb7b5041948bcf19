"""`connector export`: the conversations of one side, in a file; resumable at any point."""

from __future__ import annotations

from pathlib import Path

import click

from connector.app.migration.exporting import export
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.cli.output import render
from connector.errors import ConfigError
from connector.host.amounts import counted
from connector.host.clock import SystemClock
from mappings.model import Side

_TOLD = 20  # the rest stands in the file


@click.command("export")
@click.option(
    "--from",
    "source",
    required=True,
    type=click.Choice([side.value for side in Side]),
    help="The side to read.",
)
@click.option(
    "--files",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Fetch attachments too, into this folder, by their hashes.",
)
@click.argument(
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The export; an interrupted one is continued.",
)
@common
def command(options: Options, /, *, source: str, folder: Path | None, file: Path) -> int:
    """Write all conversations of one side into FILE.ndjson or FILE.ndjson.gz. Writes on neither side."""
    if not file.name.endswith((".ndjson", ".ndjson.gz")):
        raise ConfigError(
            f"{file} ends in neither .ndjson nor .ndjson.gz", hint=f"name it {file.name}.ndjson"
        )
    config, clock = load_config(options), SystemClock()
    with stopping(clock):
        done = export(config, this_machine(options, clock), Side(source), file, folder)
    if options.as_json:
        render.print_json(
            {
                "file": str(done.path),
                "side": source,
                "conversations": done.conversations,
                "added": done.added,
                "unread": [{"id": key, "why": why} for key, why in done.unread.items()],
                "files": done.files,
                "files_missing": done.files_missing,
                "exit_code": done.exit_code,
            }
        )
        return done.exit_code
    out = render.console()
    out.print(f"{counted(done.conversations, 'conversation')} in {done.path}, {done.added} of them now")
    if folder is not None:
        out.print(f"{counted(done.files, 'file')} in {folder}, {done.files_missing} could not be fetched")
    if done.unread:
        rows = list(done.unread.items())[:_TOLD]
        out.print(render.table(f"{len(done.unread)} could not be read", ["conversation", "why"], rows))
    return done.exit_code
