"""Whether the disk has room for the next month."""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from connector.doctor import growth as module
from connector.doctor.findings import Level
from connector.doctor.growth import LOOKED_AT, growth
from connector.doctor.memory import examine_memory
from mappings.model import Side
from state import store as states
from state.records import Disposition, LedgerRow, Queue
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from state.store import Store

NOW = 1_800_000_000.0
DAY = 86_400.0
MEGABYTE = 1024 * 1024


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A state file of which syncs dealt with 7 000 parts in seven days: 30 000 in a month."""
    made = states.create(tmp_path / "connector.db", key=KEY)
    row = made.pairs.listed(Side.DASHLY, "d1", due=1.0, queue=Queue.SYNC)
    made.ledger.put(row, [LedgerRow(Side.DASHLY, "p", "note", 1.0, Disposition.NOTE)], None)
    for day in range(7):
        made.runs.begin(f"r{day}", "sync", NOW - LOOKED_AT + day * DAY)
        made.runs.finish(f"r{day}", NOW - DAY, 0, {"parts": {"copied": 900, "note": 100}})
    made.runs.begin("b", "backfill", NOW - DAY)
    made.runs.finish("b", NOW - DAY, 0, {"parts": {"copied": 10**9}})
    yield made
    made.close()


@pytest.mark.parametrize(
    ("free", "backups", "level"),
    [(20, True, Level.FAIL), (40, True, Level.WARN), (40, False, Level.OK), (400, True, Level.OK)],
)
def test_the_next_month_has_room_or_not(monkeypatch, store, free, backups, level):
    """A part costs a kilobyte here: 29 MB for the file, eight times as much with seven backups."""
    monkeypatch.setattr(module, "LEAST_A_PART", 1024)
    monkeypatch.setattr(module, "EMPTY_FILE", 10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free * MEGABYTE))

    found = growth(store, backups=backups, now=NOW)

    assert found.level is level
    assert "29 MB a month" in found.detail
    assert level is Level.OK or " MB of room" in found.advice


def test_a_new_file_does_not_grow(tmp_path: Path) -> None:
    """Nothing was copied yet."""
    made = states.create(tmp_path / "connector.db", key=KEY)

    found = growth(made, backups=True, now=NOW)

    assert found.level is Level.OK
    assert "0 KB a month" in found.detail
    made.close()


def test_a_clock_that_went_back_is_told(store: Store) -> None:
    """The log of runs is in order; its times are not."""
    steady = next(found for found in examine_memory(store, NOW) if found.check == "clock jumps")
    store.runs.begin("early", "sync", NOW - 2 * DAY)

    jumped = next(found for found in examine_memory(store, NOW) if found.check == "clock jumps")

    assert steady.level is Level.OK
    assert jumped.level is Level.WARN
    assert "24 hours" in jumped.detail
