"""Conversation pairs: which two conversations mirror each other, what each side last showed, what is due.

A row may know one side only: a conversation that was listed and has no mirror yet.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from mappings.model import Registers, Side
from state import registers
from state.meta import Meta
from state.migrations.ledger_schema import DUE, IDLE
from state.records import Pair, PairState, Queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mappings.model import Seconds
    from state.access.transactions import Row, Transactions

LINKED = "dashly_id IS NOT NULL AND intercom_id IS NOT NULL"


class Pairs:
    """Reads and writes conversation pairs."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def get(self, row: int) -> Pair:
        """Return a pair by its row number."""
        found = self.maybe(row)
        if found is None:
            raise LookupError(f"no conversation pair {row}")
        return found

    def maybe(self, row: int) -> Pair | None:
        """Return a pair by its row number, or None when another row took it over."""
        found = self._file.first("SELECT * FROM conversations WHERE id = ?", [row])
        return _pair(found) if found else None

    def find(self, side: Side, conversation: str) -> Pair | None:
        """Return the pair that holds this conversation, or None."""
        row = self._file.first(f"SELECT * FROM conversations WHERE {side}_id = ?", [conversation])  # noqa: S608 - a Side
        return _pair(row) if row else None

    def listed(self, side: Side, conversation: str, *, due: Seconds, queue: Queue) -> int:
        """Note that a conversation was listed and is due for work; return its row.

        A conversation that a sync found due stays in the sync's queue.
        """
        with self._file.write() as db:
            db.execute(
                f"INSERT INTO conversations({side}_id, origin, {side}_due, queue) VALUES (?, ?, ?, ?) "  # noqa: S608 - a Side
                f"ON CONFLICT({side}_id) DO UPDATE SET {side}_due = excluded.{side}_due, "
                "queue = CASE WHEN excluded.queue = 'sync' OR (conversations.queue = 'sync' "
                "AND (conversations.dashly_due IS NOT NULL OR conversations.intercom_due IS NOT NULL)) "
                "THEN 'sync' ELSE excluded.queue END",
                [conversation, side, due, queue],
            )
        found = self.find(side, conversation)
        if found is None:  # pragma: no cover - the row was just written
            raise LookupError(conversation)
        return found.row

    def due(self, queue: Queue, now: Seconds, *, linked: bool, after: int, limit: int) -> list[Pair]:
        """Return active pairs of a queue with work due by ``now``, by row number, from after a row.

        Either those that are ``linked``, or conversations without a mirror.
        """
        rows = self._file.read(
            f"SELECT * FROM conversations WHERE {DUE} AND queue = :queue AND id > :after "  # noqa: S608 - from our schema
            "AND (dashly_due <= :now OR intercom_due <= :now) "
            "AND (dashly_id IS NOT NULL AND intercom_id IS NOT NULL) = :linked ORDER BY id LIMIT :limit",
            {"queue": queue, "now": now, "linked": linked, "after": after, "limit": limit},
        )
        return [_pair(row) for row in rows]

    def next_due(self, queue: Queue, *, after: Seconds) -> Seconds | None:
        """Return the next time after ``after`` when an active pair of a queue becomes due, or None."""
        times = [self._first_due(side, queue, after) for side in Side]
        return min((at for at in times if at is not None), default=None)

    def _first_due(self, side: Side, queue: Queue, after: Seconds) -> Seconds | None:
        due = f"{side}_due"
        row = self._file.read(
            f"SELECT min({due}) AS at FROM conversations "  # noqa: S608 - a Side
            f"WHERE state = 'active' AND queue = ? AND {due} IS NOT NULL AND {due} > ?",
            [queue, after],
        )[0]
        return None if row["at"] is None else float(row["at"])

    def forget_unstarted(self, queue: Queue) -> None:
        """Take conversations without a mirror off a queue; those with an open intent stay."""
        with self._file.write() as db:
            db.execute(
                "UPDATE conversations SET dashly_due = NULL, intercom_due = NULL WHERE queue = ? "
                "AND (dashly_due IS NOT NULL OR intercom_due IS NOT NULL) "
                "AND (dashly_id IS NULL OR intercom_id IS NULL) "
                "AND NOT EXISTS (SELECT 1 FROM intents WHERE intents.conversation = conversations.id)",
                [queue],
            )

    def number_anew(self, queue: Queue, *, due: Seconds) -> None:
        """Put the unstarted conversations of a queue in the order in which they were due, all due at ``due``.

        Work goes by number, and a conversation that an earlier run listed would keep its old one. What
        anything refers to keeps its number, and so does what a limit holds.
        """
        held = ", ".join(str(row) for row in {0, *(row for _, _, row in Meta(self._file).held())})
        with self._file.write() as db:
            db.execute(
                "WITH unstarted AS (SELECT id AS old, row_number() OVER (ORDER BY "  # noqa: S608 - from our schema
                "coalesce(dashly_due, intercom_due), id) AS place FROM conversations AS one "
                f"WHERE {DUE} AND queue = :queue AND (dashly_id IS NULL OR intercom_id IS NULL) "
                "AND NOT EXISTS (SELECT 1 FROM intents WHERE conversation = one.id) "
                "AND NOT EXISTS (SELECT 1 FROM parts WHERE conversation = one.id) "
                "AND NOT EXISTS (SELECT 1 FROM quarantine WHERE conversation = one.id) "
                "AND NOT EXISTS (SELECT 1 FROM conflicts WHERE conversation = one.id) "
                f"AND id NOT IN ({held})) "
                "UPDATE conversations SET id = :top + place, "
                "dashly_due = CASE WHEN dashly_due IS NOT NULL THEN :due END, "
                "intercom_due = CASE WHEN intercom_due IS NOT NULL THEN :due END "
                "FROM unstarted WHERE id = old",
                {"queue": queue, "due": due, "top": self._top()},
            )

    def _top(self) -> int:
        return int(self._file.read("SELECT coalesce(max(id), 0) AS top FROM conversations")[0]["top"])

    def count_due(self, queue: Queue) -> int:
        """Return how many active pairs of a queue have work left."""
        row = self._file.first("SELECT n FROM counters WHERE kind = 'due' AND name = ?", [queue])
        return int(row["n"]) if row else 0

    def due_rows(self, queue: Queue) -> Iterator[int]:
        """Yield the rows of a queue's active pairs that have work left, whenever it is due."""
        return (pair.row for pair in self._paged(f"{DUE} AND queue = ?", queue))

    def set_due(self, row: int, due: dict[Side, Seconds]) -> None:
        """Say when each side of a pair must be looked at next; a side not named is not due."""
        with self._file.write() as db:
            db.execute(
                "UPDATE conversations SET dashly_due = ?, intercom_due = ? WHERE id = ?",
                [due.get(Side.DASHLY), due.get(Side.INTERCOM), row],
            )

    def set_seen(self, row: int, side: Side, revision: str, checked: Seconds) -> None:
        """Remember what a side showed and when."""
        with self._file.write() as db:
            db.execute(
                f"UPDATE conversations SET {side}_seen = ?, checked = ? WHERE id = ?",  # noqa: S608 - a Side
                [revision, checked, row],
            )

    def set_base(self, row: int, side: Side, base: Registers) -> None:
        """Set the registers on which a side agreed."""
        self._set(row, f"{side}_base", registers.dump(base))

    def set_first_base(self, row: int, side: Side, shown: Registers) -> None:
        """Set on what a mirror agreed that has no base yet: it was begun without the tags that it shows."""
        only = f" AND origin != '{side}' AND linked IS NOT NULL AND {side}_base IS NULL"
        self._set(row, f"{side}_base", registers.dump(replace(shown, tags=frozenset())), only)

    def set_origin(self, row: int, origin: Side) -> None:
        """Say on which side a conversation began."""
        self._set(row, "origin", origin)

    def set_shadow(self, row: int, *, shadow: bool) -> None:
        """Remember whether the customer on Dashly is a shadow user whom nothing can reach."""
        self._set(row, "shadow", int(shadow))

    def set_stand_in(self, row: int, *, stand_in: bool) -> None:
        """Remember whether the customer where a conversation began stands for somebody of the other side."""
        self._set(row, "stand_in", int(stand_in))

    def set_person(self, row: int, side: Side, person: str) -> None:
        """Remember who the customer of this conversation is on a side."""
        self._set(row, f"{side}_person", person)

    def forget_person(self, row: int, side: Side) -> None:
        """Forget who the customer of this conversation is on a side."""
        self._set(row, f"{side}_person", None)

    def set_state(self, row: int, state: PairState) -> None:
        """Mark a pair active, gone or quarantined."""
        self._set(row, "state", state)

    def _set(self, row: int, column: str, value: str | int | None, only: str = "") -> None:
        with self._file.write() as db:
            db.execute(f"UPDATE conversations SET {column} = ? WHERE id = ?{only}", [value, row])  # noqa: S608 - one of ours

    def link(self, row: int, side: Side, conversation: str, *, at: Seconds, run: str | None) -> None:
        """Complete a pair with the conversation of the side that was missing.

        When that conversation was listed before on its own, its empty row is taken over, with what is in
        quarantine for it; a row with parts cannot be deleted, and the link fails.
        """
        with self._file.write() as db:
            alone = self.find(side, conversation)
            if alone is not None and alone.row != row:
                for table in ("quarantine", "conflicts", "intents"):
                    db.execute(f"DELETE FROM {table} WHERE conversation = ?", [alone.row])  # noqa: S608 - one of three
                db.execute("DELETE FROM conversations WHERE id = ?", [alone.row])
            db.execute(
                f"UPDATE conversations SET {side}_id = ?, linked = ?, created_by_run = ? WHERE id = ?",  # noqa: S608 - a Side
                [conversation, at, run, row],
            )

    def longest_unchecked(self, limit: int) -> list[Pair]:
        """Return the linked, active, idle pairs that were checked longest ago."""
        rows = self._file.read(
            f"SELECT * FROM conversations WHERE {IDLE} ORDER BY checked, id LIMIT ?",  # noqa: S608 - from our schema
            [limit],
        )
        return [_pair(row) for row in rows]

    def linked_pairs(self, *, limit: int = 100) -> list[Pair]:
        """Return the first linked pairs by row number."""
        return list(islice(self._paged(LINKED), limit))

    def made_by(self, run: str) -> Iterator[Pair]:
        """Yield the pairs whose copy a run made, by number; one may be forgotten meanwhile."""
        return self._paged("created_by_run = ?", run)

    def forget(self, row: int) -> None:
        """Forget a pair with all that refers to it, as if it had never been met."""
        with self._file.write() as db:
            for table in ("parts", "intents", "quarantine", "conflicts"):
                db.execute(f"DELETE FROM {table} WHERE conversation = ?", [row])  # noqa: S608 - one of four
            db.execute("DELETE FROM conversations WHERE id = ?", [row])

    def in_chats(self) -> int:
        """Return how many copies in Dashly belong to users whom we did not make, and show in their chats."""
        row = self._file.first(
            "SELECT count(*) AS n FROM conversations WHERE origin = 'intercom' AND shadow = 0 "
            "AND state = 'active' AND dashly_id IS NOT NULL AND intercom_id IS NOT NULL"
        )
        return int(row["n"]) if row else 0

    def every(self) -> Iterator[Pair]:
        """Yield all rows by number: pairs in any state, and conversations without a mirror."""
        return self._paged("TRUE")

    def _paged(self, wanted: str, *values: str) -> Iterator[Pair]:
        after = 0
        sql = f"SELECT * FROM conversations WHERE {wanted} AND id > ? ORDER BY id LIMIT 100"  # noqa: S608 - ours
        while rows := self._file.read(sql, [*values, after]):
            yield from map(_pair, rows)
            after = rows[-1]["id"]

    def in_step(self) -> Iterator[Pair]:
        """Yield all linked pairs that are kept in step, by row number."""
        return self._paged(f"{LINKED} AND state = 'active'")

    def tags(self, side: Side) -> frozenset[str]:
        """Return all tags that the conversations of a side had when they were last agreed on."""
        rows = self._file.read(
            f"SELECT DISTINCT {side}_base AS base FROM conversations "  # noqa: S608 - a Side
            f"WHERE {side}_base IS NOT NULL AND state IN ('active', 'quarantined')"
        )
        return frozenset(tag for row in rows for tag in registers.load(row["base"]).tags)

    def counts(self) -> dict[str, int]:
        """Return how many pairs are linked, waiting for a mirror, gone and quarantined."""
        rows = self._file.read("SELECT name, n FROM counters WHERE kind = 'pair' AND n != 0")
        return {row["name"]: row["n"] for row in rows}


def _pair(row: Row) -> Pair:
    found = dict(row)  # a name is looked up in a row one column after the other

    def by_side(column: str) -> dict[Side, str]:
        return {side: value for side, value in _of_sides(found, column) if value is not None}

    return Pair(
        row=found["id"],
        ids=by_side("id"),
        origin=Side(found["origin"]),
        state=PairState(found["state"]),
        base={side: registers.load(text) for side, text in by_side("base").items()},
        seen=by_side("seen"),
        people=by_side("person"),
        shadow=bool(found["shadow"]),
        stand_in=bool(found["stand_in"]),
        due={side: float(at) for side, at in by_side("due").items()},
        queue=Queue(found["queue"]),
        checked=float(found["checked"]),
    )


def _of_sides(found: dict[str, str], column: str) -> tuple[tuple[Side, str], tuple[Side, str]]:
    return (
        (Side.DASHLY, found[f"dashly_{column}"]),
        (Side.INTERCOM, found[f"intercom_{column}"]),
    )
