"""Options that every command shares, before or after its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Options:
    """The global options of one call."""

    config: str | None
    as_json: bool
    verbose: bool


def common(function: Callable[Concatenate[Options, P], R]) -> Callable[..., R]:
    """Give a command the global options, wherever they stood on the line."""

    @click.option("--config", metavar="PATH", hidden=True)
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
    @click.option("--verbose", is_flag=True, help="Log every request to stderr.")
    @click.pass_context
    @wraps(function)
    def wrapper(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        above = ctx.find_root().obj or {}
        options = Options(
            config=str(kwargs.pop("config") or above.get("config") or "") or None,
            as_json=bool(kwargs.pop("as_json") or above.get("as_json")),
            verbose=bool(kwargs.pop("verbose") or above.get("verbose")),
        )
        from connector.host.log import configure  # noqa: PLC0415 - help needs no logging

        configure(2 if options.verbose else 0)
        return function(options, *args, **kwargs)

    return wrapper
