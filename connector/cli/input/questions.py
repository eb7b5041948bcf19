"""One question of a conversation: an answer that cannot be used is told, and asked for again at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import click

from connector.cli.input.stops import asking
from connector.errors import ConfigError, ConnectorError
from connector.host.cell import line
from connector.host.redaction import REDACTOR

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_OPTION = re.compile(r" \(--[a-z-]+\)")
"""An option in brackets: whoever is asked types none."""


def until_it_fits(question: str, otherwise: str, check: Callable[[str], T], *, hidden: bool = False) -> T:
    """Return what ``check`` makes of an answer; ``otherwise`` is what Enter alone answers."""
    while True:
        try:
            return check(answer_to(question, otherwise, hidden=hidden))
        except ConnectorError as error:
            tell(error)


def answer_to(question: str, otherwise: str = "", *, hidden: bool = False) -> str:
    """Return what was typed; ConfigError for nothing."""
    with asking():
        try:
            given: str = click.prompt(
                question, default=otherwise, show_default=bool(otherwise), hide_input=hidden, err=True
            )
        except click.Abort:
            if not hidden:  # there the library ends the line
                click.echo(err=True)
            raise
    if given.strip():
        return given.strip()
    if hidden:
        raise ConfigError(
            "nothing was pasted", hint="paste it and press Enter: nothing is shown meanwhile; Ctrl-C leaves"
        )
    raise ConfigError("nothing was typed", hint="type an answer and press Enter; Ctrl-C leaves")


def tell(error: ConnectorError) -> None:
    """Say what is wrong with an answer: the question that follows is what to do next."""
    out, hint = (line(REDACTOR.clean(text)) for text in (str(error), _OPTION.sub("", error.hint)))
    click.echo(f"connector: {out}\n  {hint}" if hint else f"connector: {out}", err=True)
