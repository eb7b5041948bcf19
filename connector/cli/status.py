"""`connector status`: what the state file knows; asks no remote."""

from __future__ import annotations

from contextlib import closing

import click

from connector.app.session import open_state
from connector.cli import render
from connector.cli.options import Options, common
from connector.host.clock import SystemClock
from mappings.model import Side

WINDOW = 60.0


@click.command("status")
@common
def command(options: Options) -> None:
    """Show watermarks, pairs, the ledger, open intents, quarantine, budget and the last runs."""
    config, store = open_state(options)
    with closing(store):
        now = SystemClock().now()
        marks = {side: store.watermarks.get(side) for side in Side}
        facts: dict[str, object] = {
            "workspaces": {side.value: store.meta.get(f"{side}_workspace") for side in Side},
            "watermarks": {side.value: render.iso(at) for side, at in marks.items()},
            "lag_seconds": {s.value: None if at is None else round(now - at) for s, at in marks.items()},
            "pairs": store.pairs.counts(),
            "parts": store.ledger.counts(),
            "open_intents": len(store.journal.open()),
            "quarantine": render.quarantine_rows(store.quarantine.items()),
            "conflicts": store.conflicts.count(),
            "last_conflicts": render.conflict_rows(store.conflicts.last(5)),
            "budget": {
                "dashly": {
                    "used": store.budgets[Side.DASHLY].used(now=now, window=WINDOW),
                    "limit": config.dashly.requests_per_minute,
                }
            },
            "runs": [_dated(run) for run in store.runs.last(5)],
        }
    if options.as_json:
        render.print_json(facts)
    else:
        _show(facts)


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
