"""Lists of one side that change seldom, kept for the next processes with the time of their reading."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from state.meta import Fact

if TYPE_CHECKING:
    from mappings.model import Seconds, Side
    from state.meta import Meta


class SideLists:
    """Reads and writes the lists of one side."""

    def __init__(self, meta: Meta, side: Side) -> None:
        self._meta = meta
        self._side = side

    def get(self, name: str) -> tuple[Seconds, str] | None:
        """Return when a list was read and its rows, or None."""
        found = self._meta.get(self._key(name))
        if found is None:
            return None
        at, text = json.loads(found)
        return float(at), str(text)

    def put(self, name: str, at: Seconds, text: str) -> None:
        """Keep a list."""
        self._meta.set(self._key(name), json.dumps([at, text]))

    def _key(self, name: str) -> str:
        return f"{Fact.LIST.of(self._side)}_{name}"
