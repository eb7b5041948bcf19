"""Connectors in this process, one per test, and how the stories end when nothing disturbs them."""

from __future__ import annotations

import tempfile
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults import lab as laboratory
from tests.faults.stories import STORIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.faults.lab import Lab
    from tests.postgres import Server


class Theatre:
    """Plays stories, each in a world of its own."""

    def __init__(self, folder: Path, database: Server | None = None) -> None:
        self._folder = folder
        self._database = database
        self._number = count()
        self.undisturbed = cache(self._undisturbed)

    def lab(self, **details: Any) -> Lab:
        """Return a connector with its own folder and helpdesks."""
        folder = self._folder / str(next(self._number))
        folder.mkdir()
        return laboratory.make(folder, database=self._database, **details)

    def bound(self, **details: Any) -> Lab:
        """Return a connector that is bound already."""
        lab = self.lab(**details)
        lab.init()
        return lab

    def play(self, name: str, disturb: Callable[[Lab], None] = lambda _lab: None) -> Lab:
        """Play a story to its end; what disturbs it begins after `init`."""
        lab = self.bound()
        lab.requests.clear()
        lab.points = 0
        disturb(lab)
        for act in STORIES[name]:
            act.people(lab)
            lab.until_clean(partial(act.command, lab), crash=True)
        return lab

    def _undisturbed(self, name: str) -> tuple[list[Any], int, int]:
        lab = self.play(name)
        requests, points = len(lab.requests), lab.points
        assert lab.differences() == []
        return lab.outcome(), requests, points


@pytest.fixture(scope="session")
def theatre() -> Iterator[Theatre]:
    """Where stories are played."""
    with tempfile.TemporaryDirectory(dir=laboratory.quick_folder()) as folder:
        yield Theatre(Path(folder))


@pytest.fixture(scope="session")
def theatre_of_postgres(postgres: Server) -> Iterator[Theatre]:
    """Where stories are played by connectors whose state is in a database."""
    with tempfile.TemporaryDirectory(dir=laboratory.quick_folder()) as folder:
        yield Theatre(Path(folder), postgres)
