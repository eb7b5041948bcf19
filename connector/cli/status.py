"""`connector status`: what the state file knows; asks no remote."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector.app.status import status
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.output import render
from connector.cli.output.quarantine_view import print_items, rows_of
from connector.cli.output.status_screen import screen

if TYPE_CHECKING:
    from connector.app.health import Failure
    from connector.app.status import Status


SHOWN = 5
"""So many items of the quarantine have room on one screen."""


@click.command("status")
@common
def command(options: Options) -> None:
    """Show whether all is well and since when, what failed last, what waits, and what to type."""
    found = status(load_config(options), this_machine(options))
    if options.as_json:
        render.print_json(_facts(found))
    else:
        _show(found)


def _facts(found: Status) -> dict[str, object]:
    # Whole seconds: a watermark is no finer.
    lag = {side: None if at is None else round(found.now - at) for side, at in found.watermarks.items()}
    return {
        "health": _health(found),
        "last_failure": _failure(found.health.last_failure),
        "lock": _lock(found),
        "attention": [told.sentence for told in found.attention],
        "notices": [{**told.notice, "told": render.iso(told.at)} for told in found.attention],
        "backfill": _backfill(found),
        "workspaces": {side.value: workspace for side, workspace in found.workspaces.items()},
        "watermarks": {side.value: render.iso(at) for side, at in found.watermarks.items()},
        "lag_seconds": {side.value: seconds for side, seconds in lag.items()},
        "pairs": dict(found.pairs),
        "parts": dict(found.parts),
        "open_intents": found.open_intents,
        "quarantine": rows_of(found.quarantine, found.links),
        "conflicts": found.conflicts,
        "last_conflicts": render.conflict_rows(found.last_conflicts),
        "budget": {"dashly": {"used": found.used, "limit": found.limit}},
        "runs": [_dated(run) for run in found.runs],
    }


def _health(found: Status) -> dict[str, object]:
    health = found.health
    seconds = None if health.since is None else round(found.now - health.since)
    return {
        "healthy": health.healthy,
        "since": render.iso(health.since),
        "seconds": seconds,
        "why": health.why,
        "hint": health.hint,
    }


def _failure(failure: Failure | None) -> dict[str, object] | None:
    if failure is None:
        return None
    facts = asdict(failure)
    return {"run_id": facts.pop("run"), **facts, "at": render.iso(failure.at)}


def _backfill(found: Status) -> dict[str, object]:
    """Return the newest backfill: ``left`` always, the rest None while there was none."""
    known = found.backfill
    return {
        "running": found.backfill_runs,
        "left": found.backfill_left,
        "run_id": known and known.run,
        "from": known and known.side,
        "command": known and known.command,
        "started": known and render.iso(known.started),
        "noted": known and render.iso(known.noted),
        "done": known and found.backfill_done,
        "aside": known and known.aside,
        "per_minute": round(known.rate * 60, 1) if known and known.rate is not None else None,
        "ends": render.iso(known.ends) if known and found.backfill_runs else None,
    }


def _lock(found: Status) -> dict[str, object] | None:
    held = found.lock
    return None if held is None else {"process": held.process, "seconds": round(found.now - held.since)}


def _show(found: Status) -> None:
    out = render.console()
    for told in screen(found):
        out.print(told)
    if found.quarantine:
        print_items(out, rows_of(found.quarantine[:SHOWN], found.links))
        more = len(found.quarantine) - SHOWN
        if more > 0:
            out.print(f"and {more} more: connector quarantine list")
    render.print_conflicts(render.conflict_rows(found.last_conflicts))
    ended = (
        (r["run_id"], r["command"], r["started"], r["finished"] or "killed or running", r["exit_code"])
        for r in map(_dated, found.runs)
    )
    out.print(render.table("Last runs", ["run_id", "command", "started", "ended", "exit"], ended))


def _dated(run: dict[str, object]) -> dict[str, object]:
    facts = run | {"started": render.iso(run["started"]), "finished": render.iso(run["finished"])}
    return {"run_id": facts.pop("id"), **facts}
