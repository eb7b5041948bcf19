"""`connector doctor`: what a run needs, line by line, and what to do; writes nothing on the remotes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector import config as configuration
from connector.cli import render
from connector.cli.options import Options, common
from connector.clock import SystemClock
from connector.doctor.examine import examine
from connector.doctor.findings import Level, exit_code

if TYPE_CHECKING:
    from connector.doctor.findings import Finding

_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red", Level.SKIP: "dim"}


@click.command("doctor")
@common
def command(options: Options, /) -> int:
    """Check configuration, tokens, both sides, clocks, limits, mapping and state file, and say what to do."""
    findings = examine(configuration.find_path(options.config), SystemClock())
    code = exit_code(findings)
    if options.as_json:
        render.print_json({"checks": [_plain(f) for f in findings], "exit_code": code})
    else:
        _show(findings)
    return code


def _plain(finding: Finding) -> dict[str, object]:
    raw = asdict(finding)
    return {"check": raw["check"], "status": raw["level"], "detail": raw["detail"], "advice": raw["advice"]}


def _show(findings: list[Finding]) -> None:
    out = render.console()
    width = max(len(finding.check) for finding in findings)
    for finding in findings:
        style = _STYLES[finding.level]
        out.print(f"{finding.level:4}", style=style, end="  ", markup=False)
        out.print(f"{finding.check:{width}}  {finding.detail}", markup=False, soft_wrap=True)
        if finding.level in {Level.WARN, Level.FAIL} and finding.advice:
            out.print(f"{'':{width + 6}}  -> {finding.advice}", markup=False, soft_wrap=True)
    count = {level: sum(finding.level is level for finding in findings) for level in Level}
    out.print(f"{count[Level.OK]} ok, {count[Level.WARN]} warnings, {count[Level.FAIL]} failures")
