"""`connector backfill`: past conversations of one side, carried over silently; resumable at any point."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.app import inspecting, passes
from connector.app.migration import canary
from connector.app.reporting.target import refuse_target, write_page
from connector.cli.input.asking import ask
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.queries import choosing
from connector.cli.input.stops import stopping, this_command
from connector.cli.output import render
from connector.cli.output.consent import canary_lines, consent_lines, take_back
from connector.cli.output.explain import tell_aside
from connector.cli.sync import finish
from connector.errors import ConfigError, ExitCode
from connector.host.clock import SystemClock
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.app.inspecting import Planned
    from connector.app.passes import Choice
    from connector.app.runs import RunResult
    from connector.config.model import Config
    from mappings.model import Side

UNSEEN = "nobody looked at the first copy, because of --yes: look at one in {title} now"
LOOKS = "one conversation is copied; in {seconds} seconds its copy is read again, to see who answered it"
GOES_ON = {ExitCode.CLEAN, ExitCode.ATTENTION}


@click.command("backfill")
@click.option("--yes", is_flag=True, help="Do not ask, and do not stop after the first conversation.")
@click.option("--accept", is_flag=True, help="Accept a mapping that changed since the last run.")
@click.option("--strict", is_flag=True, help="Exit 1 also for known trouble.")
@click.option(
    "--report",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Also write what became of everything to this HTML page.",
)
@choosing
@common
def command(
    options: Options, /, *, choice: Choice, yes: bool, accept: bool, strict: bool, page: Path | None
) -> int:
    """Carry over past conversations of one side. Nobody is notified; a repeated run changes nothing.

    It tells what it would do and asks; then it copies one conversation, looks at the copy, and asks again.
    """
    config, clock = load_config(options), SystemClock()
    if page is not None:
        refuse_target(page)

    def carried(wanted: Choice) -> RunResult:
        machine = this_machine(options, clock, again=again)
        return passes.backfill(config, machine, wanted, after=first, accept=accept, strict=strict)

    first: RunResult | None = None
    again = this_command()
    # Until it was agreed to, what goes on after a stop asks again.
    with stopping(clock, lambda: again):
        if not yes:
            planned = _planned(options, clock, choice)
            # A report was asked for all the same where it is for a program or a page.
            if planned.writes_nothing and page is None and not options.as_json:
                _tell_nothing(planned, choice)
                return 0
            _ask(planned, choice.source)
            if planned.forecast.created > 1:
                first = carried(_first(choice))
                if clock.stopped or first.exit_code not in GOES_ON:
                    return _end(first, options, page, choice.source, config)
                choice = _looked_at(options, clock, choice, first)
    again = _agreed()
    with stopping(clock, lambda: again):
        result = carried(choice) if first is None else canary.together(first, carried(choice))
    if yes and result.error is None and result.report.created > 1:
        tell_aside(UNSEEN.format(title=TITLES[choice.source.other]))
    return _end(result, options, page, choice.source, config)


def _end(result: RunResult, options: Options, page: Path | None, source: Side, config: Config) -> int:
    """Write the page that was asked for, tell how it ended and what comes next; return the exit code."""
    if page is not None:
        from connector.app.reporting.of_backfill import page_of  # noqa: PLC0415 - few runs write a page
        from connector.app.reporting.page import render_page  # noqa: PLC0415 - same

        write_page(page, render_page(page_of(result, source, config.dashly.app_id)))
    code = finish(result, options)
    if result.error is None and not options.as_json:
        render.console().tell_next(_following(result))
    return code


def _agreed() -> str:
    """Return this very command: the choice is the same one, and so is the answer to the question."""
    words = [word for word in sys.argv[1:] if word != "--yes"]
    return shlex.join(["connector", *words, "--yes"])


def _planned(options: Options, clock: SystemClock, choice: Choice) -> Planned:
    """Return what would be copied, where somebody can be asked. It is only read: a no changes nothing."""
    # Cron has nobody to ask; silence must not count as consent.
    if not sys.stdin.isatty():
        raise ConfigError(
            "a backfill writes to both sides and asks first, but there is no terminal",
            hint=f"look at `connector plan backfill --from {choice.source}`, then add --yes",
        )
    return inspecting.plan_backfill(load_config(options), this_machine(options, clock), choice)


def _tell_nothing(planned: Planned, choice: Choice) -> None:
    out, source = render.console(), choice.source
    out.print(
        f"Nothing to copy: {TITLES[source.other]} has everything that was chosen in {TITLES[source]}, "
        "except for what is never copied."
    )
    for notice in planned.forecast.notices:
        out.print(f"- {notice.sentence()}")
    out.tell_next("connector verify")


def _following(result: RunResult) -> str:
    """Return what to type after a backfill: what deals with what it left, or else what checks it."""
    account = result.report.account
    if account is not None and account.left:
        return this_command()
    return "connector quarantine list" if account is not None and account.put_aside else "connector verify"


def _ask(planned: Planned, side: Side) -> None:
    _say(consent_lines(planned, side))
    ask(f"Copy the past conversations of {TITLES[side]} to {TITLES[side.other]}?")


def _first(choice: Choice) -> Choice:
    return replace(choice, ids=choice.ids[:1], limit=1)


def _looked_at(options: Options, clock: SystemClock, choice: Choice, first: RunResult) -> Choice:
    """Ask whether the first copy is right and nobody heard of it; return what is left to be copied."""
    tell_aside(LOOKS.format(seconds=round(canary.PATIENCE)))
    found = canary.look_at_first(load_config(options), this_machine(options, clock), first)
    if found is None:
        return choice
    _say(canary_lines(found, first))
    ask(
        "Is the copy right, and was nobody notified? If so, the rest is copied.",
        unless="the first copy is kept, and the rest was not begun",
        hint=take_back(found, first) or this_command(),
    )
    left = None if choice.limit is None else choice.limit - 1
    return replace(choice, limit=left, besides=frozenset({found.original}))


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        tell_aside(line)
