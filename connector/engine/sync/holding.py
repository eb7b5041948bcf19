"""Conversations over a limit wait until somebody raises it or accepts them, and hold up no others."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.run.limits import LimitKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connector.config.model import LimitsConfig
    from connector.engine.run.report import Report
    from mappings.model import Seconds
    from state.store import Store


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Which conversations are held by which limit, and how high that limit was; kept from run to run."""

    store: Store
    limits: LimitsConfig
    report: Report
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def _held(self) -> dict[int, LimitKey]:
        return {row: LimitKey(key) for key, _limit, row in self.store.meta.held()}

    def holds(self, row: int) -> bool:
        """Tell whether a conversation is held."""
        return row in self._held

    def hold(self, rows: Iterable[int], key: LimitKey) -> None:
        """Put conversations off until the limit is raised or they are accepted; nothing of them is lost."""
        with self._lock:
            for row in rows:
                self.store.pairs.set_due(row, {})
                if row not in self._held:
                    self._held[row] = key
                    # Exit code 5 is for what is newly held; the same again is not an alarm.
                    self.report.limited = True
            self._keep(self._held)

    def put_off(self, row: int) -> None:
        """Take a held conversation that was listed again off the queue: its release reads all of it."""
        self.store.pairs.set_due(row, {})

    def release(self, now: Seconds, *, accept: bool) -> None:
        """Release what a limit holds that was raised since, or everything when it is accepted."""
        kept: dict[int, LimitKey] = {}
        for key, limit, row in self.store.meta.held():
            pair = self.store.pairs.maybe(row)
            if pair is None:
                continue
            if accept or self._limit(LimitKey(key)) > limit:
                self.store.pairs.set_due(row, dict.fromkeys(pair.ids, now))
            else:
                kept[row] = LimitKey(key)
        if len(kept) != len(self._held):
            self._held.clear()
            self._held.update(kept)
            self._keep(kept)

    def tell(self) -> None:
        """Say how many conversations each limit holds."""
        counts = Counter(key for key, _limit, _row in self.store.meta.held())
        for key, count in sorted(counts.items()):
            self.report.notice(Notice(NoticeKind.HELD, part=key, detail=str(count)))

    def _keep(self, held: Mapping[int, LimitKey]) -> None:
        self.store.meta.set_held([(key, self._limit(key), row) for row, key in held.items()])

    def _limit(self, key: LimitKey) -> int:
        limit: int = getattr(self.limits, key)
        return limit


def in_turn(by_customer: Mapping[str, Sequence[int]]) -> list[int]:
    """Return the new conversations of all customers, the first of each before the second of any."""
    rounds = zip_longest(*by_customer.values())
    return [row for one in rounds for row in one if row is not None]
