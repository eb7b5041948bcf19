"""How Intercom names the next page: by a cursor in 2.x, by a page number in 1.x and some lists of 2.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.wire.values import read_count, read_fields, read_optional_id

if TYPE_CHECKING:
    from connector.intercom.answers import Json

Cursor = tuple[str, str]
"""A parameter and its value: ``starting_after`` or ``page``."""


def following(body: Json, cursor: Cursor | None) -> Cursor | None:
    """Return where the page after this one is; None when this one is the last."""
    after = next_cursor(body)
    if after is not None:
        return ("starting_after", after)
    number = int(cursor[1]) if cursor is not None and cursor[0] == "page" else 1
    return ("page", str(number + 1)) if has_next_number(body, number) else None


def next_cursor(body: Json) -> str | None:
    """Return the cursor that a page names."""
    named = read_fields(read_fields(body.get("pages")).get("next"))
    return read_optional_id(named.get("starting_after"))


def has_next_number(body: Json, number: int) -> bool:
    """Tell whether a page with a number has one after it; the count of pages goes before ``next``."""
    pages = read_fields(body.get("pages"))
    total = read_count(pages.get("total_pages"))
    return number < total if total is not None else bool(pages.get("next"))


def pagination(size: int, cursor: str | None) -> Json:
    """Return what asks a search for a page."""
    return {"per_page": size} | ({"starting_after": cursor} if cursor else {})
