"""Options that every command and every group of commands shares, before or after its name."""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from connector.host.log import LogFormat, configure

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Options:
    """The global options of one call."""

    config: str | None = None
    as_json: bool = False
    verbose: bool = False
    plain: bool = False
    log: LogFormat | None = None

    def over(self, above: Options) -> Options:
        """Return these options, with those that stood further left on the line where these say nothing."""
        # By `or`: an option can be set on the line, never unset.
        return Options(**{f.name: getattr(self, f.name) or getattr(above, f.name) for f in fields(Options)})


GLOBAL = (
    click.option(
        "--config",
        type=click.Path(),
        metavar="PATH",
        help="Configuration file [$CONNECTOR_CONFIG, ./connector.toml].",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout."),
    click.option("--plain", is_flag=True, help="Print tables as rows with tabs, without drawing."),
    click.option(
        "--log",
        type=click.Choice(LogFormat, case_sensitive=False),
        help="Form of the log [text on a terminal, else json].",
    ),
    click.option("--verbose", is_flag=True, help="Log every request to stderr."),
)


def _verbosity(options: Options) -> int:
    """Return what is logged: on a terminal warnings only, since the report says what was done."""
    if options.verbose:
        return 2
    # Without a terminal the log is all that is left of a run.
    return 0 if options.log is None and sys.stderr.isatty() else 1


def common(function: Callable[Concatenate[Options, P], R]) -> Callable[..., R]:
    """Give a command or a group the global options, wherever they stood on the line."""

    @click.pass_context
    @wraps(function)
    def wrapper(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        options = Options(**{f.name: kwargs.pop(f.name) for f in fields(Options)})  # type: ignore[arg-type]
        above = ctx.parent.obj if ctx.parent is not None else None
        ctx.obj = options = options.over(above) if isinstance(above, Options) else options
        configure(_verbosity(options), form=options.log)
        return function(options, *args, **kwargs)

    decorated: Callable[..., R] = wrapper
    # Click applies decorators from the inside out; help shows them in our order.
    for option in reversed(GLOBAL):
        decorated = option(decorated)
    return decorated
