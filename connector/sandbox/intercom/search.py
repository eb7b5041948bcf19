"""Intercom's search language and its cursors."""

from __future__ import annotations

import base64
import json
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from connector.sandbox.intercom.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from connector.sandbox.exchange import JsonObject

T = TypeVar("T")
Key: TypeAlias = tuple[int | str, int | str]
Row: TypeAlias = tuple[Key, T]

_LARGEST_PAGE = 150
_MOST_FILTERS = 15
_DEEPEST = 2
_DAY = 86_400
_DATES = re.compile(r".*_at$|waiting_since|snoozed_until")


def check(query: object, fields: Container[object], depth: int = 0) -> None:
    """Refuse a query that is malformed, too deep, too wide or about an unknown field."""
    if not isinstance(query, dict) or "operator" not in query or "value" not in query:
        raise invalid("a query needs operator and value")
    if query["operator"] in {"AND", "OR"}:
        parts = query["value"]
        if not isinstance(parts, list) or not 1 <= len(parts) <= _MOST_FILTERS or depth >= _DEEPEST:
            raise invalid("a group holds 1 to 15 filters and is nested at most twice")
        for part in parts:
            check(part, fields, depth + 1)
        return
    name = query.get("field")
    if name not in fields and not str(name).startswith("custom_attributes."):
        raise invalid(f"{name} is not a valid field for searching")
    if query["operator"] not in _TESTS:
        raise invalid(f"{query['operator']} is not a valid operator")


def matches(query: JsonObject, document: JsonObject, *, by_day: bool = False, strict: bool = False) -> bool:
    """Judge a document by a checked query.

    `by_day` cuts dates to calendar days; `strict` takes `>` and `<` without equality.
    """
    sign, value = query["operator"], query["value"]
    if sign in {"AND", "OR"}:
        judged = (matches(part, document, by_day=by_day, strict=strict) for part in value)
        return all(judged) if sign == "AND" else any(judged)
    field = query["field"]
    actual = document.get(field)
    if by_day and _DATES.fullmatch(field) and sign in {"<", ">"}:
        day = int(value) // _DAY
        return actual is not None and (actual // _DAY > day if sign == ">" else actual // _DAY < day)
    if strict and sign in {"<", ">"} and _same(actual, value):
        return False
    return _TESTS[sign](actual, value)


def page_of(
    rows: Iterable[Row[T]], pagination: JsonObject, *, descending: bool, default: int, gaps: bool = False
) -> tuple[list[T], JsonObject, int]:
    """Cut the page after a cursor and return it with its `pages` object and the total.

    With `gaps` an empty page comes before each page that has rows.
    """
    ordered = sorted(rows, key=lambda row: row[0], reverse=descending)
    per_page = _per_page(pagination.get("per_page"), default)
    cursor = _Cursor.read(pagination.get("starting_after"))
    key = cursor.after
    rest = ordered
    if key is not None:
        rest = [row for row in ordered if (row[0] < key if descending else row[0] > key)]
    empty = gaps and cursor.gap and bool(rest)
    cut = [] if empty else rest[:per_page]
    pages: JsonObject = {
        "type": "pages",
        "page": cursor.page,
        "per_page": per_page,
        "total_pages": -(-len(ordered) // per_page),
    }
    if empty or len(rest) > per_page:
        following = _Cursor(cut[-1][0] if cut else key, cursor.page + 1, gap=not empty)
        pages["next"] = {"per_page": per_page, "starting_after": following.text()}
    return [item for _, item in cut], pages, len(ordered)


def whole_number(value: object, name: str) -> int:
    """Read a whole number given as a number or a text."""
    try:
        return int(str(value))
    except ValueError as error:
        raise invalid(f"{name} must be a whole number") from error


def _per_page(value: object, default: int) -> int:
    if value is None:
        return default
    per_page = whole_number(value, "per_page")
    if not 1 <= per_page <= _LARGEST_PAGE:
        raise invalid("Per Page is too big" if per_page > _LARGEST_PAGE else "Per Page is too small")
    return per_page


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a list goes on: after a key, or from its beginning; `gap` when an empty page may come first."""

    after: Key | None
    page: int
    gap: bool

    @classmethod
    def read(cls, text: object) -> _Cursor:
        if not text:
            return cls(None, 1, gap=True)
        try:
            key, page, gap = json.loads(base64.b64decode(str(text)))
            return cls(None if key is None else (key[0], key[1]), int(page), gap=bool(gap))
        except (ValueError, TypeError, IndexError) as error:
            raise invalid("starting_after is no cursor of this list") from error

    def text(self) -> str:
        return base64.b64encode(json.dumps([self.after, self.page, self.gap]).encode()).decode()


def _same(actual: object, wanted: object) -> bool:
    if isinstance(actual, list):
        return any(_same(item, wanted) for item in actual)
    if actual is None or wanted is None:
        return actual is wanted
    return str(actual).casefold() == str(wanted).casefold()


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _at_least(actual: object, wanted: object) -> bool:
    return _compared(actual, wanted, operator.ge)


def _at_most(actual: object, wanted: object) -> bool:
    return _compared(actual, wanted, operator.le)


def _compared(actual: object, wanted: object, holds: Callable[[Any, Any], bool]) -> bool:
    """Compare as numbers where both are, else as texts; an empty text comes before everything."""
    if actual is None:
        return False
    left, right = _number(actual), _number(wanted)
    if left is not None and right is not None:
        return holds(left, right)
    return holds(str(actual), str(wanted))


def _one_of(actual: object, wanted: object) -> bool:
    return isinstance(wanted, list) and any(_same(actual, item) for item in wanted)


def _contains(actual: object, wanted: object) -> bool:
    return str(wanted).casefold() in str(actual or "").casefold()


def _starts(actual: object, wanted: object) -> bool:
    return str(actual or "").casefold().startswith(str(wanted).casefold())


def _ends(actual: object, wanted: object) -> bool:
    return str(actual or "").casefold().endswith(str(wanted).casefold())


_TESTS = {
    "=": _same,
    "!=": lambda actual, wanted: not _same(actual, wanted),
    "IN": _one_of,
    "NIN": lambda actual, wanted: not _one_of(actual, wanted),
    ">": _at_least,
    "<": _at_most,
    "> OR =": _at_least,
    "< OR =": _at_most,
    "~": _contains,
    "!~": lambda actual, wanted: not _contains(actual, wanted),
    "^": _starts,
    "$": _ends,
}
