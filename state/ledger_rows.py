"""How the file keeps ledger rows: a part with its first copy in one row, our other rows separately."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from state.codes import DISPOSITION_OF, DISPOSITIONS, SIDE_OF, SIDES
from state.ledger_batch import Batch, Stored
from state.records import OWN, Disposition, LedgerRow, dump_losses, load_losses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mappings.model import Side
    from state.access.transactions import Row, Transactions


T = TypeVar("T")
LOT = 200
"""How many parts one statement names at most: neither database takes any number of values."""


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
        found = self._file.read(
            "SELECT * FROM parts WHERE conversation = ?1 AND side = ?2 AND part = ?4 UNION ALL SELECT * "
            "FROM parts WHERE conversation = ?1 AND side = ?3 AND counterpart = ?4 AND copy_type IS NOT NULL",
            [conversation, SIDES[side], SIDES[side.other], part],
        )
        stored = [self._load(one) for one in found]
        alone = (one.row for one in stored if one.row.side is side)
        return next(alone, next((one.copy for one in stored if one.row.side is not side), None))

    def ids(self, conversation: int, side: Side) -> Iterator[str]:
        """Yield the ids of one side's parts."""
        found = self._file.read(
            "SELECT part AS id FROM parts WHERE conversation = ?1 AND side = ?2 UNION ALL SELECT counterpart "
            "FROM parts WHERE conversation = ?1 AND side = ?3 AND copy_type IS NOT NULL",
            [conversation, SIDES[side], SIDES[side.other]],
        )
        return (row["id"] for row in found)

    def everywhere(self, side: Side, parts: Collection[str]) -> Iterator[tuple[int, LedgerRow]]:
        """Yield the conversations in which parts of a side are known, with their rows."""
        for some in _in_lots(parts):
            for found in self._file.read(
                f"SELECT * FROM parts WHERE side = ? AND part IN ({_marks(some)}) UNION ALL "  # noqa: S608 - marks
                "SELECT * FROM parts WHERE side = ? AND counterpart "
                f"IN ({_marks(some)}) AND copy_type IS NOT NULL",
                [SIDES[side], *some, SIDES[side.other], *some],
            ):
                stored = self._load(found)
                row = stored.row if stored.row.side is side else stored.copy
                if row is not None:
                    yield found["conversation"], row

    def put(self, conversation: int, rows: Sequence[LedgerRow], run: str | None) -> list[bool]:
        """Write rows over what is known of the same parts; tell of each whether nothing was known of it."""
        number = self._words.run(run)
        news = list[bool]()
        for some in _in_lots(rows):
            batch = Batch(self._about(conversation, some))
            news += [batch.put(row, number) for row in some]
            for stored in batch.changed:
                self._save(conversation, stored)
        return news

    def _about(self, conversation: int, rows: Iterable[LedgerRow]) -> Iterator[Stored]:
        """Yield what is stored of parts, of what they copy and of their copies."""
        parts = sorted({one for row in rows for one in (row.id, row.counterpart) if one is not None})
        for found in self._file.read(
            "SELECT * FROM parts WHERE conversation = ? AND side IN (?, ?) AND part "  # noqa: S608 - marks
            f"IN ({_marks(parts)}) "
            "UNION ALL SELECT * FROM parts WHERE side IN (?, ?) AND counterpart IN "
            f"({_marks(parts)}) AND copy_type IS NOT NULL AND conversation = ?",
            [conversation, *SIDES.values(), *parts, *SIDES.values(), *parts, conversation],
        ):
            yield self._load(found)

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


def _in_lots(many: Collection[T]) -> Iterator[list[T]]:
    """Yield what one statement may name at once."""
    left = iter(many)
    while some := list(islice(left, LOT)):
        yield some


def _marks(some: Collection[object]) -> str:
    return ", ".join("?" * len(some))


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
