"""The only two ways to touch what is remembered, wherever it is kept: ``read`` and ``write``.

The SQL is what SQLite and PostgreSQL have in common. One connection serves all threads under one lock: a
statement takes microseconds, an API call a tenth of a second. ``write`` refuses when another run has taken
over (run-id fencing).
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from state.access.place import local
from state.errors import TakenOver

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, KeysView, Sequence
    from contextlib import AbstractContextManager

    from mappings.model import Seconds
    from state.access.place import Place
    from state.steps import Steps

    Parameters = Sequence[Any] | dict[str, Any]

MOVED = "moved"
"""The fact that says where a state went: nobody opens it any more."""
ARRIVING = "arriving"
"""The fact that says of a new place, with ``MOVED``, that the state is still where it comes from."""
SET_FACT = "INSERT INTO meta(key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_KEEP_LAST = (
    "INSERT INTO meta(key, value) SELECT 'run_before', value FROM meta WHERE key = 'run_id' "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


class Row(Protocol):
    """One row, by name or place of a column."""

    def __getitem__(self, column: Any, /) -> Any:  # noqa: ANN401 - as the columns are
        """Return a value."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the values."""

    def __len__(self) -> int:
        """Return how many columns there are."""

    def keys(self) -> list[str] | KeysView[str]:
        """Return the names of the columns."""


class Answer(Protocol):
    """The result of a statement."""

    @property
    def rowcount(self) -> int:
        """Return how many rows were changed."""

    def fetchone(self) -> Any:  # noqa: ANN401 - a row or None
        """Return the next row, or None."""

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""


class Statements(Protocol):
    """What carries out statements."""

    def execute(self, sql: str, parameters: Parameters = ..., /) -> Answer:
        """Carry out one statement."""


class Connection(Statements, Protocol):
    """Statements that happen together, or not at all."""

    def commit(self) -> None:
        """Commit."""

    def rollback(self) -> None:
        """Roll back."""


class Transactions(ABC):
    """What is remembered about one pair, open.

    ``key`` is the secret of its hashes; what the pair keeps in files is beside ``path``.
    """

    def __init__(self, place: Place, key: bytes) -> None:
        self._lock = threading.RLock()
        self.place = place
        self.path = local(place)
        self.key = key
        self.run_id: str | None = None
        self.steps: Steps | None = None
        self.rollbacks = 0

    _db: Connection

    def read(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows of a query."""
        with self._lock, self._telling():
            return self._db.execute(sql, parameters).fetchall()

    def first(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row of a query, or None."""
        rows = self.read(sql, parameters)
        return rows[0] if rows else None

    @contextmanager
    def write(self, *, lazily: bool = False) -> Generator[Statements]:
        """Run statements in one transaction; raises TakenOver when another run has started since.

        What is written ``lazily`` need not wait for the disk. A power cut may take it back, from the end
        only: once a later transaction is on the disk, so is everything before it.
        """
        with self._lock:
            if self._in_transaction():  # joined by the caller's transaction
                yield self._db
                return
            with self._telling():
                self._begin(lazily=lazily)
                try:
                    self._fence()
                    if self.steps is not None:
                        self.steps.stamp(self._db)
                    yield self._db
                    self._db.commit()
                except BaseException:
                    self._db.rollback()
                    self.rollbacks += 1
                    raise

    def step(self) -> None:
        """Record that the holder of the pair is at work."""
        with self.write():
            pass

    def _fence(self) -> None:
        holder = self._holder()
        if self.run_id is not None and holder is not None and holder != self.run_id:
            raise TakenOver("another run took over this state; this one stops")

    def take_over(self, run_id: str, *, after: str | None = None) -> None:
        """Make this run the only one that may write, and remember which one was before it.

        ``after`` is the run that this machine remembers.
        """
        del after  # a file has one machine only, which need not know
        self.run_id = None
        with self.write() as db:
            db.execute(_KEEP_LAST)
            db.execute(SET_FACT, ["run_id", run_id])
        self.run_id = run_id

    @abstractmethod
    def _telling(self) -> AbstractContextManager[None]:
        """Turn what fails inside into one sentence."""

    @abstractmethod
    def _in_transaction(self) -> bool:
        """Tell whether a transaction is open."""

    @abstractmethod
    def _begin(self, *, lazily: bool) -> None:
        """Begin a transaction that nobody else's may overlap."""

    @abstractmethod
    def _holder(self) -> str | None:
        """Return the run that may write, or None before the first; nobody takes over until the end."""

    def common(self, now: Seconds) -> Seconds:
        """Return a time of this machine's running clock as a time that all who write here share."""
        return now

    @abstractmethod
    def remembers(self, run: str | None) -> bool:
        """Tell whether this is the state that the run left which this machine remembers."""

    @abstractmethod
    def forget_freed(self) -> bool:
        """Leave nothing of what was erased, as far as we can; False while a reader prevents it."""

    @abstractmethod
    def close(self) -> None:
        """Close the connection."""
