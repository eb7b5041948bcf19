"""One session with PostgreSQL that understands the statements of the store.

Placeholders are written as SQLite has them (``?``, ``?1``, ``:name``), and rows are read by name or place.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, KeysView, Sequence

    from state.access.transactions import Parameters

_PIECE = re.compile(r"'(?:[^']|'')*'|\?(\d*)|(?<!:):([a-z_]+)|%")
_OPEN = frozenset({TransactionStatus.ACTIVE, TransactionStatus.INTRANS, TransactionStatus.INERROR})


class Row:
    """One row, by name or place of a column."""

    __slots__ = ("_places", "_values")

    def __init__(self, places: dict[str, int], values: Sequence[Any]) -> None:
        self._places = places
        self._values = tuple(values)

    def __getitem__(self, column: str | int) -> Any:  # noqa: ANN401 - as the columns are
        return self._values[column if isinstance(column, int) else self._places[column]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> KeysView[str]:
        """Return the names of the columns."""
        return self._places.keys()


def rows(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], Row]:
    """Return what makes rows of the values of a cursor."""
    places = {column.name: place for place, column in enumerate(cursor.description or ())}
    return lambda values: Row(places, values)


class Session:
    """Carries out statements; nothing relies on the driver's own transactions."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self.connection = connection

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        return self.connection.info.transaction_status in _OPEN

    def execute(self, sql: str, parameters: Parameters = ()) -> psycopg.Cursor[Row]:
        """Carry out one statement."""
        text, numbered = translated(sql)
        given: Parameters
        if isinstance(parameters, dict):
            given = {name: fit(value) for name, value in parameters.items()}
        elif numbered:
            given = {f"p{place}": fit(value) for place, value in enumerate(parameters, 1)}
        else:
            given = [fit(value) for value in parameters]
        return self.connection.execute(text.encode(), given)

    def commit(self) -> None:
        """Commit; an error when a statement failed before and the failure was ignored."""
        done = self.connection.execute("COMMIT")
        if done.statusmessage != "COMMIT":
            raise psycopg.errors.InFailedSqlTransaction("a statement of this transaction had failed")

    def rollback(self) -> None:
        """Roll back; where the connection is gone, PostgreSQL does that itself."""
        with suppress(psycopg.Error):
            self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """End the session."""
        self.connection.close()


def fit(value: object) -> object:
    """Return a value that PostgreSQL takes: its texts hold no null character."""
    if isinstance(value, str) and "\0" in value:
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return value


@lru_cache(maxsize=1_024)
def translated(sql: str) -> tuple[str, bool]:
    """Return a statement with the driver's placeholders, and whether its parameters are numbered."""
    numbered = False

    def swap(found: re.Match[str]) -> str:
        nonlocal numbered
        piece = found[0]
        match piece[0]:
            case "?":
                numbered = numbered or bool(found[1])
                return f"%(p{found[1]})s" if found[1] else "%s"
            case ":":
                return f"%({found[2]})s"
            case _:
                return piece.replace("%", "%%")

    return _PIECE.sub(swap, sql), numbered
