"""Characters without width, which some sanitisers take out of a text."""

from __future__ import annotations

_STRIPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
"""Joiners (U+200C, U+200D) are left: emoji and several scripts need them."""


def stripped(text: str) -> str:
    """Return a text without zero-width spaces, word joiners, byte order marks and soft hyphens."""
    return text.translate(_STRIPPED)
