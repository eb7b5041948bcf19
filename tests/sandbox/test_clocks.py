"""Clocks apart: each side's own, its `Date` apart from its records, and jumps."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.sandbox.conftest import Served

DAY = 86_400


def date(answer: httpx.Response) -> float:
    """Return the time that the `Date` header tells."""
    return parsedate_to_datetime(answer.headers["date"]).timestamp()


def test_each_side_has_a_clock_and_a_date_of_its_own(served: Served) -> None:
    """Records follow the one, the header follows both."""
    world = served.world
    world.skew("dashly", 0, date=40)
    world.skew("intercom", -DAY)
    now = world.clock.now()
    talk = world.dashly.customer_starts(world.dashly.customer("Dana"), "Hi")
    _, other = served.customer_talk()
    shown = served.dashly.get(f"/conversations/{talk}")
    there = served.intercom.get(f"/conversations/{other}")
    assert shown.json()["data"]["created"] == pytest.approx(now, abs=2)
    assert date(shown) == pytest.approx(now + 40, abs=2)
    assert there.json()["created_at"] == pytest.approx(now - DAY, abs=2)
    assert date(there) == pytest.approx(now - DAY, abs=2)


@pytest.mark.parametrize("seconds", [DAY, -DAY])
def test_a_clock_that_jumps_takes_records_along_and_leaves_limits_alone(
    served: Served, seconds: float
) -> None:
    """In the middle of a run, just before a request is answered."""
    talk = served.world.dashly.customer_starts(served.world.dashly.customer("Dana"), "Hi")
    served.world.fault("act", side="dashly", nth=2, action="jump", arguments={"seconds": seconds})
    first = date(served.dashly.get(f"/conversations/{talk}"))
    for _ in range(58):
        served.dashly.post(f"/conversations/{talk}/reply", data={"body": "x"})
    last = served.dashly.get(f"/conversations/{talk}")
    assert date(last) - first == pytest.approx(seconds, abs=10)
    assert served.dashly.get(f"/conversations/{talk}").status_code == 429
    served.world.advance(61)
    assert served.dashly.get(f"/conversations/{talk}").status_code == 200


def test_a_clock_jumps_over_http(served: Served) -> None:
    """`skew` sets, `jump` adds."""
    for command, body in (("skew", {"seconds": 5, "date": 2}), ("jump", {"seconds": -15})):
        served.dashly.post(f"{served.sandbox.dashly.base_url}/__control__/{command}", json=body)
    clock = served.world.dashly.state.clock
    assert (clock.skew, clock.date_skew) == (-10, 2)
