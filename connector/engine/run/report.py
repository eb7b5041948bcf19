"""What a run did, counted while it runs; the JSON that `sync --json` and `backfill --json` print."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.engine.run.rows import Rows
from connector.errors import ExitCode
from state.records import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.engine.plan.notices import Notice
    from mappings.model import LossKind, Seconds, Side


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the conversations that a backfill was to carry; each is in one place."""

    chosen: int
    done: int
    put_aside: int

    @property
    def left(self) -> int:
        """Return how many were not reached: the same command continues with them."""
        return self.chosen - self.done - self.put_aside

    def as_data(self) -> dict[str, int]:
        """Return it as plain data."""
        return {"chosen": self.chosen, "done": self.done, "put_aside": self.put_aside, "left": self.left}


@dataclass(frozen=True, slots=True)
class Reached:
    """The conversations that a backfill was to carry, by their rows, and what became of them so far."""

    chosen: Rows = field(default_factory=Rows)
    finished: Rows = field(default_factory=Rows)
    put_aside: Rows = field(default_factory=Rows)


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
    losses: Counter[LossKind] = field(default_factory=Counter)
    waiting: frozenset[tuple[int, Side, str]] = frozenset()
    """The parts that were seen and of which nothing became yet."""
    account: Account | None = None
    reached: Reached = field(default_factory=Reached)
    notices: list[Notice] = field(default_factory=list)
    limited: bool = False
    """Something reached a limit in this run, or is newly held by one."""
    _sentences: set[str] = field(default_factory=set)
    _blocked: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def beside(self, command: str, started: Seconds) -> Report:
        """Return the report of a pass within this run: a conversation that waits does so for both."""
        return Report(self.run_id, command, started, _blocked=self._blocked, _lock=self._lock)

    def count(self, *, seen: int = 0, changed: int = 0, created: int = 0) -> None:
        """Add to the conversation counters."""
        with self._lock:
            self.seen += seen
            self.changed += changed
            self.created += created

    def take_parts(
        self,
        counted: Counter[Disposition],
        losses: Counter[LossKind],
        waiting: Iterable[tuple[int, Side, str]],
    ) -> None:
        """Take over what became of parts, what is lost of them, and which were seen and must wait."""
        self.parts, self.losses, self.waiting = Counter(counted), Counter(losses), frozenset(waiting)

    @property
    def parts_waiting(self) -> int:
        """Return how many parts were seen and must wait."""
        return len(self.waiting)

    def notice(self, *notices: Notice) -> None:
        """Add a notice for people, each sentence once."""
        with self._lock:
            # Several parts and threads meet the same trouble; the second sentence says nothing more.
            for notice in notices:
                sentence = notice.sentence()
                if sentence not in self._sentences:
                    self._sentences.add(sentence)
                    self.notices.append(notice)

    @property
    def attention(self) -> list[str]:
        """Return the notices as sentences."""
        return [notice.sentence() for notice in self.notices]

    def block(self, row: int) -> None:
        """Record that a conversation waits for an unclear write."""
        with self._lock:
            self._blocked.add(row)

    def unblock(self, row: int) -> None:
        """Record that a conversation goes on."""
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
                **(self.account.as_data() if self.account is not None else {}),
            },
            "parts_seen": self.parts.total() + self.parts_waiting,
            "parts_waiting": self.parts_waiting,
            "parts": {d.value: self.parts[d] for d in Disposition if self.parts[d]},
            "losses": {kind.value: n for kind, n in self.losses.most_common() if n},
            "attention": self.attention,
            "notices": [notice.as_data() for notice in self.notices],
        }


def _iso(at: Seconds) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
