"""The open schema of a pair.

Every write begins by locking the row that names the run that may write, so that nobody takes over before its
end. Each commit waits for the disk, and for a synchronous standby where there is one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from state.access.transactions import SET_FACT, Transactions
from state.postgres.failures import telling

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mappings.model import Seconds
    from state.access.place import Schema
    from state.postgres.session import Session

# Containers that come and go leave one each, and the newest matter.
_MACHINES_KEPT = 64
_MACHINES = "machines"
# The first exists from the beginning: before any run, writers meet there.
_CLOCK = "SELECT CAST(extract(epoch FROM clock_timestamp()) AS FLOAT) AS at"
_HOLDER = "SELECT key, value FROM meta WHERE key IN ('key_mark', 'run_id') ORDER BY key FOR UPDATE"


class StateSchema(Transactions):
    """One open schema."""

    _db: Session

    def __init__(self, session: Session, place: Schema, key: bytes) -> None:
        super().__init__(place, key)
        self._schema = place
        self._db = session
        self._ahead: Seconds | None = None

    def _telling(self) -> AbstractContextManager[None]:
        return telling(self._schema)

    def _in_transaction(self) -> bool:
        return self._db.in_transaction

    def _begin(self, *, lazily: bool) -> None:
        del lazily  # a host that stands in for this one must find every commit
        self._db.execute("BEGIN")

    def _holder(self) -> str | None:
        found = {row["key"]: str(row["value"]) for row in self._db.execute(_HOLDER).fetchall()}
        return found.get("run_id")

    def common(self, now: Seconds) -> Seconds:
        """Return a time of this machine's running clock as one of the database's, which all hosts share."""
        if self._ahead is None:
            self._ahead = float(self.read(_CLOCK)[0]["at"]) - now
        return now + self._ahead

    def remembers(self, run: str | None) -> bool:
        """Tell whether a run that this machine remembers is known; one that remembers none missed nothing."""
        if run is None or any(run in machine for machine in self._machines()):
            return True
        return self.first("SELECT 1 FROM runs WHERE id = ?", [run]) is not None

    def take_over(self, run_id: str, *, after: str | None = None) -> None:
        """Make this run the only one that may write, and remember what each machine remembers."""
        self.run_id = None
        with self.write() as db:
            super().take_over(run_id, after=after)
            others = [machine for machine in self._machines() if after is None or after not in machine]
            machines = [*others, [after, run_id]][-_MACHINES_KEPT:]
            db.execute(SET_FACT, [_MACHINES, json.dumps(machines)])

    def _machines(self) -> list[list[str | None]]:
        """Return for each machine the run before its last, which it remembers until it hears of the last."""
        row = self.first("SELECT value FROM meta WHERE key = ?", [_MACHINES])
        return json.loads(row["value"]) if row else []

    def forget_freed(self) -> bool:
        """Leave it to PostgreSQL: what was erased is gone from the tables, not from its files and logs."""
        return True

    def close(self) -> None:
        """End the session."""
        with self._lock:
            self._db.close()
