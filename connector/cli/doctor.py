"""`connector doctor`: what a run needs, line by line, and what to do; with `--probe` it asks both sides."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from connector.app import diagnosis as diagnosing
from connector.cli.input.asking import ask
from connector.cli.input.opening import this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping, this_command
from connector.cli.output import render
from connector.cli.output.explain import explain
from connector.config import file as configuration
from connector.doctor.findings import Level, as_stopped, check_shown, exit_code
from connector.errors import STOPPED, ConfigError, ExitCode, Stopped
from connector.host.amounts import counted
from connector.host.clock import SystemClock
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from connector.cli.output.render import Screen
    from connector.doctor.examine import Diagnosis
    from connector.doctor.findings import Finding

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red", Level.SKIP: "dim"}
_WRONG = {Level.WARN, Level.FAIL}
_CONSENT = """The probe writes one test conversation on each side, as a person named "Connector probe" who has
no address: notes, one message to that person, a tag, closings. Agents see it in their inbox, and automations
for new conversations may run. It is closed at the end and never copied. Go on?"""


@click.command("doctor")
@click.option(
    "--probe", is_flag=True, help="Find out undocumented behaviour with a test conversation on each side."
)
@click.option("--yes", is_flag=True, help="Do not ask before a probe.")
@common
def command(options: Options, /, *, probe: bool, yes: bool) -> int:
    """Check configuration, tokens, both sides, clocks, limits, mapping and state file, and say what to do."""
    # A probe writes where customers' agents see it, so it asks like a backfill.
    if probe and not yes:
        _ask()
    path, clock = configuration.find_path(options.config), SystemClock()
    examine = diagnosing.probe if probe else diagnosing.diagnose
    with stopping(clock):
        diagnosis = examine(path, this_machine(options, clock))
    if clock.stopped:
        # Reads that were dropped look like a side that does not answer.
        diagnosis = replace(diagnosis, findings=as_stopped(diagnosis.findings))
    _tell(diagnosis, options, Stopped(STOPPED, hint=this_command()) if clock.stopped else None)
    return ExitCode.CLEAN if clock.stopped else exit_code(diagnosis.findings)


def _tell(diagnosis: Diagnosis, options: Options, stopped: Stopped | None) -> None:
    if options.as_json:
        code = exit_code(diagnosis.findings) if stopped is None else stopped.exit_code
        checks = [_plain(finding) for finding in diagnosis.findings]
        error = {} if stopped is None else {"error": str(stopped), "hint": stopped.hint}
        render.print_json({"checks": checks, "probe": diagnosis.answers, **error, "exit_code": code})
    else:
        _show(diagnosis, whole=options.verbose)
    if stopped is not None:
        explain(stopped, as_json=False, verbose=options.verbose)


def _ask() -> None:
    if not sys.stdin.isatty():
        raise ConfigError(
            "a probe writes test conversations on both sides and asks first, but there is no terminal",
            hint="add --yes if you agree",
        )
    ask(_CONSENT)


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "status": finding.level,
        "detail": finding.detail,
        "advice": finding.advice,
    }


def _show(diagnosis: Diagnosis, *, whole: bool) -> None:
    out = render.console()
    # Forty lines that say "ok" would hide the one that does not.
    shown = [finding for finding in diagnosis.findings if whole or finding.level in _WRONG]
    if out.drawing:
        _print_lines(out, shown)
    elif shown:
        rows = [(f.level, check_shown(f.check), f.detail, _next(f)) for f in shown]
        out.print(render.table("Checks", ["status", "check", "detail", "next"], rows))
    if whole:
        _show_answers(diagnosis, out)
    count = {level: sum(f.level is level for f in diagnosis.findings) for level in Level}
    if not whole:
        out.print("To list the checks that passed as well: connector doctor --verbose")
    warnings, failures = counted(count[Level.WARN], "warning"), counted(count[Level.FAIL], "failure")
    out.print(f"{counted(count[Level.OK], 'check')} passed; {warnings}, {failures}")


def _print_lines(out: Screen, shown: list[Finding]) -> None:
    width = max((len(check_shown(finding.check)) for finding in shown), default=0)
    for finding in shown:
        out.print(
            f"{finding.level:4}  {check_shown(finding.check):{width}}  {finding.detail}",
            style=_STYLES[finding.level],
            styled=4,
        )
        if _next(finding):
            out.print(f"{'':{width + 6}}  -> {_next(finding)}")


def _next(finding: Finding) -> str:
    return finding.advice if finding.level in _WRONG else ""


def _show_answers(diagnosis: Diagnosis, out: Screen) -> None:
    for side in Side:
        said = (diagnosis.answers or {}).get(side.value)
        if isinstance(said, dict):
            rows = ((name.replace("_", " "), _told(answer)) for name, answer in said.items())
            out.print(render.table(f"{TITLES[side]} answered", ["question", "answer"], rows))


def _told(answer: object) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "none" if answer is None else str(answer)
