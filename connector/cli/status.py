"""`connector status`: what the state file knows; asks no remote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.app.status import status
from connector.cli import render
from connector.cli.opening import load_config, this_machine
from connector.cli.options import Options, common

if TYPE_CHECKING:
    from connector.app.status import Status


@click.command("status")
@common
def command(options: Options) -> None:
    """Show watermarks, pairs, the ledger, open intents, quarantine, budget and the last runs."""
    facts = _facts(status(load_config(options), this_machine(options)))
    if options.as_json:
        render.print_json(facts)
    else:
        _show(facts)


def _facts(found: Status) -> dict[str, object]:
    lag = {side: None if at is None else round(found.now - at) for side, at in found.watermarks.items()}
    return {
        "workspaces": {side.value: workspace for side, workspace in found.workspaces.items()},
        "watermarks": {side.value: render.iso(at) for side, at in found.watermarks.items()},
        "lag_seconds": {side.value: seconds for side, seconds in lag.items()},
        "pairs": dict(found.pairs),
        "parts": dict(found.parts),
        "open_intents": found.open_intents,
        "quarantine": render.quarantine_rows(found.quarantine),
        "conflicts": found.conflicts,
        "last_conflicts": render.conflict_rows(found.last_conflicts),
        "budget": {"dashly": {"used": found.used, "limit": found.limit}},
        "runs": [_dated(run) for run in found.runs],
    }


def _show(facts: dict[str, object]) -> None:
    out = render.console()
    lines = [(name, facts[name]) for name in ("workspaces", "watermarks", "lag_seconds", "pairs", "parts")]
    lines += [(name, facts[name]) for name in ("open_intents", "conflicts", "budget")]
    out.print(
        render.table("State", ["what", "value"], ((n.replace("_", " "), render.words(v)) for n, v in lines))
    )
    quarantine = facts["quarantine"]
    if isinstance(quarantine, list) and quarantine:
        out.print(render.quarantine_table(quarantine))
    conflicts = facts["last_conflicts"]
    if isinstance(conflicts, list):
        render.print_conflicts(conflicts)
    runs = facts["runs"]
    if isinstance(runs, list):
        ended = (
            (r["id"], r["command"], r["started"], r["finished"] or "killed or running", r["exit_code"])
            for r in runs
        )
        out.print(render.table("Last runs", ["run", "command", "started", "ended", "exit"], ended))


def _dated(run: dict[str, object]) -> dict[str, object]:
    return run | {"started": render.iso(run["started"]), "finished": render.iso(run["finished"])}
