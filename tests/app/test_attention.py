"""What is in `status` after the run that told it: from the log of runs alone."""

from __future__ import annotations

from typing import Any

from connector.app.monitoring.attention import to_act_on
from connector.engine.plan.notices import Notice, NoticeKind
from mappings.model import Side


def run(finished: float | None, *notices: Notice) -> dict[str, Any]:
    """Return a run as the log gives it."""
    report = {"notices": [notice.as_data() for notice in notices]} if finished else None
    return {"id": "r", "command": "sync", "finished": finished, "exit_code": 0, "report": report}


def late(part: str, mirror: str = "") -> Notice:
    """Return that an answer came too late."""
    return Notice(NoticeKind.NOT_DELIVERED, Side.INTERCOM, "77", part, mirror=mirror)


HELD = Notice(NoticeKind.HELD, part="max_creates", detail="3")
WAITING = Notice(NoticeKind.QUARANTINED, Side.DASHLY, "5", detail="refused")


def test_what_is_told_once_stands_when_the_next_run_is_quiet() -> None:
    """Whoever was woken by it finds it, with the time at which it was told."""
    (found,) = to_act_on([run(None), run(300.0), run(200.0, late("1"))])

    assert (found.at, found.sentence) == (200.0, late("1").sentence())


def test_what_each_run_tells_again_is_over_when_the_newest_does_not() -> None:
    """A raised limit, a mended clock and what left quarantine are not told any more."""
    assert to_act_on([run(300.0), run(200.0, HELD, WAITING)]) == ()
    assert [one.sentence for one in to_act_on([run(300.0, HELD), run(200.0, HELD)])] == [HELD.sentence()]


def test_a_problem_stands_once_as_it_was_told_last() -> None:
    """Two runs that tell of one part tell of one problem."""
    found = to_act_on([run(300.0, late("1"), late("2")), run(200.0, late("1", mirror="old"), late("3"))])

    assert [(one.at, one.notice["part"]) for one in found] == [(300.0, "1"), (300.0, "2"), (200.0, "3")]
