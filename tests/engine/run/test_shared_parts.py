"""Parts that two conversations show are in one thread's hands at a time."""

from __future__ import annotations

import threading

from connector.engine.run.shared_parts import SharedParts
from mappings.model import Ref, Side

PART, OTHER = Ref(Side.INTERCOM, "1"), Ref(Side.INTERCOM, "2")
LONGEST = 10.0


def test_whoever_wants_a_part_waits_until_it_is_free_and_learns_of_that() -> None:
    """What the other conversation did with it meanwhile must be read again."""
    shared = SharedParts()
    waited: list[bool] = []
    free = threading.Event()

    def work() -> None:
        with shared.held([PART, OTHER]) as waits:
            waited.append(waits and free.is_set())

    second = threading.Thread(target=work)
    with shared.held([PART]) as first:
        second.start()
        second.join(0.2)
        free.set()
    second.join(LONGEST)

    assert (first, waited) == (False, [True])


def test_nobody_waits_for_other_parts() -> None:
    """Two conversations that share nothing go on side by side."""
    shared = SharedParts()

    with shared.held([PART]), shared.held([OTHER]) as waits:
        assert not waits
