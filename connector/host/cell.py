"""Remote and configured text made fit for a screen: what a stranger typed never acts on a terminal.

A text keeps its letters and loses everything that a terminal obeys: control characters (C0, C1, DEL), line
breaks, and the marks that turn the reading direction around. What was lost is shown as one replacement mark.
"""

from __future__ import annotations

import json
import re
import unicodedata
from itertools import groupby

# A table stays readable with a few such cells; the whole text is in the JSON.
WIDEST_CELL = 300
# Enough for a sentence of ours with hostile names in it, but not for a screenful.
WIDEST_LINE = 4_000
MOST_MARKS = 4  # accents on one letter; more of them cover the lines above and below
_REPLACEMENT = "\ufffd"
_JOINERS = "\u200c\u200d"  # spelling in Persian and Indic scripts, and joined emoji
_SAFE_JSON = re.compile(r"[ -~]*")


def line(text: object, *, width: int = WIDEST_LINE) -> str:
    """Return a text as one printable line of at most ``width`` characters; its spaces stay as they are."""
    told = str(text)[: width + 1]
    shown = "".join(_printable(c) for c in told)
    return _cut(_thinned(shown), width)


def cell(text: object, *, width: int = WIDEST_CELL) -> str:
    """Return a text as one printable line in which nothing looks like a column, a line or a margin."""
    told = " ".join(str(text)[: 4 * width].split())
    return line(told, width=width)


def json_line(value: object) -> str:
    """Return a value as one line of JSON, in which everything that is not printable is escaped."""
    told = json.dumps(value, ensure_ascii=False, default=str)
    if _SAFE_JSON.fullmatch(told):
        return told
    return "".join(c if _is_shown(c) else json.dumps(c)[1:-1] for c in told)


def _is_shown(character: str) -> bool:
    return character.isprintable() or character in _JOINERS


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    return character if _is_shown(character) else _REPLACEMENT


def _thinned(text: str) -> str:
    """Take away what is stacked on a letter beyond what any spelling needs."""
    if text.isascii():
        return text
    groups = groupby(text, key=lambda c: unicodedata.category(c) in {"Mn", "Me"})
    return "".join("".join(marks)[:MOST_MARKS] if stacked else "".join(marks) for stacked, marks in groups)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
