"""What time it is when no single clock is trusted: this machine's may be set, and a remote may claim any.

The smallest of the clocks counts, since a watermark that lags reads a little twice and one that runs ahead
loses. A clock that is far from all others does not count; when no two agree, there is no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.host.amounts import middle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Seconds

HOST = "host"
# Far beyond the drift of clocks that somebody sets, far below a wrong day or zone.
MOST_APART: Seconds = 600.0


@dataclass(frozen=True, slots=True)
class TrustedTime:
    """The time that counts, None when no two clocks agree; and the names of those that do not count.

    ``middle`` is what the clock in the middle shows. A run stamps by it: the next one measures from there how
    long ago something was, and the clock that is minutes off today may be set right by then.
    """

    now: Seconds | None
    doubted: tuple[str, ...] = ()
    middle: Seconds | None = None


def trusted_now(host: Seconds, dashly: Seconds | None, intercom: Seconds | None) -> TrustedTime:
    """Return the time by this machine's clock and those of both sides; None for a side that told none.

    A clock that is alone contradicts nobody and is believed.
    """
    told = {HOST: host, "dashly": dashly, "intercom": intercom}
    clocks = {name: at for name, at in told.items() if at is not None}
    agreeing = [name for name in clocks if len(clocks) == 1 or _has_company(name, clocks)]
    doubted = tuple(name for name in clocks if name not in agreeing)
    times = [clocks[name] for name in agreeing]
    return TrustedTime(min(times), doubted, middle(times)) if times else TrustedTime(None, doubted)


def _has_company(name: str, clocks: Mapping[str, Seconds]) -> bool:
    return any(abs(at - clocks[name]) <= MOST_APART for other, at in clocks.items() if other != name)
