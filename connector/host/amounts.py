"""How long something takes, and how many there are, in words; and which of many numbers is usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mappings.model import Seconds

_UNITS = (("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0))


def age(seconds: Seconds) -> str:
    """Return how long something takes, in the largest unit of which there are two."""
    for unit, length in _UNITS:
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    whole = round(max(0.0, seconds))
    return "1 second" if whole == 1 else f"{whole} seconds"


def middle(numbers: Iterable[float]) -> float:
    """Return the number in the middle, of two the lower; there must be one."""
    found = sorted(numbers)
    return found[(len(found) - 1) // 2]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an s unless there is one of it."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
