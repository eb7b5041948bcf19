"""How large something is, in words. Pure."""

from __future__ import annotations

import math

_UNITS = ("KB", "MB", "GB")
_STEP = 1024
_EXACT = 9.95
"""Below this a figure behind the point says more than rounding hides."""


def size(number: float) -> str:
    """Return a number of bytes in the largest unit of which there is one; only nothing is 0."""
    kilobytes = math.ceil(number / _STEP)
    if kilobytes < _STEP:
        return f"{kilobytes} KB"
    found, unit = number / _STEP, 0
    while found >= _STEP - 0.5 and unit + 1 < len(_UNITS):
        found, unit = found / _STEP, unit + 1
    return f"{found:.1f} {_UNITS[unit]}" if found < _EXACT else f"{found:.0f} {_UNITS[unit]}"
