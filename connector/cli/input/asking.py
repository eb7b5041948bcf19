"""Asking a person before something that cannot be taken back."""

from __future__ import annotations

import sys

import click

from connector.cli.input.stops import asking
from connector.errors import ConfigError


class LeftOff(click.Abort):
    """A person left a question: what became of what was told before, and the command that goes on."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def confirm(question: str, *, yes: bool) -> None:
    """Go on when a person agrees, or agreed with ``--yes``; ConfigError where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("this asks first, but there is no terminal", hint="add --yes if you agree")
    ask(question)


def ask(question: str) -> None:
    """Go on when a person on this terminal agrees."""
    # A Ctrl-C here is an answer, not a stop of work that was never begun.
    with asking():
        try:
            agreed = click.confirm(question, err=True)
        except click.Abort:
            click.echo(err=True)  # what follows begins a line
            raise
    if not agreed:
        raise click.Abort
