"""What the threads of a process are working on, so that two runs never meet in one conversation."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@dataclass(frozen=True)
class InHand:
    """The rows of conversations that are worked on, and the markers of writes that await their answer."""

    in_flight: set[str] = field(default_factory=set)
    _rows: set[int] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def alone(self, row: int) -> Generator[None]:
        """Hold a conversation exclusively, once nobody else holds it."""
        with self._changed:
            self._changed.wait_for(lambda: row not in self._rows)
            self._rows.add(row)
        try:
            yield
        finally:
            with self._changed:
                self._rows.discard(row)
                self._changed.notify_all()
