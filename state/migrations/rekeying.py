"""The third migration: every part moves into the new ledger, and every hash of a text becomes a keyed one.

All of it is SQL inside the transaction of the caller, a block of conversations at a time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from state.codes import DISPOSITIONS
from state.migrations.ledger_schema import COUNTERS, INDEXES, REPLACED, TABLES
from state.records import OWN, Disposition

if TYPE_CHECKING:
    from sqlite_utils import Database

KEYED, PROGRESSED = "keyed_hash", "progressed"
"""SQL functions that the caller gives: from a plain hash to its keyed bytes; hearing (done, all) pairs."""

# A migration that is stopped loses one block, and a block is one transaction.
BLOCK = 1_000


def _plain_own(row: str) -> str:
    """Return the condition that a row of ours says nothing but which part it copies."""
    return (
        f"{row}.ours = 1 AND {row}.disposition = '{Disposition.ABSORBED}' AND {row}.reason = '{OWN}' "
        f"AND {row}.losses = '[]' AND {row}.text_hash IS NULL"
    )


def _other(row: str) -> str:
    return f"CASE {row}.side WHEN 'dashly' THEN 'intercom' ELSE 'dashly' END"


def _meet(source: str, copy: str) -> str:
    """Return the condition that a part and a row of ours are a part and its first copy."""
    return (
        f"{copy}.id = {source}.counterpart AND {source}.id = {copy}.counterpart AND {source}.ours = 0 "
        f"AND {copy}.conversation = {source}.conversation AND {_plain_own(copy)}"
    )


def _code(column: str) -> str:
    return f"(SELECT code FROM words WHERE word = {column})"  # noqa: S608 - a column of ours


_CODES = " ".join(f"WHEN '{name}' THEN {code}" for name, code in DISPOSITIONS.items())

_MOVE = f"""
INSERT INTO ledger (conversation, side, part, type, created, disposition, reason, losses, ours, removed,
  text_hash, run, counterpart, copy_type, copy_created, copy_removed, copy_run)
SELECT p.conversation, p.side = 'intercom', p.id, {_code("p.type")}, p.created,
  CASE p.disposition {_CODES} END, {_code("nullif(p.reason, '')")}, nullif(p.losses, '[]'), p.ours, p.removed,
  {KEYED}(p.text_hash), (SELECT number FROM log WHERE id = p.run), p.counterpart, {_code("c.type")},
  CASE WHEN c.created != p.created THEN c.created END, coalesce(c.removed, 0),
  CASE WHEN c.run IS NOT p.run THEN (SELECT number FROM log WHERE id = c.run) END
FROM parts AS p LEFT JOIN parts AS c ON c.side = {_other("p")} AND {_meet("p", "c")}
WHERE p.conversation > :after AND p.conversation <= :last
  AND NOT ({_plain_own("p")} AND EXISTS (SELECT 1 FROM parts AS s WHERE s.id = p.counterpart
    AND s.side = {_other("p")} AND {_meet("s", "p")}))
ORDER BY 1, 2, 3
"""  # noqa: S608 - all from this module


def make_ledger_anew(db: Database) -> None:
    """Move runs and parts into their new tables, key what intents hold, and make indexes and counters."""
    for statement in TABLES:
        db.execute(statement)
    db.execute(
        "INSERT INTO log SELECT rowid, id, command, started, finished, exit_code, report "
        "FROM runs ORDER BY rowid"
    )
    db.execute("INSERT INTO words (word) SELECT type FROM parts UNION SELECT reason FROM parts ORDER BY 1")
    _move_parts(db)
    _key_intents(db)
    for statement in (*REPLACED, *INDEXES):
        db.execute(statement)
    for counter in COUNTERS:
        db.execute(f"INSERT INTO counters (kind, name, n) {counter.count()}")
        for trigger in counter.triggers():
            db.execute(trigger)


def _move_parts(db: Database) -> None:
    last, total = db.execute("SELECT coalesce(max(id), 0), count(*) FROM conversations").fetchone()
    done = 0
    for after in range(0, last, BLOCK):
        span = {"after": after, "last": after + BLOCK}
        db.execute(_MOVE, span)
        counted = "SELECT count(*) FROM conversations WHERE id > :after AND id <= :last"
        done += db.execute(counted, span).fetchone()[0]
        db.execute(f"SELECT {PROGRESSED}(?, ?)", [done, total]).fetchone()


def _key_intents(db: Database) -> None:
    for marker, payload, fingerprint, covers in db.execute(
        "SELECT marker, payload_hash, fingerprint, covers FROM intents"
    ).fetchall():
        keyed = [_keyed(db, payload), _keyed_within(db, fingerprint), _keyed_within(db, covers), marker]
        db.execute("UPDATE intents SET payload_hash = ?, fingerprint = ?, covers = ? WHERE marker = ?", keyed)


def _keyed(db: Database, digest: str | None) -> str | None:
    found: bytes | None = db.execute(f"SELECT {KEYED}(?)", [digest]).fetchone()[0]
    return None if found is None else found.hex()


def _keyed_within(db: Database, text: str) -> str:
    """Return JSON in which every ``text_hash`` is keyed; a fingerprint may be empty."""
    if not text:
        return text
    found = json.loads(text)
    for item in found if isinstance(found, list) else [found]:
        item["text_hash"] = _keyed(db, item["text_hash"])
    return json.dumps(found, ensure_ascii=False)
