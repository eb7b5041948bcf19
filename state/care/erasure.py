"""Removing what people said, and who they are, from state files and the backups that the program made.

What is left of a part is that it existed and what became of it: ids of conversations and parts stay, or they
would be copied again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mappings.model import Side
from state.meta import Fact

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from state.access.transactions import Statements, Transactions


@dataclass
class Person:
    """A person as one file knows them: ids by side, other identifiers, and the rows of their conversations.

    ``found`` says whether the file lists them among its people.
    """

    ids: set[tuple[str, str]]
    identifiers: set[str] = field(default_factory=set)
    found: bool = False
    conversations: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        """Tell whether the file holds anything of this person."""
        return self.found or bool(self.conversations)

    @property
    def words(self) -> tuple[str, ...]:
        """Return every text by which this person may be named."""
        return tuple(sorted({name for _, name in self.ids} | self.identifiers))


def find_person(db: Statements, ids: Iterable[tuple[str, str]]) -> Person:
    """Return what a file knows of a person: their other ids and identifiers, and their conversations."""
    person = Person(set(ids))
    waiting = list(person.ids)
    while waiting:
        side, name = waiting.pop()
        rows = db.execute(_ALSO, {"side": side, "other": Side(side).other.value, "id": name})
        found = {(str(row[0]), str(row[1])) for row in rows}
        waiting += found - person.ids
        person.ids |= found
    for side, name in person.ids:
        _describe(db, person, side, name)
    return person


_ALSO = """
    SELECT :other, counterpart FROM people WHERE side = :side AND id = :id AND counterpart IS NOT NULL
    UNION SELECT side, id FROM people WHERE side = :other AND counterpart = :id
    UNION SELECT bearer.side, bearer.id FROM people AS shadow JOIN people AS bearer
      ON bearer.side = shadow.side AND bearer.external_id = shadow.id
      WHERE shadow.side = :side AND shadow.id = :id AND shadow.kind = 'shadow'
    UNION SELECT shadow.side, shadow.id FROM people AS bearer JOIN people AS shadow
      ON shadow.side = bearer.side AND shadow.id = bearer.external_id AND shadow.kind = 'shadow'
      WHERE bearer.side = :side AND bearer.id = :id
"""
"""Who else a person is: their twin on the other side; a shadow user by the id that we gave them, and by the
one that Dashly did."""


def _describe(db: Statements, person: Person, side: str, name: str) -> None:
    """Add what one id of a person is known by, and the conversations that it has."""
    known = db.execute(
        "SELECT external_id, name, email FROM people WHERE side = ? AND id = ?", [side, name]
    ).fetchone()
    person.found = person.found or known is not None
    person.identifiers |= {word for word in known or () if word}
    rows = db.execute(
        f"SELECT id, dashly_id, intercom_id FROM conversations WHERE {side}_person = ?",  # noqa: S608 - a Side
        [name],
    )
    for number, *ids in rows.fetchall():
        person.conversations[number] = tuple(one for one in ids if one is not None)


def open_writes(db: Statements, person: Person) -> int:
    """Return how many writes to a person's conversations are not settled."""
    sql = "SELECT count(*) FROM intents WHERE state != 'done' AND conversation = ?"
    return sum(int(db.execute(sql, [row]).fetchone()[0]) for row in person.conversations)


def erase_person(db: Statements, person: Person) -> None:
    """Remove a person from an open file, inside the caller's transaction."""
    for row, conversations in person.conversations.items():
        _erase_conversation(db, row, person.words)
        _erase_reports(db, conversations)
    for side, name in person.ids:
        db.execute("DELETE FROM people WHERE side = ? AND id = ?", [side, name])
    _erase_reports(db, person.words)
    _erase_words(db, person.words)
    _erase_lists(db, person.words)
    # It names conversations and what differs in them; a verify can simply be started again.
    db.execute("DELETE FROM meta WHERE key = ?", [Fact.VERIFY])


def _erase_conversation(db: Statements, row: int, names: tuple[str, ...]) -> None:
    db.execute("UPDATE parts SET text_hash = NULL, losses = NULL WHERE conversation = ?", [row])
    for name in names:
        db.execute(
            "UPDATE parts SET reason = NULL WHERE conversation = ? "
            "AND reason IN (SELECT code FROM words WHERE instr(word, ?) > 0)",
            [row, name],
        )
    for table in ("intents", "quarantine", "conflicts"):
        db.execute(f"DELETE FROM {table} WHERE conversation = ?", [row])  # noqa: S608 - one of three
    db.execute(
        "UPDATE conversations SET state = 'unlinked', dashly_due = NULL, intercom_due = NULL, "
        "dashly_person = NULL, intercom_person = NULL, dashly_base = NULL, intercom_base = NULL, "
        "dashly_seen = NULL, intercom_seen = NULL WHERE id = ?",
        [row],
    )


def _erase_reports(db: Statements, names: tuple[str, ...]) -> None:
    for name in names:
        db.execute("UPDATE runs SET report = NULL WHERE report IS NOT NULL AND instr(report, ?) > 0", [name])


def _erase_lists(db: Statements, names: tuple[str, ...]) -> None:
    """Drop kept lists that name a person; the next run reads them again."""
    for name in names:
        db.execute("DELETE FROM meta WHERE key LIKE '%list%' AND instr(value, ?) > 0", [name])


def _erase_words(db: Statements, names: tuple[str, ...]) -> None:
    """Blank the reasons that name a person and that no row needs; their numbers are not used again."""
    for name in names:
        db.execute(
            "UPDATE words SET word = 'forgotten ' || code WHERE instr(word, ?) > 0 AND NOT EXISTS "
            "(SELECT 1 FROM parts WHERE words.code IN (reason, type, copy_type))",
            [name],
        )


def removed_parts(file: Transactions) -> Iterator[tuple[int, str]]:
    """Yield side and id of every tombstone."""
    for row in file.read("SELECT side, part FROM parts WHERE removed = 1"):
        yield row["side"], row["part"]


def erase_removed(db: sqlite3.Connection, removed: Iterable[tuple[int, str]]) -> None:
    """Take what removed parts said out of an open backup, inside the caller's transaction."""
    db.executemany(
        "UPDATE parts SET text_hash = NULL, losses = NULL WHERE side = ? AND part = ? "
        "AND (text_hash IS NOT NULL OR losses IS NOT NULL)",
        removed,
    )
