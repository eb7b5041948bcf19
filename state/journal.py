"""Intents: a durable record of every remote write, committed before the request leaves.

Done intents stay until their conversation's plan was carried out, so that a part cut into pieces goes on
where it stopped. No text is kept: only hashes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.model import Side
from state.records import Begun, Intent, IntentState, Operation

if TYPE_CHECKING:
    from mappings.model import Seconds
    from state.access.transactions import Row, Transactions


class Journal:
    """Reads and writes intents."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def get(self, marker: str) -> Intent | None:
        """Return the intent with this marker, or None."""
        row = self._file.first("SELECT * FROM intents WHERE marker = ?", [marker])
        return _intent(row) if row else None

    def begin(self, intent: Intent, run: str | None) -> None:
        """Record a write that leaves now, on the disk. Raises TakenOver when another run began."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO intents(marker, conversation, side, op, state, payload_hash, fingerprint, "
                "covers, sent_at, settle_at, run, pieces) VALUES (?, ?, ?, ?, 'sent', ?, ?, ?, ?, ?, ?, ?)",
                [
                    intent.marker,
                    intent.conversation,
                    intent.side,
                    intent.op,
                    intent.payload_hash,
                    intent.fingerprint,
                    intent.covers,
                    intent.sent_at,
                    intent.settle_at,
                    run,
                    intent.begun.dump() if intent.begun else None,
                ],
            )

    def left(self, marker: str, at: Seconds) -> None:
        """Record that a write leaves again: its settling counts from now. Raises TakenOver like ``begin``."""
        with self._file.write() as db:
            db.execute(
                "UPDATE intents SET settle_at = settle_at + (? - sent_at), sent_at = ? WHERE marker = ?",
                [at, at, marker],
            )

    def answered(self, marker: str, fingerprint: str) -> None:
        """Record that the side confirmed the write, with what is known of the part by now."""
        with self._file.write() as db:
            db.execute(
                "UPDATE intents SET state = 'answered', fingerprint = ? WHERE marker = ?",
                [fingerprint, marker],
            )

    def done(self, marker: str, copy: str | None) -> None:
        """Record that the write exists, with the id of the part it made."""
        with self._file.write() as db:
            db.execute("UPDATE intents SET state = 'done', copy = ? WHERE marker = ?", [copy, marker])

    def begun(self, conversation: int) -> dict[str, Begun]:
        """Return the words of a conversation of which a piece was made, the last word on each."""
        rows = self._file.read(
            "SELECT pieces, copy FROM intents WHERE conversation = ? AND pieces IS NOT NULL "
            "AND state = 'done' ORDER BY sent_at, rowid DESC",
            [conversation],
        )
        found: dict[str, Begun] = {}
        for row in rows:
            begun = Begun.load(row["pieces"], row["copy"])
            first = found.get(begun.of, begun)
            found[begun.of] = replace(begun, copy=first.copy, sent=first.sent + 1)
        return found

    def drop(self, marker: str) -> None:
        """Forget an intent that certainly was not applied, or whose part is in the ledger."""
        with self._file.write() as db:
            db.execute("DELETE FROM intents WHERE marker = ?", [marker])

    def clear_done(self, conversation: int) -> None:
        """Forget the finished intents of a conversation whose plan was carried out to the end."""
        with self._file.write() as db:
            db.execute("DELETE FROM intents WHERE conversation = ? AND state = 'done'", [conversation])

    def forget(self, conversation: int) -> None:
        """Forget every intent of a conversation that does not exist any more."""
        with self._file.write() as db:
            db.execute("DELETE FROM intents WHERE conversation = ?", [conversation])

    def open(self, conversation: int | None = None) -> list[Intent]:
        """Return intents that are not done, oldest first: of one conversation or of all."""
        which, given = ("", []) if conversation is None else ("AND conversation = ? ", [conversation])
        rows = self._file.read(
            f"SELECT * FROM intents WHERE state != 'done' {which}ORDER BY sent_at",  # noqa: S608 - one of two
            given,
        )
        return [_intent(row) for row in rows]


def _intent(row: Row) -> Intent:
    return Intent(
        marker=row["marker"],
        conversation=row["conversation"],
        side=Side(row["side"]),
        op=Operation(row["op"]),
        payload_hash=row["payload_hash"],
        fingerprint=row["fingerprint"],
        covers=row["covers"],
        sent_at=row["sent_at"],
        settle_at=row["settle_at"],
        state=IntentState(row["state"]),
        copy=row["copy"],
        begun=Begun.load(row["pieces"], row["copy"]) if row["pieces"] else None,
    )
