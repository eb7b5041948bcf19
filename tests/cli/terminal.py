"""A person at a terminal, for commands that run in the process of the test."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal(io.StringIO):
    """A person who types one answer after another, and may look around before each."""

    def __init__(self, *answers: Callable[[], str]) -> None:
        super().__init__()
        self._answers = iter(answers)

    def isatty(self) -> bool:
        """Tell that somebody is there."""
        return True

    def readline(self, *_size: Any) -> Any:
        """Return what is typed."""
        return next(self._answers)() + "\n"
