"""What is new to a person: a problem is reported once, and again only after seven days.

A problem is the same while its kind, side, conversation and part are the same (``Notice`` compares by these).
One that a run does not meet is not forgotten: what is tried again now and then would be new each time.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from connector.engine.plan.notices import Notice, NoticeKind
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mappings.model import Seconds
    from state.meta import Meta

AGAIN_AFTER: Seconds = 7 * 86_400.0  # so that what nobody fixed is not forgotten
_MOST = 2_000  # a flood of problems is reported again rather than remembered without end
_KEY = "alarms"


class AlarmStore(Protocol):
    """Remembers from run to run when each problem was last told."""

    def known(self) -> Mapping[Notice, Seconds]:
        """Return when each problem was last told."""

    def keep(self, alarms: Mapping[Notice, Seconds]) -> None:
        """Remember exactly these."""


def new_notices(known: Mapping[Notice, Seconds], notices: Iterable[Notice], now: Seconds) -> list[Notice]:
    """Return the notices that nobody was told of in the last seven days."""
    # In order and each once: a notice may come from several conversations' work.
    return [notice for notice in dict.fromkeys(notices) if not _is_fresh(known.get(notice), now)]


def remembered(
    known: Mapping[Notice, Seconds], notices: Iterable[Notice], now: Seconds
) -> dict[Notice, Seconds]:
    """Return what is known after a run that told its new notices; what is older than seven days goes."""
    fresh = {notice: at for notice, at in known.items() if _is_fresh(at, now)}
    told = fresh | dict.fromkeys(new_notices(known, notices, now), now)
    if any(notice.kind is NoticeKind.QUARANTINED for notice in notices):
        # Who was told of an item by its name need not hear of the number in the next run.
        told.setdefault(Notice(NoticeKind.STILL_QUARANTINED), now)
    newest = sorted(told.items(), key=lambda item: item[1], reverse=True)
    return dict(newest[:_MOST])


def _is_fresh(told_at: Seconds | None, now: Seconds) -> bool:
    """After a clock was set back, a problem is reported once more."""
    return told_at is not None and 0 <= now - told_at < AGAIN_AFTER


class KeptAlarms:
    """Alarms in the state file, as one fact."""

    def __init__(self, meta: Meta) -> None:
        self._meta = meta

    def known(self) -> Mapping[Notice, Seconds]:
        """Return when each problem was last told; what cannot be read was never told."""
        try:
            rows = json.loads(self._meta.get(_KEY) or "[]")
            return {_notice(*row[:4]): float(row[4]) for row in rows}
        except (ValueError, TypeError, LookupError):
            return {}

    def keep(self, alarms: Mapping[Notice, Seconds]) -> None:
        """Remember exactly these."""
        rows = [[n.kind, n.side or "", n.conversation, n.part, at] for n, at in alarms.items()]
        self._meta.set(_KEY, json.dumps(rows))


def _notice(kind: str, side: str, conversation: str, part: str) -> Notice:
    return Notice(NoticeKind(kind), Side(side) if side else None, conversation, part)
