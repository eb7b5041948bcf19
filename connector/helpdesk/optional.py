"""Reads that only enrich: a side may refuse one, and then goes without it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from connector.errors import AccessDenied, Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

Row = TypeVar("Row")
_REFUSED = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


class OptionalLists:
    """Reads lists that a token may lack the right to see, and remembers which were refused."""

    def __init__(self) -> None:
        self.refused: tuple[str, ...] = ()

    def read(self, name: str, read: Callable[[], list[Row]]) -> list[Row]:
        """Return the rows of a list, or none when it is refused; ``name`` is what people call it."""
        try:
            return read()
        except (AccessDenied, Rejected) as error:
            if error.status not in _REFUSED:
                raise
            self.refused = tuple(dict.fromkeys((*self.refused, name)))
            return []
