"""Stamps from the future: a clock that was ahead left them, and nothing waits for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.model import Seconds
    from state.access.transactions import Transactions

_PAST = (  # what was stamped when it happened
    ("intents", "sent_at", "settle_at = :now + (settle_at - sent_at), sent_at = :now"),
    (
        "quarantine",
        "last_at",
        "first_at = CASE WHEN first_at < :now THEN first_at ELSE :now END, last_at = :now",
    ),
    ("conversations", "checked", "checked = :now"),
)
_AHEAD = (  # what was set ahead on purpose, but never so far
    ("quarantine", "retry_at", "retry_at = :now"),
    ("conversations", "dashly_due", "dashly_due = :now"),
    ("conversations", "intercom_due", "intercom_due = :now"),
)


def bring_back(file: Transactions, now: Seconds, *, apart: Seconds, longest: Seconds) -> None:
    """Set stamps that lie in the future to now, so that none holds anything up for longer than it should.

    ``apart`` is how far clocks may differ, ``longest`` how far ahead anything is ever planned.
    """
    late = [
        (table, column, change, limit)
        for columns, limit in ((_PAST, now + apart), (_AHEAD, now + longest))
        for table, column, change in columns
        if file.first(f"SELECT 1 FROM {table} WHERE {column} > ? LIMIT 1", [limit]) is not None  # noqa: S608 - from our tables
    ]
    if not late:
        return
    with file.write() as db:
        for table, column, change, limit in late:
            db.execute(
                f"UPDATE {table} SET {change} WHERE {column} > :limit",  # noqa: S608 - from our tables
                {"now": now, "limit": limit},
            )
