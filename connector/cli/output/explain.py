"""One place that turns any error into a sentence, the next step, and an exit code."""

from __future__ import annotations

import shutil
import sys
import traceback

import click

from connector.app.exit_codes import exit_code_of
from connector.cli.input.asking import LeftOff
from connector.cli.input.stops import this_command
from connector.cli.output.suggest import next_step
from connector.cli.output.wrapping import wrapped
from connector.errors import LOOK, MAKE_ROOM, NO_ROOM, ConnectorError, with_command
from connector.host.cell import json_line, line
from connector.host.redaction import REDACTOR
from state.errors import StateError, TakenOver


def explain(error: Exception, *, as_json: bool, verbose: bool, command: str = "") -> int:
    """Tell the user what happened, and what to type; return the exit code.

    ``command`` is the one that failed, else that of this process.
    """
    # Its message is the help itself, of many lines: cleaned to one it could not be read.
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        sys.stderr.write(f"{error.message}\n")
        return exit_code_of(error)
    # One line without secrets: an error may quote what a side answered.
    message, hint = _words(error)
    if not isinstance(error, click.ClickException | click.Abort):
        hint = with_command(hint, _next_command(message, hint, command or this_command()))
    message, hint = (line(REDACTOR.clean(text)) for text in (message, hint))
    code = exit_code_of(error)
    # What we raise says all in its sentence; only a stranger's error needs its place.
    if verbose and not isinstance(error, ConnectorError | StateError | click.ClickException):
        traceback.print_tb(error.__traceback__)
    if as_json:
        sys.stdout.write(json_line({"error": message, "hint": hint, "exit_code": code}) + "\n")
    tell_aside(f"connector: {message}")
    if hint:
        tell_aside(f"  next: {hint}")
    return code


def tell_aside(text: str) -> None:
    """Write a line for a person to stderr; on a terminal it is folded between words."""
    lines = wrapped(text, shutil.get_terminal_size().columns) if sys.stderr.isatty() else (text,)
    sys.stderr.writelines(f"{shown}\n" for shown in lines)


def _next_command(message: str, hint: str, failed: str) -> str:
    """Return what to type next: the same again, unless its options were wrong or nothing is known to do."""
    if not hint:
        return LOOK
    if message.lstrip().startswith("--"):
        return f"{failed.partition(' -')[0]} --help"
    return failed


def _words(error: Exception) -> tuple[str, str]:
    match error:
        case ConnectorError():
            return str(error), error.next_step
        case StateError():
            return str(error), error.hint
        case TakenOver():
            return str(error), "look at `connector status`"
        case click.NoSuchOption() | click.NoSuchCommand():
            return error.message, next_step(error)
        case click.UsageError():
            return " ".join(error.format_message().split()), next_step(error)
        case click.ClickException():
            return error.format_message(), ""
        case LeftOff():
            return str(error), error.hint
        case click.Abort():
            return "aborted; nothing was written", ""
        case OSError():
            hint = MAKE_ROOM if error.errno in NO_ROOM else "check the path and its rights"
            return f"{error.filename or 'a file'}: {error.strerror or error}", hint
        case _:
            name = type(error).__name__
            return f"an unexpected {name} stopped the run", "run it again with --verbose and report it"
