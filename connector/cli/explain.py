"""One place that turns any error into a sentence, the next step, and an exit code."""

from __future__ import annotations

import json
import sys
import traceback

import click

from connector.errors import ConnectorError
from state.errors import StateError, TakenOver


def explain(error: Exception, *, as_json: bool, verbose: bool) -> int:
    """Tell the user what happened; return the exit code."""
    message, hint, code = _words(error)
    if verbose and not isinstance(error, ConnectorError | StateError | click.ClickException):
        traceback.print_exception(error)
    if as_json:
        sys.stdout.write(json.dumps({"error": message, "hint": hint, "exit_code": code}) + "\n")
    sys.stderr.write(f"connector: {message}\n")
    if hint:
        sys.stderr.write(f"  next: {hint}\n")
    return code


def _words(error: Exception) -> tuple[str, str, int]:
    match error:
        case ConnectorError():
            return str(error), error.hint, error.exit_code
        case StateError():
            return str(error), error.hint, error.exit_code
        case TakenOver():
            return str(error), "look at `connector status`", 4
        case click.UsageError():
            return " ".join(error.format_message().split()), _usage_hint(error), 2
        case click.ClickException():
            return error.format_message(), "", error.exit_code
        case click.Abort():
            return "aborted; nothing was written", "", 130
        case OSError():
            return (
                f"{error.filename or 'a file'}: {error.strerror or error}",
                "check the path and its rights",
                7 if isinstance(error, PermissionError) else 3,
            )
        case _:
            name = type(error).__name__
            return f"an unexpected {name} stopped the run", "run it again with --verbose and report it", 3


def _usage_hint(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx is not None else "connector"
    return f"{path} --help"
