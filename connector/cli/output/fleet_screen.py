"""What `connector fleet` shows: one table over all pairs, or plain data."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from connector.cli.output import render
from connector.doctor.findings import Level, check_shown, exit_code
from connector.fleet.overview import Mark
from connector.host.amounts import age, counted
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connector.doctor.findings import Finding
    from connector.fleet.breaker import Ended
    from connector.fleet.overview import Overview, PairView

_WRONG = {Level.WARN, Level.FAIL}


def facts(found: Overview) -> dict[str, object]:
    """Return how all pairs are as plain data."""
    return {
        "fleet": {
            "running": bool(found.told.runner),
            "process": found.told.process,
            "hosts": [{"host": host, "process": process} for host, process in found.told.hosts.items()],
        },
        "counts": {mark.value: number for mark, number in found.counts.items()},
        "pairs": [_view_facts(view) for view in found.pairs],
    }


def show(found: Overview) -> None:
    """Print how all pairs are: those first that need somebody."""
    out = render.console()
    counts = ", ".join(f"{number} {mark}" for mark, number in found.counts.items() if number)
    out.print(f"{counted(len(found.pairs), 'pair')}: {counts or 'none'}; {found.runner}")
    rows = [_row(view, found) for view in found.ill_first]
    columns = ["pair", "health", "lag", "last failure", "next pass"]
    out.print(render.table("Fleet", columns, rows))
    for view in found.ill_first:
        if view.mark is not Mark.WELL and view.why:
            out.print(f"{view.name}: {view.why}")
            if view.hint:
                out.print(f"  -> {view.hint}")
    if any(view.mark is Mark.ILL or view.standing.rest for view in found.pairs):
        out.print(_for_one(found.folder))


def pass_facts(ended: Mapping[str, Ended]) -> list[dict[str, object]]:
    """Return how one pass of each pair ended as plain data."""
    return [
        {
            "name": name,
            "exit_code": one.exit_code,
            "seconds": one.seconds,
            "error": one.error,
            "hint": one.hint,
        }
        for name, one in ended.items()
    ]


def show_passes(ended: Mapping[str, Ended]) -> None:
    """Print how one pass of each pair ended."""
    rows = ((name, one.exit_code, f"{one.seconds:.1f} s", one.error, one.hint) for name, one in ended.items())
    render.console().print(render.table("Passes", ["pair", "exit", "took", "error", "next"], rows))


def check_facts(found: Mapping[str, list[Finding]]) -> list[dict[str, object]]:
    """Return what every pair's doctor found as plain data."""
    return [
        {
            "name": name,
            "exit_code": exit_code(findings),
            "checks": [
                {"check": one.check, "status": one.level, "detail": one.detail, "advice": one.advice}
                for one in findings
            ],
        }
        for name, findings in found.items()
    ]


def show_checks(found: Mapping[str, list[Finding]], folder: Path, *, whole: bool) -> None:
    """Print what every pair's doctor found, without what is fine unless the ``whole`` is wanted."""
    out = render.console()
    every = [(name, finding) for name, findings in found.items() for finding in findings]
    count = Counter(finding.level for _, finding in every)
    shown = [(name, one) for name, one in every if whole or one.level in _WRONG]
    if not out.drawing:
        rows = ((name, one.level, check_shown(one.check), one.detail, _next(one)) for name, one in shown)
        out.print(render.table("Checks", ["pair", "status", "check", "detail", "next"], rows))
    for name, one in shown if out.drawing else ():
        out.print(f"{one.level:4}  {name}  {check_shown(one.check)}: {one.detail}")
        if _next(one):
            out.print(f"      -> {_next(one)}")
    warnings, failures = counted(count[Level.WARN], "warning"), counted(count[Level.FAIL], "failure")
    out.print(
        f"{counted(len(found), 'pair')}: {counted(count[Level.OK], 'check')} passed; {warnings}, {failures}"
    )
    if any(map(_next, (one for _, one in shown))):
        out.print(_for_one(folder))


def _for_one(folder: Path) -> str:
    return f"A command for one pair: connector --config {folder}/NAME.toml COMMAND"


def _next(finding: Finding) -> str:
    return finding.advice if finding.level in _WRONG else ""


def _row(view: PairView, found: Overview) -> tuple[object, ...]:
    known = [lag for lag in view.lag.values() if lag is not None]
    lag = age(max(known)) if len(known) == len(Side) else ""
    return (view.name, view.mark, lag, view.failed_last(found.now), found.next_pass(view))


def _view_facts(view: PairView) -> dict[str, object]:
    failure, standing = view.last_failure, view.standing
    return {
        "name": view.name,
        "health": view.mark,
        "why": view.why,
        "hint": view.hint,
        "lag_seconds": {side.value: None if lag is None else round(lag) for side, lag in view.lag.items()},
        "last_failure": failure
        and {"at": render.iso(failure.at), "exit_code": failure.exit_code, "error": failure.error},
        "attention": view.attention,
        "paused": view.mark is Mark.PAUSED,
        "rests": standing.rest or None,
        "failures": standing.failures,
        "at_work_since": render.iso(standing.running_since),
        "next_pass": render.iso(standing.next),
    }
