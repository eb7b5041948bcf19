"""A state file and a pair in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import Side
from state import store as states
from state.records import Queue
from tests.clock import BEGIN
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from state.records import Pair
    from state.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new state file."""
    made = states.create(tmp_path / "connector.db", key=KEY)
    yield made
    made.close()


@pytest.fixture
def pair(store: Store) -> Pair:
    """A linked pair that began on Dashly and is due there."""
    row = store.pairs.listed(Side.DASHLY, "d1", due=BEGIN, queue=Queue.SYNC)
    store.pairs.link(row, Side.INTERCOM, "i1", at=BEGIN, run="r")
    return store.pairs.get(row)
