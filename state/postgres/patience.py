"""How long an answer of the database is waited for: not for long once somebody has asked to stop."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.model import Seconds

LONGEST_ANSWER: Seconds = 120.0
"""So long a statement may take; a quarter of it is the longest wait for a lock."""
LAST_ANSWERS: Seconds = 5.0
"""So long one may take after a stop: a server that answers at all answers by then."""

_stopping = threading.Event()


def hurry() -> None:
    """Wait for no answer much longer: somebody asked to stop."""
    _stopping.set()


def take_time() -> None:
    """Wait as long as ever again."""
    _stopping.clear()


class Patience:
    """The patience for one answer."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._hurried: Seconds | None = None

    def is_over(self) -> bool:
        """Tell whether this answer was waited for long enough."""
        now = time.monotonic()
        if not _stopping.is_set():
            return now - self._since >= LONGEST_ANSWER
        self._hurried = now if self._hurried is None else self._hurried
        return now - self._hurried >= LAST_ANSWERS

    def told(self) -> str:
        """Return for how long it was waited."""
        return f"it gave no answer for {time.monotonic() - self._since:.0f} seconds"
