"""Counting the requests that commands send."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.faults.lab import IC, PAUSE, D

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.lab import Lab

Cost = tuple[int, int]
"""Requests to Dashly and to Intercom."""


def settle(lab: Lab) -> None:
    """Carry everything over, and let so much time pass that no list shows it any more."""
    lab.until_clean(lab.sync)
    for _ in range(2):
        lab.time.sleep(5 * PAUSE)
        lab.sync()
    lab.time.sleep(5 * PAUSE)


def spent(lab: Lab, command: Callable[[], object]) -> Cost:
    """Return the requests of one command."""
    lab.requests.clear()
    command()
    sides = Counter(side for side, _method, _path in lab.requests)
    return sides[D], sides[IC]


def two_passes(lab: Lab) -> Cost:
    """Return the requests of the pass that does a job, and of the next one, which may look at it again."""
    lab.time.sleep(2)
    first = spent(lab, lab.sync)
    lab.time.sleep(PAUSE)
    second = spent(lab, lab.sync)
    return first[0] + second[0], first[1] + second[1]
