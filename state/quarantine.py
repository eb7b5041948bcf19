"""What needs a person: quarantined conversations and lost conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import Side
from state.records import Conflict, QuarantineItem, Queue

if TYPE_CHECKING:
    from mappings.model import Seconds
    from state.access.transactions import Transactions


class Quarantine:
    """Conversations that stopped at a part which cannot be carried."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def put(
        self,
        conversation: int,
        side: Side,
        part: str,
        reason: str,
        *,
        at: Seconds,
        retry_at: Seconds | None = None,
    ) -> None:
        """Quarantine a conversation at a part ("" for the conversation as such), with the reason."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO quarantine(conversation, side, part, reason, first_at, last_at, retry_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(conversation, side, part) DO UPDATE SET "
                "reason = excluded.reason, last_at = excluded.last_at, attempts = quarantine.attempts + 1, "
                "retry_at = excluded.retry_at",
                [conversation, side, part, reason, at, at, retry_at],
            )
            db.execute("UPDATE conversations SET state = 'quarantined' WHERE id = ?", [conversation])

    def attempts(self, conversation: int) -> int:
        """Return how often a conversation failed by now in a way that may pass."""
        row = self._file.first(
            "SELECT max(attempts) AS n FROM quarantine WHERE conversation = ? AND retry_at IS NOT NULL",
            [conversation],
        )
        return int(row["n"] or 0) if row else 0

    def release_due(self, queue: Queue, now: Seconds, *, failed_before: Seconds) -> None:
        """Let conversations whose time has come be worked on again; their items stay until that went well."""
        with self._file.write() as db:
            db.execute(
                "UPDATE conversations SET state = 'active', "
                "dashly_due = CASE WHEN dashly_id IS NULL THEN NULL ELSE :now END, "
                "intercom_due = CASE WHEN intercom_id IS NULL THEN NULL ELSE :now END "
                "WHERE state = 'quarantined' AND queue = :queue "
                "AND EXISTS (SELECT 1 FROM quarantine WHERE conversation = conversations.id) "
                "AND NOT EXISTS (SELECT 1 FROM quarantine WHERE conversation = conversations.id "
                "AND (retry_at IS NULL OR retry_at > :now OR last_at >= :before))",
                {"now": now, "queue": queue, "before": failed_before},
            )

    def park(self, queue: Queue) -> None:
        """Let those that were woken but not worked on keep waiting."""
        with self._file.write() as db:
            db.execute(
                "UPDATE conversations SET state = 'quarantined', dashly_due = NULL, intercom_due = NULL "
                "WHERE state = 'active' AND queue = ? "
                "AND (dashly_due IS NOT NULL OR intercom_due IS NOT NULL) "
                "AND id IN (SELECT conversation FROM quarantine)",
                [queue],
            )

    def forget_retried(self, conversation: int) -> None:
        """Take the items out that were to be tried again: the conversation was worked off."""
        with self._file.write() as db:
            db.execute(
                "DELETE FROM quarantine WHERE conversation = ? AND retry_at IS NOT NULL", [conversation]
            )

    def reset(self, *, since: Seconds) -> None:
        """Start counting failures since a time again: the side failed, not these conversations."""
        with self._file.write() as db:
            db.execute(
                "UPDATE quarantine SET attempts = 1, retry_at = first_at "
                "WHERE retry_at IS NOT NULL AND last_at >= ?",
                [since],
            )

    def items(self) -> list[QuarantineItem]:
        """Return everything in quarantine, oldest first."""
        rows = self._file.read(
            "SELECT quarantine.*, dashly_id, intercom_id FROM quarantine "
            "JOIN conversations ON conversations.id = quarantine.conversation ORDER BY first_at"
        )
        return [QuarantineItem(**{**dict(row), "side": Side(row["side"])}) for row in rows]

    def release(self, quarantine_id: int, *, due: Seconds) -> Queue | None:
        """Take an item out, so that the next run of its queue works on its conversation again.

        Returns the queue, or None when the item is unknown.
        """
        row = self._file.first(
            "SELECT conversation, queue FROM quarantine "
            "JOIN conversations ON conversations.id = conversation WHERE quarantine.id = ?",
            [quarantine_id],
        )
        if row is None:
            return None
        with self._file.write() as db:
            db.execute("DELETE FROM quarantine WHERE id = ?", [quarantine_id])
            db.execute(
                "UPDATE conversations SET state = 'active', "
                "dashly_due = CASE WHEN dashly_id IS NULL THEN NULL ELSE :due END, "
                "intercom_due = CASE WHEN intercom_id IS NULL THEN NULL ELSE :due END "
                "WHERE id = :row AND state = 'quarantined' "
                "AND NOT EXISTS (SELECT 1 FROM quarantine WHERE conversation = :row)",
                {"due": due, "row": row["conversation"]},
            )
        return Queue(row["queue"])


class Conflicts:
    """Registers that both sides changed differently, with the value that lost."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def put(
        self,
        conversation: int,
        register: str,
        values: dict[Side, str],
        *,
        winner: str,
        rule: str,
        at: Seconds,
    ) -> bool:
        """Keep a conflict; return False when this very conflict is known already."""
        with self._file.write() as db:
            cursor = db.execute(
                "INSERT INTO conflicts(conversation, register, dashly, intercom, winner, rule, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [conversation, register, values[Side.DASHLY], values[Side.INTERCOM], winner, rule, at],
            )
        return bool(cursor.rowcount)

    def count(self) -> int:
        """Return how many conflicts are kept."""
        return int(self._file.read("SELECT count(*) AS n FROM conflicts")[0]["n"])

    def last(self, limit: int, *, conversation: int | None = None) -> list[Conflict]:
        """Return the newest conflicts, newest first: of one pair or of all."""
        where, given = ("", []) if conversation is None else ("WHERE conversation = ? ", [conversation])
        rows = self._file.read(
            "SELECT dashly_id, intercom_id, register, dashly, intercom, winner, rule, at FROM conflicts "  # noqa: S608 - one of two
            "JOIN conversations ON conversations.id = conflicts.conversation "
            f"{where}ORDER BY at DESC LIMIT ?",
            [*given, limit],
        )
        return [Conflict(**dict(row)) for row in rows]
