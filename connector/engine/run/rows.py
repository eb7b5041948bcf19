"""Rows of the state file that a run met, in little memory: it may meet millions of them."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_TIMES = 255  # what a byte holds; nobody asks for more


class Rows:
    """Which rows were met, and how often: a byte for each row of the file."""

    def __init__(self) -> None:
        self._times = bytearray()
        self._met = 0

    @classmethod
    def of(cls, met: Iterable[int]) -> Rows:
        """Return the rows that were met."""
        rows = cls()
        for row in met:
            rows.add(row)
        return rows

    @classmethod
    def parse(cls, text: str) -> Rows:
        """Read what ``dump`` wrote; ValueError for anything else."""
        rows = cls()
        try:
            rows._times = bytearray(zlib.decompress(b64decode(text, validate=True)))
        except zlib.error as error:
            raise ValueError(str(error)) from error
        rows._met = len(rows._times) - rows._times.count(0)
        return rows

    def dump(self) -> str:
        """Return the rows as text for the state file; a million of them are some kilobytes."""
        return b64encode(zlib.compress(self._times)).decode()

    def __len__(self) -> int:
        return self._met

    def __iter__(self) -> Iterator[int]:
        return (row for row, times in enumerate(self._times) if times)

    def __contains__(self, row: int) -> bool:
        return row < len(self._times) and self._times[row] > 0

    def add(self, row: int) -> int:
        """Meet a row, and return how often it was met by now."""
        self._times.extend(bytes(max(0, row + 1 - len(self._times))))
        before = self._times[row]
        self._times[row] = min(before + 1, MOST_TIMES)
        self._met += before == 0
        return self._times[row]

    def common_with(self, other: Rows) -> int:
        """Return how many rows both met."""
        return sum(a > 0 and b > 0 for a, b in zip(self._times, other._times, strict=False))

    def discard(self, row: int) -> None:
        """Treat a row as not met."""
        if row in self:
            self._times[row] = 0
            self._met -= 1
