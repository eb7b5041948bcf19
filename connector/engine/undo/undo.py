"""What a run made on Intercom, judged copy by copy, and taken back; Dashly's copies are named for a person.

A copy is deleted before its pair is forgotten: after a kill in between, the next undo finds it gone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.engine.sync.conversation import STOPS_THE_RUN
from connector.engine.undo.contacts import MADE_ON
from connector.engine.undo.traces import Ours, Trace, trace_in
from connector.engine.write.job import Blocked, Job
from connector.errors import ConfigError, Gone, RemoteError
from connector.helpdesk.port import DeleteConversation
from connector.host.progress import Work
from state.records import Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.sync.run import Run
    from mappings.model import Seconds, Side
    from state.records import Pair

SLACK: Seconds = 60.0
"""By so much a helpdesk's clock and this machine's may differ unnoticed."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One copy that a run made: where it is, and what keeps it (None: nothing but ours is in it).

    ``by_hand`` when no call removes it.
    """

    pair: Pair
    side: Side
    trace: Trace | None = None
    by_hand: bool = False

    @property
    def copy(self) -> str:
        """Return the id of the copy."""
        return self.pair.ids.get(self.side, "")

    @property
    def original(self) -> str:
        """Return the id of what it is a copy of."""
        return self.pair.ids.get(self.side.other, "")

    @property
    def goes(self) -> bool:
        """Tell whether it is taken away."""
        return self.trace is None and not self.by_hand


def judged(run: Run, of: str) -> Iterator[Judged]:
    """Yield every copy that a run made; ConfigError when there was no such backfill."""
    ran = run.store.runs.find(of)
    if ran is None or ran.command != Work.BACKFILL:
        why = f"there was no run {of}" if ran is None else f"run {of} was a {ran.command}, not a backfill"
        raise ConfigError(f"{why}; nothing was changed", hint="connector undo")
    ours = Ours(run.policy.app_code, ran.started - SLACK, (ran.ended or math.inf) + SLACK)
    for number, pair in enumerate(run.store.pairs.made_by(of), 1):
        yield _judge(run, pair, ours)
        run.parties.listener.done(number)


def take_back(run: Run, of: str) -> Iterator[Judged]:
    """Delete the copies that are ours alone and forget their pairs; yield what became of each."""
    for one in judged(run, of):
        if run.parties.clock.stopped:
            return
        yield one if not one.goes else _taken(run, one)


def _judge(run: Run, pair: Pair, ours: Ours) -> Judged:
    side = pair.mirror
    if side is not MADE_ON or not run.helpdesks[side].capabilities.deletion:
        return Judged(pair, side, by_hand=True)
    try:
        view = run.helpdesks[side].conversation(pair.ids[side])
    except Gone:  # somebody, or an undo that was killed, deleted it before
        return Judged(pair, side)
    ledger, now = run.store.ledger.of(pair.row)[side], run.helpdesks[side].now()
    trace = trace_in(view, ledger, pair.base.get(side), ours, now)
    return Judged(pair, side, trace)


def _taken(run: Run, one: Judged) -> Judged:
    row = one.pair.row
    try:
        run.protocol.settle(row)
        run.protocol.perform(
            Job(row, one.side, Operation.DELETE, f"{row}/delete", DeleteConversation(one.copy), None)
        )
    except Blocked:
        return Judged(one.pair, one.side, Trace.UNSETTLED)
    except STOPS_THE_RUN:
        raise
    except RemoteError:
        return Judged(one.pair, one.side, Trace.REFUSED)
    run.store.pairs.forget(row)
    return one
