"""The request window of each API key, shared by all processes that use the state file.

A request counts from when it is sent until a window after its answer came: the server counts at arrival,
which lies between the two. Stamps are of the clock that runs since this machine was started, which nobody
sets. After a restart it shows less, so an older stamp may count for too long, and never for too short. Where
several hosts share a state, each translates its own into the time of the database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mappings.model import Seconds, Side
    from state.access.transactions import Transactions


# Longer than a request may take, its timeout and the grace after a stop together.
IN_FLIGHT = 120.0


class Budget:
    """The log of requests of one side within the window."""

    def __init__(self, file: Transactions, side: Side) -> None:
        self._file = file
        self._side = side

    def take(self, *, now: Seconds, limit: int, window: Seconds) -> tuple[int | None, Seconds]:
        """Reserve one request: (ticket, 0), or (None, seconds to wait) when the window is full.

        A request in flight is stamped far ahead, so that it counts until ``finish``; a process that was
        killed gives its place back after ``IN_FLIGHT``.
        """
        now = self._file.common(now)
        with self._file.write() as db:
            db.execute("DELETE FROM budget WHERE side = ? AND at <= ?", [self._side, now - window])
            # A stamp from the future was made before a restart, or on another machine.
            db.execute(
                "UPDATE budget SET at = ? WHERE side = ? AND at > ?", [now, self._side, now + IN_FLIGHT]
            )
            (used,) = db.execute("SELECT count(*) FROM budget WHERE side = ?", [self._side]).fetchone()
            if used >= limit:
                (oldest,) = db.execute(
                    "SELECT at FROM budget WHERE side = ? ORDER BY at LIMIT 1 OFFSET ?",
                    [self._side, used - limit],
                ).fetchone()
                return None, max(0.001, min(oldest, now) + window - now)
            (ticket,) = db.execute(
                "INSERT INTO budget(side, at) VALUES (?, ?) RETURNING id", [self._side, now + IN_FLIGHT]
            ).fetchone()
            return int(ticket), 0.0

    def finish(self, ticket: int, now: Seconds) -> None:
        """Re-stamp a request at the time of its answer."""
        with self._file.write() as db:
            db.execute("UPDATE budget SET at = ? WHERE id = ?", [self._file.common(now), ticket])

    def record(self, times: Iterable[Seconds], *, now: Seconds) -> None:
        """Count requests that were made before this file was open."""
        with self._file.write() as db:
            for at in times:
                stamp = self._file.common(min(at, now))
                db.execute("INSERT INTO budget(side, at) VALUES (?, ?)", [self._side, stamp])

    def used(self, *, now: Seconds, window: Seconds) -> int:
        """Return how many requests count in the window that ends now."""
        now = self._file.common(now)
        row = self._file.read(
            "SELECT count(*) AS n FROM budget WHERE side = ? AND at > ? AND at <= ?",
            [self._side, now - window, now + IN_FLIGHT],
        )[0]
        return int(row["n"])
