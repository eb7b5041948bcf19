r"""Characters that cannot travel: lone surrogates and control characters.

``repair`` makes any text encodable; ``clean`` also drops controls and writes every line break as ``\n``.
Both are total and idempotent.
"""

from __future__ import annotations

_LINE_BREAKS: dict[int, str | None] = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), None)
_TRAVELLING: dict[int, str | None] = {0x09: "\t", 0x0A: "\n", 0x1F: " "}
_CLEANED: dict[int, str | None] = _CONTROLS | _TRAVELLING | _LINE_BREAKS


def repair(text: str) -> str:
    """Return the text with lone surrogates replaced, so that it can be encoded."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean(text: str) -> str:
    """Return the text without control characters, every line break being a line feed."""
    return repair(text).replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANED)
