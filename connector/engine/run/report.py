"""What a run did, counted while it runs; the JSON that `sync --json` and `backfill --json` print."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.errors import ExitCode
from state.records import Disposition

if TYPE_CHECKING:
    from connector.engine.plan.notices import Notice
    from mappings.model import Seconds


@dataclass
class Report:
    """Counters of one run; safe to use from several threads."""

    run_id: str
    command: str
    started: Seconds
    seen: int = 0
    changed: int = 0
    created: int = 0
    parts: Counter[Disposition] = field(default_factory=Counter)
    parts_waiting: int = 0
    notices: list[Notice] = field(default_factory=list)
    limited: bool = False
    """Something reached a limit in this run, or is newly held by one."""
    _blocked: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, *, seen: int = 0, changed: int = 0, created: int = 0) -> None:
        """Add to the conversation counters."""
        with self._lock:
            self.seen += seen
            self.changed += changed
            self.created += created

    def take_parts(self, counted: Counter[Disposition], waiting: int) -> None:
        """Take over what became of parts, and how many were seen and must wait."""
        self.parts, self.parts_waiting = Counter(counted), waiting

    def notice(self, *notices: Notice) -> None:
        """Add what a person should hear, each sentence once."""
        with self._lock:
            # Several parts and threads meet the same trouble; the second sentence says nothing more.
            known = set(self.attention)
            for notice in notices:
                if notice.sentence() not in known:
                    known.add(notice.sentence())
                    self.notices.append(notice)

    @property
    def attention(self) -> list[str]:
        """Return the notices as sentences."""
        return [notice.sentence() for notice in self.notices]

    def block(self, row: int) -> None:
        """Note that a conversation waits for an unclear write."""
        with self._lock:
            self._blocked.add(row)

    def unblock(self, row: int) -> None:
        """Note that a conversation goes on."""
        with self._lock:
            self._blocked.discard(row)

    @property
    def blocked(self) -> int:
        """Return how many conversations wait."""
        return len(self._blocked)

    @property
    def exit_code(self) -> int:
        """Return 0 for a clean run, 1 when something needs attention, 5 when something is newly held."""
        # Before the rest: somebody has to raise a limit, while a notice may only be news.
        if self.limited:
            return ExitCode.RAIL
        return 1 if self.notices or self._blocked else 0

    def summary(
        self, *, finished: Seconds, exit_code: int, requests: dict[str, int], writes: dict[str, int]
    ) -> dict[str, object]:
        """Return the report as plain data."""
        return {
            "run_id": self.run_id,
            "command": self.command,
            "started": _iso(self.started),
            "finished": _iso(finished),
            "exit_code": exit_code,
            "requests": requests,
            "writes": writes,
            "conversations": {
                "seen": self.seen,
                "changed": self.changed,
                "created": self.created,
                "blocked": self.blocked,
            },
            "parts_seen": self.parts.total() + self.parts_waiting,
            "parts_waiting": self.parts_waiting,
            "parts": {d.value: self.parts[d] for d in Disposition if self.parts[d]},
            "attention": self.attention,
            "notices": [notice.as_data() for notice in self.notices],
        }


def _iso(at: Seconds) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
