"""State files as they are after a year, and what a page must be."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mappings.model import Agent, Loss, LossKind, Side
from state import store as states
from state.records import Disposition, LedgerRow
from tests.faults import lab as labs
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.lab import Lab

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202e{{ 7 * 7 }}\x1b[31m' + "Ж" * 150


@pytest.fixture
def bound(tmp_path: Path) -> Lab:
    """Return a connector of which nothing ran yet."""
    lab = labs.make(tmp_path, settings={"dashly": {"requests_per_minute": 60}})
    lab.init()
    return lab


@pytest.fixture
def aged(bound: Lab) -> Callable[[], Lab]:
    """Return how a pair gets a year behind it, with hostile names in every place that shows one."""

    def age() -> Lab:
        lab = bound
        lab.world.dashly.customer_starts(lab.world.dashly.customer("Eva"), "hello")
        lab.sync()
        now = lab.time.now()
        with closing(states.open_existing(lab.path, key=KEY)) as store, store.transaction() as db:
            today = datetime.fromtimestamp(now, UTC).date()
            for number in range(364, 0, -1):
                day = (today - timedelta(days=number)).isoformat()
                db.execute("INSERT INTO days VALUES (?, 'sync', ?)", [day, json.dumps(TOTALS)])
            store.people.put_agents(Side.DASHLY, tuple(Agent(str(i), f"{EVIL} {i}", EVIL) for i in range(60)))
            row = LedgerRow(Side.DASHLY, "7", EVIL, now, Disposition.SKIPPED, losses=(Loss(LossKind.TYPE),))
            store.ledger.put(1, [row], None)
            for number in range(700):
                db.execute(
                    "INSERT INTO quarantine (conversation, side, part, reason, first_at, last_at) "
                    "VALUES (1, 'dashly', ?, ?, ?, ?)",
                    [str(number), EVIL, now, now],
                )
            values = {Side.DASHLY: EVIL, Side.INTERCOM: EVIL}
            store.conflicts.put(1, "tags", values, winner="dashly", rule="newer", at=now)
        return lab

    return age


TOTALS = {
    "exit_codes": {"0": 1400, "1": 9, "3": 4, "7": 1},
    "requests": {"dashly": 4000, "intercom": 5000},
    "parts": {"copied": 200, "note": 30, "state": 11, "skipped": 2},
    "conversations": {"created": 5},
    "lag_seconds": {"dashly": 1414 * 62, "intercom": 1414 * 61},
}
