"""The state file as the engine sees it: one object with a part for each thing remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import Side
from state import db
from state.budget import Budget
from state.journal import Journal
from state.ledger import PartLedger
from state.meta import Meta
from state.pairs import Pairs
from state.people import People
from state.progress import Runs, Watermarks
from state.quarantine import Conflicts, Quarantine

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sqlite_utils import Database


class Store:
    """Everything remembered about one pair of workspaces."""

    def __init__(self, file: db.StateFile) -> None:
        self.file = file
        self.meta = Meta(file)
        self.runs = Runs(file)
        self.watermarks = Watermarks(file)
        self.pairs = Pairs(file)
        self.ledger = PartLedger(file)
        self.journal = Journal(file)
        self.people = People(file)
        self.quarantine = Quarantine(file)
        self.conflicts = Conflicts(file)
        self.budgets = {side: Budget(file, side) for side in Side}

    def transaction(self) -> AbstractContextManager[Database]:
        """Join several changes into one; they happen all or not at all."""
        return self.file.write()

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def create(path: Path) -> Store:
    """Create a new state file."""
    return Store(db.create(path))


def open_existing(path: Path) -> Store:
    """Open an existing state file."""
    return Store(db.open_existing(path))
