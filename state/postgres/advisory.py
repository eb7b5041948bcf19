"""One run at a time on all hosts: an advisory lock of a session, freed by PostgreSQL when its holder dies.

A host that is frozen keeps it. Correctness does not depend on it: a run that lost it unknowingly is stopped
by the fence in its next transaction.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from state.postgres.connecting import PROGRAM, connect
from state.postgres.failures import telling

if TYPE_CHECKING:
    from collections.abc import Generator

    from mappings.model import Seconds
    from state.access.place import Schema
    from state.postgres.session import Session

_WHO = """
    SELECT application_name AS name, CAST(extract(epoch FROM backend_start) AS FLOAT) AS since
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND CAST(classid AS BIGINT) = ? AND CAST(objid AS BIGINT) = ?
"""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Who holds the lock of a pair: a process, its host, and since when."""

    process: str
    host: str
    since: Seconds


@contextmanager
def locked(place: Schema) -> Generator[bool]:
    """Hold the lock of a pair while the body runs; False when another holds it."""
    with closing(connect(place)) as session:
        with telling(place):
            got = session.execute("SELECT pg_try_advisory_lock(?) AS got", [_number(place)]).fetchall()
        yield bool(got[0]["got"])


def holder(place: Schema) -> Elsewhere | None:
    """Return who holds the lock of a pair now, or None when it is free."""
    with closing(connect(place)) as session, telling(place):
        return _holder(session, place)


def _holder(session: Session, place: Schema) -> Elsewhere | None:
    high, low = divmod(_number(place) % (1 << 64), 1 << 32)
    row = session.execute(_WHO, [high, low]).fetchone()
    if row is None:
        return None
    process, _, host = str(row["name"] or "").removeprefix(f"{PROGRAM} ").partition("@")
    return Elsewhere(process or "unknown", host or "unknown", float(row["since"] or 0.0))


def _number(place: Schema) -> int:
    """Return the number that stands for a pair among the locks of its database."""
    digest = sha256(f"{PROGRAM}/{place.name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
