"""What a stranger may have chosen in a request or an answer: an id in a path, and the JSON of a body."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from connector.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

# Ten bytes of JSON may take several hundred in memory: an answer is bounded by what it holds, too.
MOST_VALUES = 2_000_000
_BEFORE_A_VALUE = (b",", b"[", b"{")
_WAYS = re.compile(r"[/\\]")


def parsed(content: bytes, *, parse_float: Callable[[str], object] = float) -> object:
    """Return the JSON of an answer; ValueError for what is none, or would exhaust whoever reads it."""
    if sum(map(content.count, _BEFORE_A_VALUE)) > MOST_VALUES:
        raise ValueError("more values than any honest answer has")
    try:
        return json.loads(content, parse_float=parse_float)
    except (RecursionError, ArithmeticError):  # nested, or a number, beyond what can be held
        raise ValueError("no JSON that can be held") from None


def segment(text: str, *, safe: str = "") -> str:
    """Return an id as one segment of a path; Rejected for one that a server may take for a way elsewhere."""
    if not {".", ".."}.isdisjoint(_WAYS.split(text)):
        raise Rejected("An id that is a path cannot be asked for.", status=0, code="unusable_id")
    return quote(text, safe=safe, errors="replace")
