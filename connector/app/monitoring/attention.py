"""What was reported and may still need a person: from the log of runs. Pure.

A run reports once that an answer came too late; the run a minute later does not mention it. Somebody whom
the first run alerted must find it afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.engine.plan.notices import NoticeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mappings.model import Seconds


_TOLD_AGAIN = frozenset(
    {
        NoticeKind.TEXT_TOO_LONG.value,
        NoticeKind.TOO_MANY_PARTS.value,
        NoticeKind.WITHOUT_ID.value,
        NoticeKind.NOTHING_FITS.value,
        NoticeKind.LIST_CUT.value,
        NoticeKind.LIST_REFUSED.value,
        NoticeKind.LEFT_FOR_NEXT_RUN.value,
        NoticeKind.STOPPED_EARLY.value,
        NoticeKind.QUARANTINED.value,
        NoticeKind.STILL_QUARANTINED.value,
        NoticeKind.CLOCK_DOUBTED.value,
        NoticeKind.WATERMARK_IN_FUTURE.value,
        NoticeKind.HELD.value,
        NoticeKind.LIMIT_REACHED.value,
    }
)
"""Each run says these again while they are true, and a run without them says that it is over."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as a run's report keeps it, and when that run ended."""

    at: Seconds
    notice: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        """Return what is told."""
        return str(self.notice["sentence"])


def to_act_on(runs: Sequence[Mapping[str, Any]]) -> tuple[Told, ...]:
    """Return what the newest of the runs reported, then what earlier ones reported and no later run repeats.

    ``runs`` come newest first; each problem appears once, as it was reported last.
    """
    found: dict[tuple[str, ...], Told] = {}
    ended = [run for run in runs if run["finished"] is not None]
    for run in ended:
        for notice in _notices(run):
            if run is ended[0] or notice["kind"] not in _TOLD_AGAIN:
                found.setdefault(_problem(notice), Told(run["finished"], notice))
    return tuple(found.values())


def _notices(run: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (run["report"] or {}).get("notices", ())


def _problem(notice: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(notice[name] for name in ("kind", "side", "conversation", "part"))
