"""Plain text: how it is compared and split, and the ways from and to HTML.

``comparison_text`` and ``text_hash`` stay the same under what both sides do to a text that they store:
white space, invisible characters, Unicode composition and markers of lists, quotes and tables.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

from mappings.characters import clean
from mappings.markup import html_to_text, text_to_html

__all__ = ["comparison_text", "html_to_text", "pieces", "split_text", "tag_key", "text_hash", "text_to_html"]

SHORTEST_LIMIT = 32
_MARKERS = frozenset({"-", "*", "•", ">", "|"})
_INVISIBLE = re.compile(
    "[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe0e\ufe0f\ufeff\ufff9-\ufffd\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s")


def comparison_text(text: str) -> str:
    """Return the text reduced to what both sides keep; it is for comparing, not for people."""
    composed = unicodedata.normalize("NFC", clean(text))
    visible = unicodedata.normalize("NFC", _INVISIBLE.sub("", composed))
    return " ".join(word for word in visible.split() if word not in _MARKERS)


def text_hash(text: str) -> str:
    """Return the SHA-256 of the comparison text in hex."""
    return sha256(comparison_text(text).encode()).hexdigest()


def tag_key(name: str) -> str:
    """Return the form in which tag names are compared: case-folded, trimmed, with single spaces."""
    return " ".join(name.split()).casefold()


def split_text(text: str, limit: int) -> tuple[str, ...]:
    """Return the text in numbered pieces of at most ``limit`` characters, cut at the widest border there is.

    A text that fits is returned as it is. ValueError when the limit leaves no room for text.
    """
    if limit < SHORTEST_LIMIT:
        raise ValueError(f"a limit of {limit} leaves no room for text")
    if len(text) <= limit:
        return (text,)
    for digits in range(1, len(str(len(text))) + 1):
        cut = pieces(text, limit - len("(/) ") - 2 * digits)
        if len(cut) < 10**digits:
            break
    if len(cut) <= 1:
        return cut or ("",)
    return tuple(f"({number}/{len(cut)}) {piece}" for number, piece in enumerate(cut, 1))


def pieces(text: str, room: int, first: int | None = None) -> tuple[str, ...]:
    """Return the text cut into pieces of at most ``room`` characters, the first of at most ``first``."""
    cut: list[str] = []
    start, size = 0, room if first is None else first
    while len(text) - start > size:
        end = _border(text, start, size)
        cut.append(text[start:end].strip())
        start, size = end, room
    cut.append(text[start:].strip())
    return tuple(piece for piece in cut if piece)


def _border(text: str, start: int, size: int) -> int:
    """Return where to cut: behind a paragraph, else a line, else a word, else in the middle of one."""
    window = text[start : start + size + 1]
    for border in ("\n\n", "\n"):
        if (found := window.rfind(border, size // 2)) > 0:
            return start + found
    words = [found.start() for found in _SPACE.finditer(window)]
    return start + (words[-1] if words and words[-1] else size)
