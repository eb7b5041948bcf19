"""The lists of one side, read page by page as long as pages bring new ids, or refused.

An empty page is no end as long as it names a next one. A list that goes in a circle, or brings nothing new
for many pages, is given up and counted, so that whoever reads it knows that it is not whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from connector.errors import AccessDenied, Rejected
from mappings.wire.values import read_fields, read_optional_id

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from connector.http.kept import KeptLists

Json = dict[str, Any]
C = TypeVar("C", bound="Hashable")

# Filtered pages may be empty; a side that invents a new cursor each time would never end without this.
MOST_BARREN = 20
_REMEMBERED = 50_000  # ids: a few megabytes, and more rows than change between two pages
_REFUSED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Page(Generic[C]):
    """One page of a list and the cursor of the next one; None at the end."""

    rows: tuple[Json, ...]
    next: C | None


class Lists:
    """Reads the lists of one side, and counts what they did not show.

    ``cut`` counts those given up before their end, ``passed_over`` rows without an id; ``refused`` names
    those that the token may not see. ``kept`` are those that an earlier process read, and ``recalled`` the
    names of those that were taken from there.
    """

    def __init__(self, key: Callable[[Json], str | None]) -> None:
        self._key = key
        self.cut = 0
        self.passed_over = 0
        self.refused: tuple[str, ...] = ()
        self.kept: KeptLists | None = None
        self.recalled: set[str] = set()

    def optional(self, name: str, read: Callable[[], list[Json]], *, fresh: bool = False) -> list[Json]:
        """Return the rows of a list that only enriches, or none when the token may not see it.

        Unless they must be ``fresh``, they may be as old as such lists are kept.
        """
        known = self.kept.rows(name) if self.kept is not None and not fresh else None
        if known is not None:
            self.recalled.add(name)
            return known
        rows = self._seen(name, read)
        self.recalled.discard(name)
        if self.kept is not None and name not in self.refused:
            self.kept.keep(name, rows)
        return rows

    def _seen(self, name: str, read: Callable[[], list[Json]]) -> list[Json]:
        try:
            return read()
        except (AccessDenied, Rejected) as error:
            if error.status not in _REFUSED:
                raise
            self.refused = tuple(dict.fromkeys((*self.refused, name)))
            return []

    def told_apart(self, rows: Iterable[Json]) -> tuple[Json, ...]:
        """Return the rows that have an id; the others cannot be told apart, and are counted."""
        given = tuple(rows)
        found = tuple(row for row in given if read_optional_id(read_fields(row)) is not None)
        self.passed_over += len(given) - len(found)
        return found

    def rows(self, fetch: Callable[[C | None], Page[C]]) -> Iterator[Json]:
        """Yield the rows of a list, each once; ``fetch`` gets a cursor, None for the first page."""
        for page in self.pages(fetch):
            yield from page.rows

    def pages(self, fetch: Callable[[C | None], Page[C]]) -> Iterator[Page[C]]:
        """Yield the pages of a list without the rows that stood on an earlier one; rows without id stay."""
        ids, cursors = _Recent(), _Recent()
        cursor: C | None = None
        barren = 0
        while True:
            page = fetch(cursor)
            keys = [self._key(row) for row in page.rows]
            new = [key is not None and ids.add(key) for key in keys]
            kept = (
                row for row, key, is_new in zip(page.rows, keys, new, strict=True) if is_new or key is None
            )
            yield Page(tuple(kept), page.next)
            cursor = page.next
            if cursor is None:
                return
            barren = 0 if any(new) else barren + 1
            if barren >= MOST_BARREN or not cursors.add(cursor):
                self.cut += 1
                return


class _Recent:
    """The newest of what was seen: memory must not grow with the length of a list."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, None] = {}

    def add(self, value: Hashable) -> bool:
        """Remember a value and tell whether it is new."""
        if value in self._seen:
            return False
        self._seen[value] = None
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]  # a dict keeps the order: the first key is the oldest
        return True
