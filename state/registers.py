"""Registers as JSON text, the form in which the state file keeps what a side showed."""

from __future__ import annotations

import json
from functools import lru_cache

from mappings.model import Registers, State, Status


def dump(registers: Registers) -> str:
    """Return registers as compact JSON with a stable order."""
    return json.dumps(
        {
            "state": registers.status.state,
            "until": registers.status.until,
            "assignee": registers.assignee,
            "team": registers.team,
            "tags": sorted(registers.tags),
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


@lru_cache(maxsize=4_096)
def load(text: str) -> Registers:
    """Return the registers that ``dump`` wrote; most pairs agree on one of a few."""
    raw = json.loads(text)
    return Registers(
        status=Status(State(raw["state"]), raw["until"]),
        assignee=raw["assignee"],
        team=raw["team"],
        tags=frozenset(raw["tags"]),
    )
