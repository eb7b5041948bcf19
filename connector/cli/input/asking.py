"""Asking a person before something that cannot be taken back."""

from __future__ import annotations

import sys

import click

from connector.cli.input.stops import asking
from connector.errors import ConfigError


class LeftOff(click.Abort):
    """A person left a question: what became of what was told before, and the command that goes on."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def confirm(question: str, *, yes: bool, unless: str, hint: str = "") -> None:
    """Go on when a person agrees, or agreed with ``--yes``; ConfigError where nobody can be asked.

    ``unless`` and ``hint`` are told after a "no".
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("this command asks first, but there is no terminal", hint="add --yes if you agree")
    ask(question, unless=unless, hint=hint)


def ask(question: str, *, unless: str = "nothing was written", hint: str = "") -> None:
    """Go on when a person on this terminal agrees; else end with ``unless``, which says what is true then."""
    # A Ctrl-C here is an answer, not a stop of work that was never begun.
    with asking():
        try:
            agreed = click.confirm(question, err=True)
        except click.Abort:
            click.echo(err=True)  # what follows begins a line
            agreed = False
    if not agreed:
        raise LeftOff(f"aborted; {unless}", hint=hint)
