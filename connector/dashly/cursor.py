"""Dashly's page cursors, kept digit by digit: a float would lose the microseconds that they hang on."""

from __future__ import annotations

import json
from decimal import Decimal


def next_cursor(body: bytes) -> str | None:
    """Return the cursor towards older rows as the very text to send back; ValueError when it is none."""
    meta = json.loads(body, parse_float=Decimal).get("meta", {})
    position = meta.get("next_before_position", meta.get("next_after"))
    if position is None or position == []:
        return None
    if not isinstance(position, list):
        raise ValueError("no cursor")  # noqa: TRY004 - what a side sends has the wrong value
    return f"[{', '.join(_literal(item) for item in position)}]"


def _literal(item: object) -> str:
    if isinstance(item, Decimal):
        return str(item)
    if isinstance(item, int | str):
        return json.dumps(item)
    raise ValueError("no cursor")
