"""Dashly's v2 pagination: positions, directions and the order inside a page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from connector.sandbox.dashly.errors import invalid
from connector.sandbox.dashly.model import Id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.sandbox.dashly.params import Call
    from connector.sandbox.exchange import JsonObject

T = TypeVar("T")
Key: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The items of one page and the cursors in `meta`."""

    items: list[T]
    meta: JsonObject


def paginate(call: Call, items: Sequence[T], key: Callable[[T], Key]) -> Page[T]:
    """Cut the page that the call asks for; the last number of a key is the id."""
    direction = call.text("paginate_direction") or "before"
    order = call.text("paginate_page_order") or "desc"
    count = call.integer("paginate_count", 20, 1, 50)
    if direction not in {"before", "after", "around"}:
        raise invalid("paginate_direction", "must be before, after or around")
    if order not in {"asc", "desc"}:
        raise invalid("paginate_page_order", "must be asc or desc")
    if direction != "before" and not call.state.switches.after_paging:
        raise invalid("paginate_direction", "only before is supported here")
    ordered = sorted(items, key=key)
    keys = [key(item) for item in ordered]
    if call.state.switches.empty_pages and (gap := _gap(call, keys, direction)) is not None:
        return Page([], {f"next_{direction}_position": _cursor(gap)})
    start, stop = _bounds(call, keys, direction, count)
    cut = ordered[start:stop]
    meta = _cursors(call, ordered, (start, stop), key, direction)
    return Page(cut if order == "asc" else cut[::-1], meta)


def _gap(call: Call, keys: list[Key], direction: str) -> Key | None:
    """Return the position of the empty page that comes next; None when a page with rows does.

    A page with rows gives the key of a row as the position; an empty page gives the one next to it.
    """
    if not keys or direction == "around" or call.flag("paginate_including"):
        return None
    last, step = (keys[-1], 1) if direction == "before" else (keys[0], -1)
    position = _position(call, len(last))
    if position is None:
        return _beside(last, step)
    rest = [key for key in keys if (key < position if direction == "before" else key > position)]
    dated = len(position) > 1
    return _beside(position, -step) if dated and rest and position in keys else None


def _beside(key: Key, step: int) -> Key:
    return (*key[:-1], key[-1] + step)


def _bounds(call: Call, keys: list[Key], direction: str, count: int) -> tuple[int, int]:
    position = _position(call, len(keys[0]) if keys else 0)
    including = call.flag("paginate_including")
    if position is None:
        return (0, count) if direction == "after" else (max(len(keys) - count, 0), len(keys))
    below = sum(key < position for key in keys)
    upto = sum(key <= position for key in keys)
    before = upto if including else below
    after = below if including else upto
    if direction == "before":
        return max(before - count, 0), before
    if direction == "after":
        return after, after + count
    half = max(count // 2, 1)
    return max(before - half, 0), after + half


def _position(call: Call, size: int) -> Key | None:
    value = call.text("paginate_position")
    if not value or value == "null":
        return None
    try:
        position = tuple(float(item) if "." in str(item) else int(item) for item in json.loads(value))
    except (TypeError, ValueError) as error:
        raise invalid("paginate_position", "must be a JSON list of numbers") from error
    if size and len(position) != size:
        raise invalid("paginate_position", f"must have {size} elements")
    return position


def _cursors(
    call: Call, ordered: list[T], bounds: tuple[int, int], key: Callable[[T], Key], direction: str
) -> JsonObject:
    start, stop = bounds
    cut = ordered[start:stop]
    meta: JsonObject = {}
    if direction in {"before", "around"}:
        meta["next_before_position"] = _cursor(key(cut[0])) if cut and start > 0 else None
    if direction in {"after", "around"}:
        more = stop < len(ordered) or not call.state.switches.after_cursor_null_at_head
        meta["next_after_position"] = _cursor(key(cut[-1])) if cut and more else None
    return meta


def _cursor(key: Key) -> list[float]:
    return [*key[:-1], Id(key[-1])]
