"""The page of the manual about the command line, made of what `--help` prints."""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from connector.cli import COMMANDS, connector

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 110
_GLOBAL = ("--config", "--json", "--plain", "--log", "--verbose", "-h, --help", "--help")


def page() -> str:
    """Return the page."""
    root = click.Context(
        connector,
        info_name="connector",
        max_content_width=_WIDTH,
        terminal_width=_WIDTH,
        **connector.context_settings,
    )
    options = "\n".join(f"  {name:17} {told}" for name, told in options_of(connector, root))
    introduction = files("connector.cli.manual").joinpath("document.md").read_text(encoding="utf-8")
    return "\n".join([introduction.format(options=options), *_sections(root)]).rstrip() + "\n"


def _sections(root: click.Context) -> Iterator[str]:
    for name in COMMANDS:
        command = connector.get_command(root, name)
        if command is not None:
            yield from _section(command, name, root)


def _section(command: click.Command, name: str, above: click.Context) -> Iterator[str]:
    context = click.Context(
        command, info_name=name, parent=above, max_content_width=_WIDTH, terminal_width=_WIDTH
    )
    title = context.command_path.removeprefix("connector ")
    yield f"## `{title}`\n\n```text\n{_help(command, context)}\n```\n"
    if isinstance(command, click.Group):
        for inner, below in command.commands.items():
            yield from _section(below, inner, context)


def _help(command: click.Command, context: click.Context) -> str:
    """Return the help of a command without the options that all have."""
    formatter = click.HelpFormatter(width=_WIDTH, max_width=_WIDTH)
    command.format_usage(context, formatter)
    command.format_help_text(context, formatter)
    for title, rows in own_parameters(command, context).items():
        with formatter.section(title):
            formatter.write_dl(rows)
    if isinstance(command, click.Group):
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, below.get_short_help_str(_WIDTH)) for name, below in command.commands.items()]
            )
    return formatter.getvalue().strip()


def own_parameters(command: click.Command, context: click.Context) -> dict[str, list[tuple[str, str]]]:
    """Return the arguments, and the options that not every command has, by their title, with their help."""
    arguments = _rows(click.Argument, command, context)
    options = [row for row in options_of(command, context) if not row[0].startswith(_GLOBAL)]
    return {
        title: rows for title, rows in (("Positional arguments", arguments), ("Options", options)) if rows
    }


def options_of(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    """Return all options of a command with their help."""
    return _rows(click.Option, command, context)


def _rows(
    kind: type[click.Parameter], command: click.Command, context: click.Context
) -> list[tuple[str, str]]:
    rows = (one.get_help_record(context) for one in command.get_params(context) if isinstance(one, kind))
    return [row for row in rows if row is not None]


if __name__ == "__main__":
    sys.stdout.write(page())
