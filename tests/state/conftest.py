from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mappings.model import Side
from state import store as states
from state.access.place import Schema
from state.records import Queue
from tests.keys import KEY
from tests.postgres import emptied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from state.access.place import Place
    from state.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the state file is, or will be."""
    return tmp_path / "connector.db"


@pytest.fixture(params=["file", pytest.param("postgres", marks=pytest.mark.long)])
def place(request: pytest.FixtureRequest, path: Path) -> Place:
    """Where the state is: every test of what is remembered is one of a file and one of a schema."""
    return path if request.param == "file" else emptied(request.getfixturevalue("schema"))


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """A new state."""
    made = (
        states.open_existing(place, key=KEY) if isinstance(place, Schema) else states.create(place, key=KEY)
    )
    yield made
    made.close()


@pytest.fixture
def second(place: Place, store: Store) -> Iterator[Store]:
    """The same state as another process has it open."""
    del store
    opened = states.open_existing(place, key=KEY)
    yield opened
    opened.close()


@pytest.fixture
def linked(store: Store) -> Callable[[str, str], int]:
    """Return a function that makes a linked pair of two conversation ids and returns its row."""

    def make(dashly: str, intercom: str) -> int:
        row = store.pairs.listed(Side.DASHLY, dashly, due=10.0, queue=Queue.SYNC)
        store.pairs.link(row, Side.INTERCOM, intercom, at=20.0, run="r1")
        return row

    return make
