"""The `filters` of Dashly's list of users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.sandbox.dashly.errors import invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.dashly.model import User
    from connector.sandbox.exchange import JsonObject

_JOINTS = {"and": all, "or": any}


def matches(query: JsonObject, user: User) -> bool:
    """Judge a user by `{"type": "and"|"or", "filters": [...]}`; no query takes everybody."""
    if not query:
        return True
    parts = query.get("filters")
    if query.get("type") in _JOINTS and isinstance(parts, list):
        return _JOINTS[query["type"]]([matches(part, user) for part in parts])
    return _holds(query, user)


def _holds(query: JsonObject, user: User) -> bool:
    kind, value = query.get("type"), query.get("value")
    if not query.get("property_name") or not isinstance(value, dict) or kind not in _TESTS:
        raise invalid("filters", "a filter needs a known type, a property_name and a value")
    return _TESTS[kind](_property(user, str(query["property_name"])), value)


def _property(user: User, name: str) -> object:
    if name == "$user_id":
        return user.user_id
    return (user.props if name.startswith("$") else user.props_custom).get(name)


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _compared(holds: Callable[[float, float], bool], *, unknown: bool = False) -> Callable[[Any, Any], bool]:
    def run(actual: object, value: JsonObject) -> bool:
        left, right = _number(actual), _number(value.get("value"))
        return unknown if left is None else right is not None and holds(left, right)

    return run


def _between(actual: object, value: JsonObject) -> bool:
    number, low, high = _number(actual), _number(value.get("value1")), _number(value.get("value2"))
    return number is not None and low is not None and high is not None and low <= number <= high


def _same_text(actual: object, value: JsonObject) -> bool:
    return actual is not None and str(actual).casefold() == str(value.get("value")).casefold()


_TESTS: dict[object, Callable[[Any, Any], bool]] = {
    "known": lambda actual, _: actual not in {None, ""},
    "unknown": lambda actual, _: actual in {None, ""},
    "gt": _compared(lambda left, right: left > right),
    "gt_or_unknown": _compared(lambda left, right: left > right, unknown=True),
    "lt": _compared(lambda left, right: left < right),
    "lt_or_unknown": _compared(lambda left, right: left < right, unknown=True),
    "range": _between,
    "eq": _compared(lambda left, right: left == right),
    "neq": _compared(lambda left, right: left != right, unknown=True),
    "str_eq": _same_text,
    "str_neq": lambda actual, value: not _same_text(actual, value),
}
