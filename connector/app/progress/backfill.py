"""How far a backfill is, kept in the state file: `status` shows it while another process works."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.engine.past.choice import Order
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.past.choice import Choice
    from connector.host.clock import Clock
    from connector.host.progress import Progress
    from mappings.model import Seconds
    from state.meta import Meta

APART: Seconds = 10.0
"""A kept figure is at most so old; each one is a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillProgress:
    """The newest backfill: which one, when it began, and how far it was when that was last noted.

    ``command`` is what continues it, ``rate`` is in conversations a second, and ``ends`` is when it ends
    at this pace within Dashly's limit; both are None while nothing is done.
    """

    run: str
    side: Side
    command: str
    started: Seconds
    noted: Seconds
    done: int = 0
    aside: int = 0
    left: int = 0
    rate: float | None = None
    ends: Seconds | None = None

    def done_by(self, left: int) -> int:
        """Return how many are done when so many are left now; it may have been killed since the last note."""
        return self.done + max(0, self.left - left)


class Keeper:
    """Keeps how far one backfill is, now and then and at its end."""

    def __init__(self, meta: Meta, clock: Clock, run: str, choice: Choice) -> None:
        self._meta = meta
        self._clock = clock
        self._run = run
        self._choice = choice
        self._started = clock.now()
        self._kept_at: Seconds | None = None

    def keep(self, progress: Progress, *, last: bool = False) -> None:
        """Write how far it is, unless that was done a moment ago."""
        now = self._clock.now()
        if not last and self._kept_at is not None and 0 <= now - self._kept_at < APART:
            return
        self._kept_at = now
        seconds = progress.seconds_left
        kept = BackfillProgress(
            run=self._run,
            side=self._choice.source,
            command=command_of(self._choice),
            started=self._started,
            noted=now,
            done=progress.done,
            aside=progress.aside,
            left=progress.listed if progress.left is None else progress.left,
            rate=progress.rate,
            ends=None if seconds is None else now + seconds,
        )
        self._meta.set_backfill(json.dumps(asdict(kept)))


def kept_progress(meta: Meta) -> BackfillProgress | None:
    """Return how far the newest backfill was, or None where none is known."""
    try:
        found = json.loads(meta.backfill() or "null")
        return None if found is None else BackfillProgress(**{**found, "side": Side(found["side"])})
    except (ValueError, TypeError, LookupError):
        return None


def command_of(choice: Choice) -> str:
    """Return the command line of a choice."""
    return shlex.join(["connector", "backfill", "--from", choice.source.value, *_options(choice)])


def _options(choice: Choice) -> Iterator[str]:
    query = choice.query
    for name, at in (("--since", query.since), ("--until", query.until)):
        if at is not None:
            yield from (name, datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    filters = (
        ("--tag", query.tag),
        ("--status", query.status),
        ("--assignee", query.assignee),
        ("--channel", query.team),
        ("--order", None if choice.order is Order.CLOSED_FIRST else choice.order),
        ("--sample", choice.sample),
        ("--limit", choice.limit),
        ("--source", choice.file),
        ("--files", choice.folder),
    )
    for name, value in filters:
        if value is not None:
            yield from (name, str(value))
    if choice.id_file is not None:
        yield from ("--id-file", str(choice.id_file))
        return
    for conversation in choice.ids:
        yield from ("--id", conversation)
