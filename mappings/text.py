"""Plain text: how it is compared and split, and the ways from and to HTML.

``comparison_text`` and ``text_hash`` stay the same under what both sides do to a text that they store: white
space, invisible characters, Unicode composition, markers of lists, quotes and tables, signatures of links.
"""

from __future__ import annotations

import re
import string
import unicodedata
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING

from mappings.characters import INVISIBLE, carries_nothing, clean
from mappings.expiry import without_expiring
from mappings.html.markup import html_to_text, text_to_html

if TYPE_CHECKING:
    from mappings.model import Message, Note

__all__ = [
    "comparison_text",
    "html_to_text",
    "pieces",
    "split_text",
    "tag_key",
    "text_hash",
    "text_to_html",
    "words_hash",
]

# With less, the number in front of each piece would leave no room for words.
SHORTEST_LIMIT = 32
_MARKERS = frozenset({"-", "*", "•", ">", "|"})
_UNSTABLE = re.compile(rf"[{INVISIBLE}\ufe0e\ufe0f\ufff9-\ufffd\U000e0000-\U000e007f]")
_SPACE = re.compile(r"\s")


def comparison_text(text: str) -> str:
    """Return the text reduced to what both sides keep; it is for comparing, not for people."""
    composed = unicodedata.normalize("NFC", without_expiring(clean(text)))
    visible = unicodedata.normalize("NFC", _UNSTABLE.sub("", composed))
    return " ".join(word for word in visible.split() if word not in _MARKERS)


def text_hash(text: str) -> str:
    """Return the SHA-256 of the comparison text in hex."""
    return sha256(comparison_text(text).encode()).hexdigest()


def words_hash(words: Message | Note) -> str:
    """Return the hash by which an edit is noticed; links to files of the words may be signed again."""
    return text_hash(without_expiring(words.text, (file.url for file in words.attachments)))


def tag_key(name: str) -> str:
    """Return the form in which tag names are compared: case-folded, trimmed, with single spaces."""
    return " ".join(name.split()).casefold()


_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def address_key(address: str) -> str:
    """Return the form in which addresses are compared: A to Z in lower case, and nothing else folded.

    Folding all letters would make one of two that belong to two people, as with \u00df and ss.
    """
    return address.translate(_LOWER)


def split_text(text: str, limit: int) -> tuple[str, ...]:
    """Return the text in numbered pieces of at most ``limit`` characters, cut at the widest border there is.

    A text that fits is returned as it is. ValueError when the limit leaves no room for text.
    """
    if limit < SHORTEST_LIMIT:
        raise ValueError(f"a limit of {limit} leaves no room for text")
    if len(text) <= limit:
        return (text,)
    return split_at(text, borders(text, limit)) or ("",)


def borders(text: str, limit: int) -> tuple[int, ...]:
    """Return where ``split_text`` cuts a text that is too long: how much of it is left after each piece."""
    for digits in range(1, len(str(len(text))) + 1):
        cut = segments(text, limit - len("(/) ") - 2 * digits)
        if len(cut) < 10**digits:
            break
    return tuple(len(text) - end for _, end in cut)


def split_at(text: str, left: tuple[int, ...]) -> tuple[str, ...]:
    """Return a text in numbered pieces, cut where so much of it is ``left``, whatever stands before it."""
    ends = [max(0, len(text) - rest) for rest in left]
    cut = [text[start:end].strip() for start, end in pairwise([0, *ends])]
    if len(cut) <= 1:
        return tuple(cut)
    return tuple(f"({number}/{len(cut)}) {piece}" for number, piece in enumerate(cut, 1))


def pieces(text: str, room: int, first: int | None = None) -> tuple[str, ...]:
    """Return the text cut into pieces of at most ``room`` characters, the first of at most ``first``."""
    return tuple(text[start:end].strip() for start, end in segments(text, room, first))


def segments(text: str, room: int, first: int | None = None) -> tuple[tuple[int, int], ...]:
    """Return where each of ``pieces`` begins and ends; what carries nothing belongs to none."""
    cut: list[tuple[int, int]] = []
    start, size = 0, room if first is None else first
    while len(text) - start > size:
        end = _border(text, start, size)
        cut.append((start, end))
        start, size = end, room
    cut.append((start, len(text)))
    return tuple((start, end) for start, end in cut if not carries_nothing(text[start:end].strip()))


def _border(text: str, start: int, size: int) -> int:
    """Return where to cut: behind a paragraph, else a line, else a word, else in the middle of one."""
    window = text[start : start + size + 1]
    for border in ("\n\n", "\n"):
        if (found := window.rfind(border, size // 2)) > 0:
            return start + found
    words = [found.start() for found in _SPACE.finditer(window)]
    return start + (words[-1] if words and words[-1] else size)
