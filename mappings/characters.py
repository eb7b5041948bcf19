r"""Characters that cannot be sent, such as lone surrogates and controls, and invisible characters.

``repair`` makes any text encodable; ``clean`` also drops controls and writes every line break as ``\n``.
``carries_nothing`` is the one definition of an empty text. All are total and idempotent.
"""

from __future__ import annotations

import re

_LINE_BREAKS: dict[int, str | None] = dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), None)
_TRAVELLING: dict[int, str | None] = {0x09: "\t", 0x0A: "\n", 0x1F: " "}
_CLEANED: dict[int, str | None] = _CONTROLS | _TRAVELLING | _LINE_BREAKS

INVISIBLE = r"\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
"""Soft hyphens, zero-width characters, direction marks and separators, for use inside a character class."""
_UNSEEN = re.compile(f"[{INVISIBLE}]+")


def repair(text: str) -> str:
    """Return the text with lone surrogates replaced, so that it can be encoded."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean(text: str) -> str:
    """Return the text without control characters, every line break being a line feed."""
    return repair(text).replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANED)


def carries_nothing(text: str) -> bool:
    """Tell whether nobody would see anything of a text; stricter than any helpdesk's sanitiser."""
    return not _UNSEEN.sub("", clean(text)).strip()


def one_line(text: str) -> str:
    """Return a text on one line, without characters that nobody sees or that turn its direction."""
    return " ".join(_UNSEEN.sub("", " ".join(clean(text).split())).split())
