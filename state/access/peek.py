"""Reading one fact while others may be at work, without the key and without changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.access.place import Schema
from state.file import peek as file

if TYPE_CHECKING:
    from state.access.place import Place


def peek(place: Place, key: str) -> str | None:
    """Return a fact of a pair; None where it is missing or cannot be read."""
    if isinstance(place, Schema):
        from state.postgres import connecting  # noqa: PLC0415 - of an extra

        return connecting.peek(place, key)
    return file.peek(place, key)
