"""How the file keeps ledger rows: a part with its first copy in one row, our other rows separately.

A copy about which only its part has to be known is stored in the columns of that part; a row of ours that
says more, or whose part is unknown or has a first copy already, is stored separately.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from state.codes import DISPOSITION_OF, DISPOSITIONS, SIDE_OF, SIDES
from state.records import OWN, Disposition, LedgerRow, dump_losses, load_losses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mappings.model import Side
    from state.access.transactions import Row, Transactions


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of ``parts``: a part with its first copy where that stands beside it, or a row of ours."""

    row: LedgerRow
    run: int | None
    copy: LedgerRow | None = None
    copy_run: int | None = None


class LedgerRows:
    """Reads and writes rows of ``parts``."""

    def __init__(self, file: Transactions) -> None:
        self._file = file
        self._words = _Words(file)

    def of(self, conversation: int) -> Iterator[LedgerRow]:
        """Yield the ledger rows of a conversation, copies after their parts."""
        found = self._file.read("SELECT * FROM parts WHERE conversation = ?", [conversation])
        for stored in map(self._load, found):
            yield stored.row
            if stored.copy is not None:
                yield stored.copy

    def get(self, conversation: int, side: Side, part: str) -> LedgerRow | None:
        """Return the row of one part, which may be in that of what it copies."""
        stored = self._get(conversation, side, part)
        if stored is not None:
            return stored.row
        holder = self._with_copy(conversation, side, part)
        return None if holder is None else holder.copy

    def ids(self, conversation: int, side: Side) -> Iterator[str]:
        """Yield the ids of one side's parts."""
        found = self._file.read(
            "SELECT part AS id FROM parts WHERE conversation = ?1 AND side = ?2 UNION ALL SELECT counterpart "
            "FROM parts WHERE conversation = ?1 AND side = ?3 AND copy_type IS NOT NULL",
            [conversation, SIDES[side], SIDES[side.other]],
        )
        return (row["id"] for row in found)

    def everywhere(self, side: Side, part: str) -> Iterator[tuple[int, LedgerRow]]:
        """Yield the conversations in which a part of a side is known, with its row."""
        for found in self._file.read("SELECT * FROM parts WHERE side = ? AND part = ?", [SIDES[side], part]):
            yield found["conversation"], self._load(found).row
        for found in self._file.read(
            "SELECT * FROM parts WHERE side = ? AND counterpart = ? AND copy_type IS NOT NULL",
            [SIDES[side.other], part],
        ):
            copy = self._load(found).copy
            if copy is not None:
                yield found["conversation"], copy

    def put(self, conversation: int, row: LedgerRow, run: str | None) -> bool:
        """Write one row over what is known of the same part; tell whether nothing was known of it."""
        number = self._words.run(run)
        holder = self._with_copy(conversation, row.side, row.id)
        if holder is not None:
            self._put_copy(conversation, holder, row)
            return False
        known = self._get(conversation, row.side, row.id)
        if known is not None:
            self._put_known(conversation, known, _over(known.row, row))
        elif not self._join(conversation, row, number):
            self._save(conversation, Stored(row, number))
        return known is None

    def _put_known(self, conversation: int, known: Stored, row: LedgerRow) -> None:
        """Write over a row that stands alone or carries its copy; a copy that fits no more moves out."""
        if known.copy is not None and not _fits(known.copy, row):
            self._save(conversation, Stored(known.copy, known.copy_run))
            known = replace(known, copy=None, copy_run=None)
        self._save(conversation, replace(known, row=row))

    def _put_copy(self, conversation: int, holder: Stored, row: LedgerRow) -> None:
        """Write over a copy that is in the row of its part; it moves out when it has more to say."""
        if holder.copy is None:
            return
        copy = _over(holder.copy, row)
        if _fits(copy, holder.row):
            self._save(conversation, replace(holder, copy=copy))
            return
        self._save(conversation, replace(holder, copy=None, copy_run=None))
        self._save(conversation, Stored(copy, holder.copy_run))

    def _join(self, conversation: int, row: LedgerRow, run: int | None) -> bool:
        """Put a new row of ours into the row of the part that it copies; tell whether it has place there."""
        if not row.ours or row.counterpart is None:
            return False
        part = self._get(conversation, row.side.other, row.counterpart)
        if part is None or part.copy is not None or not _fits(row, part.row):
            return False
        self._save(conversation, replace(part, copy=row, copy_run=run))
        return True

    def _get(self, conversation: int, side: Side, part: str) -> Stored | None:
        found = self._file.first(
            "SELECT * FROM parts WHERE conversation = ? AND side = ? AND part = ?",
            [conversation, SIDES[side], part],
        )
        return self._load(found) if found else None

    def _with_copy(self, conversation: int, side: Side, copy: str) -> Stored | None:
        found = self._file.first(
            "SELECT * FROM parts WHERE conversation = ? AND side = ? AND counterpart = ? "
            "AND copy_type IS NOT NULL",
            [conversation, SIDES[side.other], copy],
        )
        return self._load(found) if found else None

    def _save(self, conversation: int, stored: Stored) -> None:
        row, copy = stored.row, stored.copy
        created = copy.created if copy is not None and copy.created != row.created else None
        with self._file.write() as db:
            db.execute(
                "INSERT INTO parts (conversation, side, part, type, created, disposition, reason, losses, "
                "ours, removed, text_hash, run, counterpart, "
                "copy_type, copy_created, copy_removed, copy_run) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (conversation, side, part) DO UPDATE SET type = excluded.type, "
                "disposition = excluded.disposition, reason = excluded.reason, losses = excluded.losses, "
                "ours = excluded.ours, removed = excluded.removed, text_hash = excluded.text_hash, "
                "counterpart = excluded.counterpart, copy_type = excluded.copy_type, "
                "copy_created = excluded.copy_created, copy_removed = excluded.copy_removed, "
                "copy_run = excluded.copy_run",
                [
                    conversation,
                    SIDES[row.side],
                    row.id,
                    self._words.code(row.type),
                    row.created,
                    DISPOSITIONS[row.disposition],
                    self._words.code(row.reason) if row.reason else None,
                    dump_losses(row.losses) if row.losses else None,
                    int(row.ours),
                    int(row.removed),
                    None if row.text_hash is None else bytes.fromhex(row.text_hash),
                    stored.run,
                    row.counterpart,
                    None if copy is None else self._words.code(copy.type),
                    created,
                    int(copy is not None and copy.removed),
                    None if stored.copy_run == stored.run else stored.copy_run,
                ],
            )

    def _load(self, found: Row) -> Stored:
        row = LedgerRow(
            side=SIDE_OF[found["side"]],
            id=found["part"],
            type=self._words.word(found["type"]),
            created=found["created"],
            disposition=DISPOSITION_OF[found["disposition"]],
            reason=self._words.word(found["reason"]) if found["reason"] is not None else "",
            losses=load_losses(found["losses"]) if found["losses"] else (),
            ours=bool(found["ours"]),
            counterpart=found["counterpart"],
            text_hash=found["text_hash"].hex() if found["text_hash"] is not None else None,
            removed=bool(found["removed"]),
        )
        if found["copy_type"] is None:
            return Stored(row, found["run"])
        copy_run = found["run"] if found["copy_run"] is None else found["copy_run"]
        return Stored(row, found["run"], self._copy(row, found), copy_run)

    def _copy(self, part: LedgerRow, found: Row) -> LedgerRow:
        created = found["copy_created"]
        return LedgerRow(
            side=part.side.other,
            id=found["counterpart"],
            type=self._words.word(found["copy_type"]),
            created=part.created if created is None else created,
            disposition=Disposition.ABSORBED,
            reason=OWN,
            ours=True,
            counterpart=part.id,
            removed=bool(found["copy_removed"]),
        )


