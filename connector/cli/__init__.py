"""The command line: `connector COMMAND`. A command is imported when it is called: help is instant."""

from __future__ import annotations

import gc
import io
import shlex
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import click

from connector.cli.input.options import Options, common
from connector.cli.input.stops import from_the_start

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

COMMANDS = {
    "init": "Write a configuration, or bind both workspaces and create the state file.",
    "doctor": "Check everything that a run needs, and say what to do.",
    "sync": "Carry over what changed on both sides, once or every few seconds.",
    "backfill": "Carry over past conversations, silently.",
    "plan": "Show what a sync or backfill would do. Writes nothing.",
    "verify": "Compare both sides pair by pair. Writes nothing.",
    "status": "Show whether all is well and since when, what waits, and what to type.",
    "report": "Write one page for a browser: health, lag, throughput, what became of every part.",
    "quarantine": "List, show, retry or skip conversations that cannot go on.",
    "pairs": "List, show, link and unlink conversation pairs.",
    "export": "Write the conversations of one side into a file.",
    "undo": "Undo what a backfill created on Intercom.",
    "state": "Back up, restore, check or shrink the state file.",
    "forget": "Erase a person from the state file and its backups.",
    "recover": "Rebuild a lost state file from the copies on both sides.",
    "mapping": "Print the mapping tables, or check who is unmapped.",
    "fleet": "Keep all pairs of a folder in step in one process, and show how they are.",
    "hooks": "Receive Intercom's webhooks as hints to look sooner.",
    "sandbox": "Run both helpdesks, emulated, on loopback.",
    "demo": "Run the main job end to end on the sandbox.",
}

_ROOMS = {"demo": "trying.demo", "sandbox": "trying.sandbox"}
"""Where a command is that has a room of its own."""


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a person meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        # On use: pydantic, httpx and rich together cost half a second.
        with _nothing_collected():
            command = import_module(f"connector.cli.{_ROOMS.get(cmd_name, cmd_name)}").command
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@contextmanager
def _nothing_collected() -> Generator[None]:
    """Look for no garbage while modules are loaded: all that they make stays."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dashly-intercom-connector")
@common
def connector(_options: Options, /) -> None:
    """Keep conversations in Dashly (Carrot quest) and Intercom in step, in both directions."""


def main(arguments: list[str] | None = None, *, stopped: Callable[[], bool] = lambda: False) -> None:
    """Run the command line and exit with the documented code.

    ``stopped`` tells whether a signal came before anybody here could hear it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the terminal cannot show is no failure
            stream.reconfigure(errors="backslashreplace")
    try:
        with from_the_start(to_the_end=arguments is None, stopped=stopped):
            result = connector.main(arguments, prog_name="connector", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 - the one place where an error becomes a sentence
        sys.exit(_explain(error, arguments if arguments is not None else sys.argv[1:]))
    # Before any handler stood: 128 + SIGINT, as a shell expects.
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(result if isinstance(result, int) else 0)


def _explain(error: Exception, arguments: list[str]) -> int:
    from connector.cli.output.explain import explain  # noqa: PLC0415 - only when something went wrong

    command = shlex.join(["connector", *arguments])
    return explain(error, as_json="--json" in arguments, verbose="--verbose" in arguments, command=command)
