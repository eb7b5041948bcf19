"""The man pages: one for the program and one for each command, from what `--help` prints.

`click-man` makes none of commands that are imported on use, and knows no exit codes.
"""

from __future__ import annotations

from inspect import cleandoc
from itertools import chain
from typing import TYPE_CHECKING

import click

from connector.app.exit_codes import SITUATIONS
from connector.cli import COMMANDS, connector
from connector.cli.manual.document import options_of, own_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLES = {
    "CONNECTOR_CONFIG": "The configuration file, unless --config names one; else ./connector.toml.",
    "CREDENTIALS_DIRECTORY": (
        "A folder with dashly_token and intercom_token; with key too, unless that is beside connector.toml."
    ),
    "DASHLY_TOKEN_FILE, INTERCOM_TOKEN_FILE": "A file with the token, where that folder has none.",
    "DASHLY_TOKEN, INTERCOM_TOKEN": "The token itself, where no file is named.",
}
_FILES = {
    "connector.toml": "The configuration.",
    "connector.key": "The secret of the pair, beside the configuration. Keep a copy of it.",
    "connector.db": "The state file. Its backups are beside it, in connector.db.backups.",
}


def man_pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    root = click.Context(connector, info_name="connector", **connector.context_settings)
    pages = {"connector.1": _lines(_program(root))}
    for name in COMMANDS:
        command = connector.get_command(root, name)
        if command is not None:
            pages[f"connector-{name}.1"] = _lines(_command(command, name, root))
    return pages


def _lines(page: Iterator[str]) -> str:
    return "\n".join(page) + "\n"


def _program(root: click.Context) -> Iterator[str]:
    yield from _head("connector", connector.get_short_help_str(110))
    yield ".SH SYNOPSIS"
    yield r".B connector"
    yield _text("[OPTIONS] COMMAND [ARGS]...")
    yield ".SH DESCRIPTION"
    yield from _paragraphs(connector.help or "")
    yield ".SH COMMANDS"
    for name, told in COMMANDS.items():
        yield from _item(rf"\fBconnector\-{_text(name)}\fR(1)", told)
    yield ".SH OPTIONS"
    yield "These options go before or after the name of any command."
    for name, told in options_of(connector, root):
        yield from _item(rf"\fB{_text(name)}\fR", told)
    yield ".SH EXIT STATUS"
    for code in sorted({row.code for row in SITUATIONS}):
        situations = [row.what for row in SITUATIONS if row.code is code]
        yield from _item(rf"\fB{code.value}\fR", "; or ".join(situations) + ".")
    yield ".SH ENVIRONMENT"
    for name, told in _VARIABLES.items():
        yield from _item(rf"\fB{_text(name)}\fR", told)
    yield ".SH FILES"
    for name, told in _FILES.items():
        yield from _item(rf"\fI{_text(name)}\fR", told)


def _command(command: click.Command, name: str, root: click.Context) -> Iterator[str]:
    yield from _head(f"connector-{name}", COMMANDS[name])
    yield from _described(
        command, name, root, usage=".SH SYNOPSIS", text=".SH DESCRIPTION", options=".SH OPTIONS"
    )
    if isinstance(command, click.Group):
        above = click.Context(command, info_name=name, parent=root)
        for inner, below in command.commands.items():
            yield from _described(
                below, inner, above, usage=f".SH {_text(f'connector {name} {inner}'.upper())}"
            )
    yield ".SH SEE ALSO"
    yield r"\fBconnector\fR(1), for the options of every command, exit codes, environment and files."


def _described(
    command: click.Command,
    name: str,
    above: click.Context,
    *,
    usage: str,
    text: str = ".PP",
    options: str = "",
) -> Iterator[str]:
    """Yield how a command is called, what it does and its options, each below the given heading."""
    context = click.Context(command, info_name=name, parent=above)
    yield usage
    yield rf"\fB{_text(context.command_path)}\fR {_text(' '.join(command.collect_usage_pieces(context)))}"
    yield text
    yield from _paragraphs(command.help or "")
    parameters = list(chain.from_iterable(own_parameters(command, context).values()))
    yield from [options] if options and parameters else []
    for parameter, told in parameters:
        yield from _item(rf"\fB{_text(parameter)}\fR", told)


def _head(name: str, told: str) -> Iterator[str]:
    yield f'.TH {_text(name.upper())} 1 "" "connector" "Connector manual"'
    yield ".SH NAME"
    yield rf"{_text(name)} \- {_text(told.rstrip('.'))}"


def _item(name: str, told: str) -> Iterator[str]:
    yield ".TP"
    yield name
    yield _text(told) or r"\&"


def _paragraphs(text: str) -> Iterator[str]:
    yield "\n.PP\n".join(_text(" ".join(one.split())) for one in cleandoc(text).split("\n\n"))


def _text(text: str) -> str:
    """Return a text that roff shows as it is: no escapes, no requests, hyphens that can be copied."""
    plain = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain
