"""Watermarks, and the log of runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Seconds, Side
    from state.db import StateFile


class Watermarks:
    """Up to when each side was read completely."""

    def __init__(self, file: StateFile) -> None:
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
                "ON CONFLICT(side) DO UPDATE SET at = max(at, excluded.at)",
                [side, at],
            )

    def reset(self, side: Side, at: Seconds) -> None:
        """Set a watermark to a chosen time, also backwards."""
        with self._file.write() as db:
            db.execute("INSERT OR REPLACE INTO watermarks(side, at) VALUES (?, ?)", [side, at])


class Runs:
    """The log of runs."""

    def __init__(self, file: StateFile) -> None:
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

    def last(self, limit: int) -> list[dict[str, object]]:
        """Return the newest runs, newest first; a run that was killed has no end."""
        rows = self._file.read(
            "SELECT id, command, started, finished, exit_code, report FROM runs "
            "ORDER BY started DESC, rowid DESC LIMIT ?",
            [limit],
        )
        return [{**dict(row), "report": json.loads(row["report"] or "null")} for row in rows]