def _over(known: LedgerRow, row: LedgerRow) -> LedgerRow:
    """Return what is known of a part after a row about it was written."""
    removed = known.removed or row.removed
    return replace(
        known,
        type=row.type or known.type,
        disposition=row.disposition,
        reason=row.reason,
        losses=row.losses,
        ours=known.ours or row.ours,
        counterpart=known.counterpart if row.counterpart is None else row.counterpart,
        text_hash=None if removed else row.text_hash,
        removed=removed,
    )


def _fits(copy: LedgerRow, part: LedgerRow) -> bool:
    """Tell whether a row of ours can be in the row of the part that it copies."""
    meet = part.counterpart == copy.id and copy.counterpart == part.id and copy.ours and not part.ours
    plain = copy.disposition is Disposition.ABSORBED and copy.reason == OWN
    return meet and plain and not copy.losses and copy.text_hash is None


class _Words:
    """The numbers of words and runs, remembered for as long as the file is open."""

    def __init__(self, file: Transactions) -> None:
        self._file = file
        self._rollbacks = file.rollbacks
        self._codes: dict[str, int] = {}
        self._runs: dict[str, int] = {}
        self._by_code: dict[int, str] = {}

    def _forget_undone(self) -> None:
        """Forget what was remembered before a rollback: it may never have been written."""
        if self._rollbacks != self._file.rollbacks:
            self._rollbacks = self._file.rollbacks
            for known in (self._codes, self._runs, self._by_code):
                known.clear()

    def code(self, word: str) -> int:
        """Return the number of a type or reason; a new one gets the next."""
        self._forget_undone()
        if word not in self._codes:
            found = self._file.first("SELECT code FROM words WHERE word = ?", [word])
            if found is None:
                with self._file.write() as db:
                    db.execute("INSERT INTO words (word) VALUES (?)", [word])
                found = self._file.read("SELECT code FROM words WHERE word = ?", [word])[0]
            self._remember(found["code"], word)
        return self._codes[word]

    def word(self, code: int) -> str:
        """Return the type or reason that a number stands for."""
        self._forget_undone()
        if code not in self._by_code:
            found = self._file.read("SELECT word FROM words WHERE code = ?", [code])[0]
            self._remember(code, found["word"])
        return self._by_code[code]

    def run(self, run: str | None) -> int | None:
        """Return the number of a run, or None for one that the log does not have."""
        self._forget_undone()
        if run is None:
            return None
        if run not in self._runs:
            found = self._file.first("SELECT number FROM runs WHERE id = ?", [run])
            if found is None:
                return None
            self._runs[run] = found["number"]
        return self._runs[run]

    def _remember(self, code: int, word: str) -> None:
        self._codes[word] = code
        self._by_code[code] = word
