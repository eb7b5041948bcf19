"""A part of Dashly that is in no list any more: told once, and no difference for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import DashlySwitches
from tests.faults.conversations import begin, bodies

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre


@pytest.mark.long
def test_verify_is_silent_once_a_run_has_seen_it(theatre: Theatre) -> None:
    """The copy stands, the person is told of it, and the next run has nothing to say."""
    lab = theatre.bound(
        settings={"sync": {"sweep": 5}}, dashly_switches=DashlySwitches(removed_parts_listed=False)
    )
    talk = begin(lab)
    gone = lab.world.dashly.customer_writes(talk, "oops.")
    lab.until_clean(lab.sync)
    lab.time.sleep(600)
    lab.world.dashly.remove_part(talk, gone)
    assert lab.differences()

    told = lab.sync()

    assert (told.code, len(told.attention)) == (1, 1)
    assert f"part {gone} is no longer there" in told.attention[0]
    assert "oops." in " ".join(bodies(lab, "intercom"))
    assert not lab.differences()
    assert not lab.sync().attention
