"""Watermarks, and the log of runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mappings.model import Side
from state.records import Maker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Seconds
    from state.access.transactions import Row, Statements, Transactions

_DAY = 86400.0
REPORTS_KEPT = 30 * _DAY
DAYS_KEPT = 400 * _DAY


class Watermarks:
    """Up to when each side was read completely."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def get(self, side: Side) -> Seconds | None:
        """Return a side's watermark."""
        row = self._file.first("SELECT at FROM watermarks WHERE side = ?", [side])
        return float(row["at"]) if row else None

    def advance(self, side: Side, at: Seconds) -> None:
        """Move a watermark forward; it never goes back."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO watermarks(side, at) VALUES (?, ?) "
                "ON CONFLICT(side) DO UPDATE SET at = excluded.at WHERE excluded.at > watermarks.at",
                [side, at],
            )

    def reset(self, side: Side, at: Seconds) -> None:
        """Set a watermark to a chosen time, also backwards."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO watermarks(side, at) VALUES (?, ?) "
                "ON CONFLICT(side) DO UPDATE SET at = excluded.at",
                [side, at],
            )


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of the log. For one that was killed ``ended`` is when the next one began, or None."""

    command: str
    started: Seconds
    ended: Seconds | None


class Runs:
    """The log of runs."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def begin(self, run: str, command: str, started: Seconds) -> None:
        """Record that a run started."""
        with self._file.write() as db:
            db.execute("INSERT INTO runs(id, command, started) VALUES (?, ?, ?)", [run, command, started])

    def finish(self, run: str, finished: Seconds, exit_code: int, report: Mapping[str, object]) -> None:
        """Record how a run ended."""
        with self._file.write() as db:
            db.execute(
                "UPDATE runs SET finished = ?, exit_code = ?, report = ? WHERE id = ?",
                [finished, exit_code, json.dumps(report, ensure_ascii=False), run],
            )

    def roll_up(self, now: Seconds) -> None:
        """Add what is older than ``REPORTS_KEPT`` up by day and command, and keep the days for ``DAYS_KEPT``.

        The row of a run that wrote anything stays, without its report: parts and pairs refer to it.
        """
        with self._file.write() as db:
            old = db.execute(
                "SELECT number, command, started, exit_code, report FROM runs "
                "WHERE started < ? AND finished IS NOT NULL AND report IS NOT NULL ORDER BY started",
                [now - REPORTS_KEPT],
            ).fetchall()
            for row in old:
                report = json.loads(row["report"])
                self._add_to_day_of(db, row, report)
                if any(report.get("writes", {}).values()):
                    db.execute("UPDATE runs SET report = NULL WHERE number = ?", [row["number"]])
                else:
                    db.execute("DELETE FROM runs WHERE number = ?", [row["number"]])
            db.execute("DELETE FROM days WHERE day < ?", [day_of(now - DAYS_KEPT)])

    def _add_to_day_of(self, db: Statements, row: Row, report: dict[str, object]) -> None:
        day = day_of(row["started"])
        where = [day, row["command"]]
        known = db.execute("SELECT totals FROM days WHERE day = ? AND command = ?", where).fetchone()
        totals = added(json.loads(known["totals"]) if known else {}, row["exit_code"], report)
        db.execute(
            "INSERT INTO days (day, command, totals) VALUES (?, ?, ?) "
            "ON CONFLICT (day, command) DO UPDATE SET totals = excluded.totals",
            [*where, json.dumps(totals)],
        )

    def parts_since(self, command: str, at: Seconds) -> tuple[int, Seconds | None]:
        """Return how many parts the runs of a command dealt with since a time, and when the first began."""
        rows = self._file.read(
            "SELECT started, report FROM runs "
            "WHERE command = ? AND started >= ? AND report IS NOT NULL ORDER BY started",
            [command, at],
        )
        parts = sum(sum(json.loads(row["report"]).get("parts", {}).values()) for row in rows)
        return parts, rows[0]["started"] if rows else None

    def days(self) -> list[dict[str, object]]:
        """Return the days that were added up, oldest first: runs, exit codes, and every figure summed."""
        rows = self._file.read("SELECT day, command, totals FROM days ORDER BY day, command")
        return [{"day": row["day"], "command": row["command"], **json.loads(row["totals"])} for row in rows]

    def find(self, run: str) -> Ran | None:
        """Return which command a run was and when; None when there was no such run."""
        row = self._file.first(
            "SELECT command, started, coalesce(finished, (SELECT started FROM runs AS later "
            "WHERE later.number > one.number ORDER BY later.number LIMIT 1)) AS ended "
            "FROM runs AS one WHERE id = ?",
            [run],
        )
        return Ran(row["command"], row["started"], row["ended"]) if row else None

    def report(self, run: str) -> dict[str, Any] | None:
        """Return the report of a run; None when there is none, or none any more."""
        row = self._file.first("SELECT report FROM runs WHERE id = ?", [run])
        report: dict[str, Any] | None = json.loads(row["report"] or "null") if row else None
        return report

    def makers(self, command: str) -> list[Maker]:
        """Return the runs of a command whose copies are still known, newest first."""
        rows = self._file.read(
            "SELECT runs.id AS run, runs.started AS started, "
            "sum(CASE WHEN origin = 'dashly' THEN 1 ELSE 0 END) AS in_intercom, "
            "sum(CASE WHEN origin = 'intercom' THEN 1 ELSE 0 END) AS in_dashly "
            "FROM conversations JOIN runs ON runs.id = created_by_run WHERE runs.command = ? "
            "GROUP BY runs.number, runs.id, runs.started ORDER BY runs.number DESC",
            [command],
        )
        return [
            Maker(
                row["run"],
                row["started"],
                {Side.INTERCOM: int(row["in_intercom"]), Side.DASHLY: int(row["in_dashly"])},
            )
            for row in rows
        ]

    def telling(self, since: Seconds, limit: int) -> list[dict[str, object]]:
        """Return the newest runs since a time that ended with another exit code than 0, newest first."""
        rows = self._file.read(
            "SELECT id, command, started, finished, exit_code, report FROM runs "
            "WHERE started >= ? AND exit_code != 0 ORDER BY started DESC LIMIT ?",
            [since, limit],
        )
        return [_with_report(row) for row in rows]

    def last(self, limit: int) -> list[dict[str, object]]:
        """Return the newest runs, newest first; a run that was killed has no end."""
        rows = self._file.read(
            "SELECT id, command, started, finished, exit_code, report FROM runs ORDER BY number DESC LIMIT ?",
            [limit],
        )
        return [_with_report(row) for row in rows]


def _with_report(row: Row) -> dict[str, object]:
    return {**dict(row), "report": json.loads(row["report"] or "null")}


def day_of(at: Seconds) -> str:
    """Return the day of a time, in UTC."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def added(
    totals: dict[str, dict[str, int]], exit_code: int, report: Mapping[str, object]
) -> dict[str, dict[str, int]]:
    """Return the totals of a day with one more run: every table of whole numbers in its report, summed."""
    figures = {name: value for name, value in report.items() if isinstance(value, dict)}
    added = {name: dict(known) for name, known in totals.items()}
    for name, more in {**figures, "exit_codes": {str(exit_code): 1}}.items():
        table = added.setdefault(name, {})
        for key, number in more.items():
            if isinstance(number, int):
                table[key] = table.get(key, 0) + number
    return added
