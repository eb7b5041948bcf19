"""What must always be true of a state file, asked of the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from state.file.db import StateFile
from state.migrations.ledger_schema import COUNTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from state.access.transactions import Transactions

# A file with twenty faults is restored, not repaired one by one.
MOST_TOLD = 20


def problems(file: Transactions) -> list[str]:
    """Return what is wrong with a state file, in words; nothing when it is sound."""
    if not isinstance(file, StateFile):  # PostgreSQL looks after its pages and references itself
        return [*_counters(file), *_ledger(file)]
    damage = [row[0] for row in file.read(f"PRAGMA integrity_check({MOST_TOLD})") if row[0] != "ok"]
    if damage:
        return [f"damaged: {words}" for words in damage]
    return [*_references(file), *_counters(file), *_ledger(file)]


def _references(file: Transactions) -> Iterator[str]:
    for row in file.read("PRAGMA foreign_key_check"):
        yield f"a row of {row['table']} refers to a row of {row['parent']} that is not there"


def _counters(file: Transactions) -> Iterator[str]:
    for counter in COUNTERS:
        kept = file.read("SELECT name, n FROM counters WHERE kind = ? AND n != 0", [counter.kind])
        true = {row["name"]: row["n"] for row in file.read(counter.count())}
        if {row["name"]: row["n"] for row in kept} != true:
            yield f"the counters of {counter.table} do not agree with the file"


def _ledger(file: Transactions) -> Iterator[str]:
    for what, sql in _NEVER.items():
        count = file.read(f"SELECT count(*) AS n FROM ({sql}) AS never")[0]["n"]  # noqa: S608 - one of ours
        if count:
            yield f"{count} {what}"


_NEVER = {
    "copies have two rows in the ledger": (
        "SELECT 1 FROM parts AS part JOIN parts AS copy ON copy.conversation = part.conversation "
        "AND copy.side = 1 - part.side AND copy.part = part.counterpart WHERE part.copy_type IS NOT NULL"
    ),
    "tombstones still hold the hash of their text": (
        "SELECT 1 FROM parts WHERE removed = 1 AND text_hash IS NOT NULL"
    ),
    "pairs have parts on a side that they do not have": (
        "SELECT DISTINCT parts.conversation FROM parts JOIN conversations ON conversations.id = conversation "
        "WHERE CASE parts.side WHEN 0 THEN dashly_id ELSE intercom_id END IS NULL"
    ),
}
