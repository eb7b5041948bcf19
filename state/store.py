"""The state file as the engine sees it: one object with a part for each thing remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import Side
from mappings.persons import OurPeople
from state.breaker import BreakerMemory
from state.budget import Budget
from state.file import opening
from state.journal import Journal
from state.ledger import PartLedger
from state.lists import SideLists
from state.meta import Meta
from state.pairs import Pairs
from state.people import People
from state.progress import Runs, Watermarks
from state.quarantine import Conflicts, Quarantine

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from state.transactions import Statements, Transactions


class Store:
    """Everything remembered about one pair of workspaces."""

    def __init__(self, file: Transactions) -> None:
        self.file = file
        self.key = file.key
        self.meta = Meta(file)
        self.runs = Runs(file)
        self.watermarks = Watermarks(file)
        self.pairs = Pairs(file)
        self.ledger = PartLedger(file)
        self.journal = Journal(file)
        self.people = People(file)
        self.our_people = OurPeople(file.key, self.people.is_old_shadow)
        self.breaker = BreakerMemory(file)
        self.quarantine = Quarantine(file)
        self.conflicts = Conflicts(file)
        self.lists = {side: SideLists(self.meta, side) for side in Side}
        self.budgets = {side: Budget(file, side) for side in Side}

    def transaction(self) -> AbstractContextManager[Statements]:
        """Join several changes into one; they happen all or not at all."""
        return self.file.write()

    def empty_log(self) -> bool:
        """Leave nothing of what was erased in the file's bytes; what must wait for a reader is remembered."""
        done = self.file.forget_freed()
        self.meta.set_erasure_waits(waits=not done)
        return done

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def create(path: Path, *, key: bytes) -> Store:
    """Create a new state file."""
    return Store(opening.create(path, key=key))


def open_existing(path: Path, *, key: bytes, progress: Callable[[int, int], None] = opening.silent) -> Store:
    """Open an existing state file; ``progress`` hears how far a migration is."""
    return Store(opening.open_existing(path, key=key, progress=progress))
