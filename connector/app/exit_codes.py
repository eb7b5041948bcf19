"""The one table of exit codes: situation → code → who must act. Programs and the manual use it.

``python -m connector.app.exit_codes`` prints the table for ``docs/operations.md``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import StrEnum

import click

from connector.errors import (
    FORBIDDEN_BY_OWNER_OR_MODE,
    AccessDenied,
    ConfigError,
    ConnectorError,
    DiskFailed,
    ExitCode,
    Hanging,
    Locked,
    NotPermitted,
    PersonNeeded,
    RailTripped,
    RemoteError,
    Stopped,
)
from state.errors import StateError, StateFailed, StateForbidden, TakenOver


class Actor(StrEnum):
    """Who must act."""

    NOBODY = "nobody"
    SUPPORT = "whoever looks after the conversations"
    CALLER = "whoever typed the command or wrote the configuration"
    NEXT_RUN = "nobody: the next run continues; look when it persists"
    OPERATOR = "whoever runs the connector"


@dataclass(frozen=True, slots=True)
class Situation:
    """One row: what happened, the exit code, who must act, and the error that says so, if one does."""

    what: str
    code: ExitCode
    actor: Actor
    error: type[Exception] | None = None


SITUATIONS = (
    Situation("done, and nothing new needs a person", ExitCode.CLEAN, Actor.NOBODY),
    Situation(
        "stopped on request (Ctrl-C, SIGTERM): it says what is left",
        ExitCode.CLEAN,
        Actor.NOBODY,
        Stopped,
    ),
    Situation(
        "done, but something new needs attention or is in quarantine", ExitCode.ATTENTION, Actor.SUPPORT
    ),
    Situation("a check found something: verify, doctor, mapping check", ExitCode.ATTENTION, Actor.SUPPORT),
    Situation("a wrong command, option or configuration", ExitCode.USAGE, Actor.CALLER, ConfigError),
    Situation(
        "a side does not answer, or answers with an error", ExitCode.FAILED, Actor.NEXT_RUN, RemoteError
    ),
    Situation(
        "no room, a failing or read-only disk, a busy file", ExitCode.FAILED, Actor.NEXT_RUN, DiskFailed
    ),
    Situation("the state file has no room or is busy", ExitCode.FAILED, Actor.NEXT_RUN, StateFailed),
    Situation(
        "a state file that this user may not use, or without its key",
        ExitCode.PERSON,
        Actor.OPERATOR,
        StateForbidden,
    ),
    Situation(
        "a state file that is missing, foreign, newer or damaged", ExitCode.USAGE, Actor.CALLER, StateError
    ),
    Situation(
        "the run that holds the lock has finished no step for 10 minutes",
        ExitCode.ATTENTION,
        Actor.OPERATOR,
        Hanging,
    ),
    Situation(
        "another run holds the lock (only with --strict; else 0)", ExitCode.LOCKED, Actor.NEXT_RUN, Locked
    ),
    Situation(
        "another run took over while this one was suspended", ExitCode.LOCKED, Actor.NEXT_RUN, TakenOver
    ),
    Situation(
        "a safety check stopped the run, or a limit newly holds something",
        ExitCode.RAIL,
        Actor.OPERATOR,
        RailTripped,
    ),
    Situation(
        "a token expired, was refused, or may not do this", ExitCode.PERSON, Actor.OPERATOR, AccessDenied
    ),
    Situation(
        "a workspace other than the bound one, or a lost state", ExitCode.PERSON, Actor.OPERATOR, PersonNeeded
    ),
    Situation(
        "a file or folder whose owner or mode forbids this user",
        ExitCode.PERSON,
        Actor.OPERATOR,
        NotPermitted,
    ),
    Situation("no to a question, or a second Ctrl-C", ExitCode.ABORTED, Actor.NOBODY, click.Abort),
)


def exit_code_of(error: Exception) -> int:
    """Return the exit code of an error that ended a command."""
    match error:
        case ConnectorError():
            return error.exit_code
        # Before ClickException, whose own code it would take.
        case click.UsageError():
            return ExitCode.USAGE
        case click.Abort():
            return ExitCode.ABORTED
        case click.ClickException():
            return error.exit_code
        # Only what an owner or a mode forbids needs a person; the rest may pass by itself.
        case OSError() if error.errno in FORBIDDEN_BY_OWNER_OR_MODE:
            return ExitCode.PERSON
    # In the table's order: a subclass comes before its base.
    rows = (row.code for row in SITUATIONS if row.error is not None and isinstance(error, row.error))
    return next(rows, ExitCode.FAILED)


def markdown() -> str:
    """Return the table as the manual prints it."""
    rows = [f"| {row.code.value} | {row.what} | {row.actor} |" for row in SITUATIONS]
    return "\n".join(["| code | situation | who must act |", "|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
