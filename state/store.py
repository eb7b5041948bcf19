"""The state as the engine sees it: one object with a part for each thing remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import Side
from mappings.persons import OurPeople
from state.access.place import Schema
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

    from state.access.place import Place
    from state.access.transactions import Statements, Transactions
    from state.migrations.schema import Step


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

    def transaction(self, *, lazily: bool = False) -> AbstractContextManager[Statements]:
        """Join several changes into one; they happen all or not at all, ``lazily`` as in ``write``."""
        return self.file.write(lazily=lazily)

    def empty_log(self) -> bool:
        """Leave nothing of what was erased in the file's bytes; what must wait for a reader is remembered."""
        done = self.file.forget_freed()
        self.meta.set_erasure_waits(waits=not done)
        return done

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def exists(place: Place) -> bool:
    """Tell whether anything is kept at a place; StateError when a database cannot be asked."""
    if isinstance(place, Schema):
        from state.postgres import opening as schemas  # noqa: PLC0415 - of an extra

        return schemas.exists(place)
    return place.exists()


def create(place: Place, *, key: bytes) -> Store:
    """Make a new state."""
    if isinstance(place, Schema):
        from state.postgres import opening as schemas  # noqa: PLC0415 - of an extra

        return Store(schemas.create(place, key=key))
    return Store(opening.create(place, key=key))


def open_existing(
    place: Place,
    *,
    key: bytes,
    progress: Step = opening.silent,
    saving: Step = opening.silent,
    shrinking: Callable[[int], None] = opening.no_matter,
) -> Store:
    """Open an existing state; ``saving``, then ``progress`` hear how far a migration is.

    ``shrinking`` hears of how many bytes the file is that is made smaller in the end.
    """
    if isinstance(place, Schema):
        from state.postgres import opening as schemas  # noqa: PLC0415 - of an extra

        return Store(schemas.open_existing(place, key=key))
    return Store(opening.open_existing(place, key=key, progress=progress, saving=saving, shrinking=shrinking))


def version_of(place: Schema) -> int:
    """Return the version of a schema; StateError when it is not there, or another program's."""
    from state.postgres import opening as schemas  # noqa: PLC0415 - of an extra

    return schemas.known_version(place)


def remove(place: Place) -> None:
    """Take away what was made at a place and never used."""
    if isinstance(place, Schema):
        from state.postgres import opening as schemas  # noqa: PLC0415 - of an extra

        schemas.remove(place)
        return
    for suffix in ("", "-wal", "-shm"):
        place.with_name(f"{place.name}{suffix}").unlink(missing_ok=True)


def arrived(place: Place) -> None:
    """Open a new place for runs: the old one was left."""
    if isinstance(place, Schema):
        from state.postgres import opening as schemas  # noqa: PLC0415 - of an extra

        schemas.arrived(place)
    else:
        opening.arrived(place)


def rekey(place: Place, key: bytes) -> None:
    """Give a state whose key was lost a new one; its hashes are of no use any more."""
    if isinstance(place, Schema):
        from state.postgres import opening as schemas  # noqa: PLC0415 - of an extra

        schemas.rekey(place, key)
    else:
        opening.rekey(place, key)
