"""The time of a run, agreed on by this machine and both sides, and stamps that a wrong clock left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.errors import RemoteError
from connector.http.trusted_time import HOST, MOST_APART, trusted_now
from mappings.model import Side
from mappings.names import TITLES
from state.stamps import bring_back

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock, SteadyClock
    from connector.http.trusted_time import TrustedTime
    from mappings.model import Seconds
    from state.store import Store

STEPPED: Seconds = 60.0  # clocks are corrected by this much now and then; the overlap of two polls is longer
SPARED: Seconds = 5.0  # how far off a stamp may be from which a write's settling is counted
LONGEST_PAUSE: Seconds = 3600.0  # nothing is put off for longer, apart from what waits for `settle`
LONGEST_SETTLING = 10  # a write that a search must show is waited for this often at most


def agreed_time(clock: Clock, helpdesks: Mapping[Side, Helpdesk]) -> TrustedTime:
    """Return the time on which two clocks agree; RemoteError when no two do."""
    told = {side: helpdesks[side].told_time() for side in Side}
    found = trusted_now(clock.now(), told[Side.DASHLY], told[Side.INTERCOM])
    if found.now is None:
        raise RemoteError(
            "the clocks of this machine, of Dashly and of Intercom are all more than 10 minutes apart; "
            "nothing was written",
            hint="set this machine's clock by NTP; `connector doctor` shows all three",
        )
    return found


def set_time(
    clock: SteadyClock, store: Store, helpdesks: Mapping[Side, Helpdesk], *, settle: Seconds
) -> list[Notice]:
    """Set a run's time to the one that counts, correct what a wrong clock left behind, and report both.

    RemoteError when no two clocks agree.
    """
    found = agreed_time(clock, helpdesks)
    if found.middle is not None and abs(clock.now() - found.middle) > SPARED:
        clock.set(found.middle)
    now = clock.now()
    bring_back(store.file, now, apart=STEPPED, longest=max(LONGEST_PAUSE, LONGEST_SETTLING * settle))
    return [*doubts(found), *heal_watermarks(store, now)]


def window_ends(found: TrustedTime, helpdesks: Mapping[Side, Helpdesk]) -> dict[Side, Seconds]:
    """Return up to when the lists that are read from now on will be complete.

    A side that lags keeps its own watermark back even where its clock is doubted: its records may lag with
    it, and what is read twice costs less than what is never read.
    """
    agreed = found.now if found.now is not None else 0.0
    return {side: min(agreed, helpdesks[side].now()) for side in Side}


def latest_time(helpdesks: Mapping[Side, Helpdesk], now: Seconds) -> Seconds:
    """Return the latest time that a clock shows which agrees with ours, ours at least."""
    shown = (helpdesks[side].now() for side in Side)
    return max((at for at in shown if abs(at - now) <= MOST_APART), default=now)


def doubts(found: TrustedTime) -> Iterator[Notice]:
    """Yield a notice for each clock that does not count."""
    for name in found.doubted:
        side = None if name == HOST else Side(name)
        yield Notice(NoticeKind.CLOCK_DOUBTED, side, detail=TITLES[side] if side else "this machine")


def heal_watermarks(store: Store, now: Seconds) -> Iterator[Notice]:
    """Set watermarks that lie in the future back to the binding, and yield a notice for each.

    It is not known since when such a watermark was wrong: everything since the binding is listed once more.
    """
    for side in Side:
        at, since = store.watermarks.get(side), store.meta.since(side)
        if at is None or max(at, since) <= now + STEPPED:
            continue
        with store.transaction():
            store.meta.set_since(side, min(since, now))
            store.watermarks.reset(side, min(since, now))
        yield Notice(NoticeKind.WATERMARK_IN_FUTURE, side)
