"""What a person may have meant by a command or an option that does not exist."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

_KNOWN_ELSEWHERE = {
    "dry-run": "connector plan: it shows what a sync or a backfill would do, and writes nothing",
    "check": "connector doctor, or connector mapping check",
    "migrate": "connector backfill",
    "import": "connector backfill",
    "run": "connector sync",
    "logs": "connector status; the log itself is on stderr",
    "help": "connector --help",
}


def next_step(error: click.UsageError) -> str:
    """Return what to type instead, or how to see what can be typed."""
    path = error.ctx.command_path if error.ctx is not None else "connector"
    match error:
        case click.NoSuchOption():
            word, known = error.option_name, _options(error.ctx)
        case click.NoSuchCommand():
            word, known = error.command_name, _commands(error.ctx)
        case _:
            return f"{path} --help"
    return _instead(word, known, path) or f"{path} --help"


def _instead(word: str, known: Iterable[str], path: str) -> str:
    bare = word.lstrip("-")
    if bare in _KNOWN_ELSEWHERE:
        return _KNOWN_ELSEWHERE[bare]
    near = get_close_matches(word, list(known), n=1)
    return f"did you mean: {path} {near[0]}" if near else ""


def _options(context: click.Context | None) -> list[str]:
    if context is None:
        return []
    return [name for found in context.command.get_params(context) for name in found.opts if name[0] == "-"]


def _commands(context: click.Context | None) -> list[str]:
    group = context.command if context is not None else None
    return group.list_commands(context) if context is not None and isinstance(group, click.Group) else []
