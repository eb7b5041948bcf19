"""Addresses in text: what may be shown of a link, and where an address ends that stands between words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from mappings.characters import INVISIBLE, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEVER_SHOWN = frozenset({"about", "blob", "cid", "data", "javascript", "vbscript"})
_SCHEME = re.compile(r"\A([a-z][a-z0-9+.-]*):(?://)?", re.IGNORECASE)
_IGNORED = re.compile(rf"[\x00-\x20\x7f-\xa0{INVISIBLE}]+")

# Angle, curly, corner and heavy quotes; brackets of other kinds; then brackets and punctuation as wide as a
# Chinese or Japanese character, and Ethiopic marks, behind which no space stands either.
_QUOTES = (
    r"\u00ab\u00bb\u2018-\u201f\u2039\u203a\u3008-\u300f\u301d-\u301f\ufe41-\ufe44\uff02\uff07\uff62\uff63"
)
_OTHER_BRACKETS = (
    r"\u2045\u2046\u207d\u207e\u208d\u208e\u275b-\u2760\u2768-\u2775\u27e6-\u27ef\u2983-\u2998\u2e28\u2e29"
    r"\ufd3e\ufd3f\ufe59-\ufe5e\uff5f\uff60"
)
_FULL_WIDTH = (
    r"\u3001\u3002\u3010\u3011\u3014-\u3017\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d"
    r"\uff61\uff64\u1361-\u1368"
)
_ADDRESS = re.compile(
    rf"https?://(?=[^\W_]|\[)[^\s<>\"{INVISIBLE}{_QUOTES}{_OTHER_BRACKETS}{_FULL_WIDTH}]+",
    re.IGNORECASE,
)
_SQUARE = {ord("["): "%5B", ord("]"): "%5D"}
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_TRAILING = ".,;:!?'*`|^\\([{"
_MARKS = frozenset({"Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Sk"})
_AROUND = "_~"
"""What people put around a text to have it shown in another way, and what an address may end with as well."""


def scheme_of(address: str) -> str:
    """Return the scheme of an address as browsers read it, in small letters; empty when it has none."""
    found = _SCHEME.match(_IGNORED.sub("", address))
    return found[1].casefold() if found else ""


def shown_address(address: str) -> str:
    """Return an address as it may be in a text; empty for what is no place, such as a script."""
    if scheme_of(address) in _NEVER_SHOWN:
        return ""
    return one_word(address)


def one_word(address: str) -> str:
    """Return an address without white space and characters that nobody sees."""
    return "%20".join(one_line(address).split())


def bracketed(address: str) -> str:
    """Return an address as it may be in square brackets: it cannot close them."""
    return one_word(address).translate(_SQUARE)


def is_same(label: str, address: str) -> bool:
    """Tell whether a label only repeats its address, as when a side linked a bare address by itself."""
    return _bare(label) == _bare(address)


def _bare(address: str) -> str:
    return _SCHEME.sub("", address).rstrip("/")


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the web addresses in a text begin and end.

    Brackets belong to an address while they are in pairs; quotes of any language and marks at its end never.
    """
    for found in _ADDRESS.finditer(text):
        start = found.start()
        yield start, start + len(_without_marks(_balanced(found[0]), before=text[max(0, start - 1) : start]))


def _without_marks(address: str, *, before: str) -> str:
    """Return an address without the punctuation of any language that ends it, or stands around it."""
    marks = _TRAILING + before if before and before in _AROUND else _TRAILING
    end = len(address)
    while end and (address[end - 1] in marks or _is_foreign_mark(address[end - 1])):
        end -= 1
    return address[:end]


def _is_foreign_mark(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character) in _MARKS


def _balanced(address: str) -> str:
    """Return the address up to the first bracket that closes nothing in it."""
    opened: list[str] = []
    for at, character in enumerate(address):
        if character in _BRACKETS.values():
            opened.append(character)
        elif character in _BRACKETS and (not opened or opened.pop() != _BRACKETS[character]):
            return address[:at]
    return address
