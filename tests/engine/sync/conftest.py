"""A pair in a state file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import Side
from state.records import Queue
from tests.clock import BEGIN

if TYPE_CHECKING:
    from state.records import Pair
    from state.store import Store


@pytest.fixture
def pair(store: Store) -> Pair:
    """A linked pair that began on Dashly and is due there."""
    row = store.pairs.listed(Side.DASHLY, "d1", due=BEGIN, queue=Queue.SYNC)
    store.pairs.link(row, Side.INTERCOM, "i1", at=BEGIN, run="r")
    return store.pairs.get(row)
