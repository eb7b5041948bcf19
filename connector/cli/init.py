"""`connector init`: write a commented configuration, or bind both workspaces and create the state file."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.app.binding import initialise
from connector.cli.input.answers import answers
from connector.cli.input.asking import LeftOff
from connector.cli.input.conversation import Conversation, anything_told
from connector.cli.input.opening import this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.cli.input.times import WHEN
from connector.cli.output import render
from connector.cli.output.explain import explain
from connector.cli.output.first_file import first_file
from connector.config import file as configuration
from connector.config.place import place_of
from connector.config.tokens import token_variable
from connector.errors import ConfigError, ConnectorError
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
@answers
@common
def command(options: Options, /, *, since: Seconds | None, systemd: Path | None, **told: str | None) -> int:
    """Write connector.toml when there is none; with one, bind both workspaces and create the state file.

    On a terminal it asks for what it needs and does not know yet, checks each answer, and binds.
    """
    path = configuration.find_path(options.config)
    if systemd is not None:
        _write_units(path, systemd, options)
        return 0
    clock = SystemClock()
    environment = this_machine(options, clock)
    asks = sys.stdin.isatty() and sys.stdout.isatty() and not options.as_json
    talk = None
    if not path.exists():
        _refuse_without_folder(path)
        if not asks and not anything_told(told):
            _write_template(path, options)
            return 0
        talk = Conversation(path, dict(told), environment, asks, since)
        _write_first(path, talk)
        environment = talk.with_tokens()
        _tell_tokens(talk, options)
    config = configuration.load(path)
    with stopping(clock):
        bound = initialise(config, environment, since=since)
    _tell(config, options, bound)
    return 0 if talk is None else _offer(talk, options)


def _refuse_without_folder(path: Path) -> None:
    folder = path.absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}", hint=f"mkdir -p {shlex.quote(str(folder))}")


def _write_first(path: Path, talk: Conversation) -> None:
    proposals = talk.hold()
    text = first_file(configuration.template(path.stem), talk.settings, proposals)
    talk.keep_tokens()
    _write_new(path, text)


def _offer(talk: Conversation, options: Options) -> int:
    """Say what the next commands need, and set up what starts them again and again."""
    path = talk.path.absolute()
    match _timer(talk, options):
        case "systemd":
            return _offer_units(path, options)
        case "cron" if not options.as_json:
            out = render.console()
            out.print("Add this line with: crontab -e")
            out.print(_line_for_cron(path, _variables(talk)))
    return 0


def _timer(talk: Conversation, options: Options) -> str:
    try:
        return talk.timer()
    except click.Abort:
        click.echo(err=True)
        raise LeftOff(
            "no timer was set up; both workspaces are bound", hint=f"{_program(options)} doctor"
        ) from None


def _variables(talk: Conversation) -> list[str]:
    return [f"{token_variable(side)}_FILE={shlex.quote(str(file))}" for side, file in talk.files.items()]


def _program(options: Options) -> str:
    return "connector" if options.config is None else f"connector --config {shlex.quote(options.config)}"


def _line_for_cron(path: Path, tokens: list[str]) -> str:
    program = [str(Path(sys.executable).with_name("connector")), "--config", path.name]
    command = " ".join([*tokens, shlex.join([*program, "--log", "json", "sync"])])
    line = f"cd {shlex.quote(str(path.parent))} && {command} >> {shlex.quote(f'{path.stem}.log')} 2>&1"
    # To cron a percent sign is the end of the line.
    return f"* * * * * {line.replace('%', chr(92) + '%')}"


def _tell_tokens(talk: Conversation, options: Options) -> None:
    """Say where the tokens are, before anything may fail: the next command needs to know as well."""
    if options.as_json:
        return
    out, tokens = render.console(), _variables(talk)
    if tokens:
        out.print("For the commands that follow:")
        out.print(f"export {' '.join(tokens)}")
    if len(tokens) < len(Side):
        out.print(
            "A timer needs both tokens in files: name them in DASHLY_TOKEN_FILE and INTERCOM_TOKEN_FILE."
        )


def _offer_units(path: Path, options: Options) -> int:
    """Write the units where this user may; the pair is bound already, so what is left is told."""
    try:
        _write_units(path, Path(SYSTEM_FOLDER), options)
    except ConnectorError as error:
        return explain(error, as_json=False, verbose=options.verbose)
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
    folder = path.absolute().parent
    out.print("The services run as the user connector: create it if it does not exist.")
    out.print(f"Tokens and key are {name}.dashly_token, {name}.intercom_token and {name}.key in {folder}.")
    out.print(f"The state is in /var/lib/connector/{name}: set [state] path to a file in it.")
    out.print(f"Next: systemctl daemon-reload && systemctl enable --now connector@{name}.timer")


def _write_new(path: Path, text: str) -> None:
    # O_EXCL: a file that appeared meanwhile is somebody's, and is not overwritten. UTF-8 whatever this
    # machine's own letters are: it is read so, and names of people are in it.
    with os.fdopen(open_private(path, os.O_EXCL | os.O_WRONLY), "w", encoding="utf-8") as file:
        file.write(text)


def _write_template(path: Path, options: Options) -> None:
    _write_new(path, configuration.template(path.stem))
    if options.as_json:
        render.print_json({"written": str(path)})
        return
    out = render.console()
    out.print(f"Wrote {path}. Fill in app_id and default_admin, set DASHLY_TOKEN and INTERCOM_TOKEN.")
    out.tell_next(f"{_program(options)} init")


def _tell(config: Config, options: Options, bound: Bound) -> None:
    found = bound.workspaces
    if options.as_json:
        render.print_json(
            {
                "state": str(place_of(config)),
                "created": bound.created,
                "dashly": found[Side.DASHLY].id,
                "intercom": found[Side.INTERCOM].id,
            }
        )
        return
    out = render.console()
    dashly, intercom = found[Side.DASHLY], found[Side.INTERCOM]
    out.print(f"Bound Dashly app {dashly.id} and Intercom workspace {intercom.id} ({intercom.name}).")
    out.print(f"State: {place_of(config)}{' (new)' if bound.created else ''}")
    if bound.created:
        out.print("Its key is beside the configuration: keep a copy of it with the tokens.")
    program = _program(options)
    out.print(f"Next: {program} doctor")
    out.print(f"Then, to copy the past: {program} plan backfill --from dashly")
    out.print(f"Or, from now on only: {program} sync")
