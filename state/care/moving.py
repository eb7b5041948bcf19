"""Moving what is remembered from one place to another: every row, compared afterwards, and the source marked.

What a place knows of itself stays there: its version, who may write, when requests were made by its clock.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from state.access.transactions import ARRIVING, MOVED, SET_FACT
from state.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from state.access.transactions import Transactions

# The driver of PostgreSQL takes 65,535 values in one statement, SQLite half of it.
_BATCH = 500
_OWN = ("schema", "key_mark", "run_id", "run_before", "machines", MOVED, ARRIVING)
_ROWID = ("intents", "arrivals")

KEYS: Mapping[str, tuple[str, ...]] = {
    "meta": ("key",),
    "runs": ("number",),
    "days": ("day", "command"),
    "watermarks": ("side",),
    "people": ("side", "id"),
    "conversations": ("id",),
    "words": ("code",),
    "parts": ("conversation", "side", "part"),
    "intents": ("rowid",),
    "conflicts": ("conversation", "register", "dashly", "intercom"),
    "quarantine": ("id",),
    "arrivals": ("rowid",),
    "trips": ("conversation",),
}
"""What is moved, each table after those that it refers to, and in what order its rows are read."""
COUNTED = "counters"
"""Kept by triggers on both sides: compared, not moved."""


def copy_rows(source: Transactions, target: Transactions) -> dict[str, int]:
    """Copy every row into an empty state and return how many each table has; StateError when any differs.

    The caller keeps others from writing in the source.
    """
    with target.write():
        for table in KEYS:
            _copy(source, target, table)
    counts = {}
    for table in (*KEYS, COUNTED):
        here, there = _digest(source, table), _digest(target, table)
        if here != there:
            raise StateError(
                f"the table {table} differs after it was copied: {here[0]} rows here, {there[0]} there",
                hint="nothing was moved; report it, please",
            )
        counts[table] = here[0]
    return counts


def mark_moved(source: Transactions, where: str) -> None:
    """Prevent a state that was moved from being opened again."""
    with source.write() as db:
        db.execute(SET_FACT, [MOVED, where])


def mark_arriving(target: Transactions, whence: str) -> None:
    """Let nobody open a new place until the old one was left: a move may be cut off at any point."""
    with target.write() as db:
        db.execute(SET_FACT, [ARRIVING, "yes"])
        db.execute(SET_FACT, [MOVED, whence])


def counted(file: Transactions) -> dict[str, int]:
    """Return how many rows of each table are moved, or were."""
    return {table: sum(map(len, _pages(file, table, KEYS[table]))) for table in KEYS}


def _copy(source: Transactions, target: Transactions, table: str) -> None:
    with target.write() as db:
        for page in _pages(source, table, KEYS[table]):
            names = list(page[0])
            row = f"({', '.join('?' * len(names))})"
            db.execute(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * len(page))}",  # noqa: S608 - ours
                [found[name] for found in page for name in names],
            )


def _digest(file: Transactions, table: str) -> tuple[int, str]:
    """Return how many rows a table has, and a hash of all that is in them."""
    count, digest = 0, sha256()
    for page in _pages(file, table, KEYS.get(table, ("kind", "name"))):
        for found in page:
            count += 1
            digest.update(repr(sorted(found.items())).encode())
    return count, digest.hexdigest()


def _pages(file: Transactions, table: str, key: tuple[str, ...]) -> Iterator[list[dict[str, object]]]:
    """Yield the rows of a table in the order of its key, some at a time."""
    columns, order = ("rowid, *" if table in _ROWID else "*"), ", ".join(key)
    only = {"meta": f"key NOT IN ({', '.join(map(repr, _OWN))})", COUNTED: "n != 0"}.get(table, "TRUE")
    begin = f"SELECT {columns} FROM {table} WHERE {only}"  # noqa: S608 - from this module
    end = f"ORDER BY {order} LIMIT {_BATCH}"
    rows = file.read(f"{begin} {end}")
    while rows:
        page = [{name: _whole(row[name]) for name in row.keys()} for row in rows]  # noqa: SIM118 - a row is no dict
        yield page
        places = ", ".join("?" * len(key))
        rows = file.read(f"{begin} AND ({order}) > ({places}) {end}", [page[-1][name] for name in key])


def _whole(value: object) -> object:
    """Return a value as both take it: a text of PostgreSQL holds no null character."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
