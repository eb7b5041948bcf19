"""`report --html FILE` as a user calls it."""

from __future__ import annotations

from typing import Any

import pytest


def test_the_page_is_written_and_named(bound: Any) -> None:
    """It says where; with --json it says how large; a page that is there is replaced."""
    bound.talk()
    bound.run("sync")
    target = bound.folder / "report.html"
    target.write_text("old")
    asked = len(bound.world.requests())

    told = bound.run("report", "--html", str(target))
    facts = bound.run("report", "--html", str(target), "--json").json

    assert told.code == 0
    assert str(target) in told.out
    assert facts == {"file": str(target), "bytes": target.stat().st_size, "exit_code": 0}
    assert target.stat().st_mode & 0o777 == 0o600
    assert "reply_user" in target.read_text()
    assert len(bound.world.requests()) == asked


@pytest.mark.parametrize("name", ["nowhere/report.html", "."])
def test_a_place_that_takes_no_file_is_named(bound: Any, name: str) -> None:
    """A missing folder and a folder are one sentence, what to do, and exit code 2."""
    told = bound.run("report", "--html", str(bound.folder / name))

    assert told.code == 2
    assert told.is_told()


def test_the_page_has_to_be_asked_for(bound: Any) -> None:
    """There is one form by now; without it nothing is written."""
    assert bound.run("report").code == 2


def test_a_run_tells_how_far_behind_it_left_each_side(bound: Any) -> None:
    """The report plots it."""
    lag = bound.run("sync", "--json").json["lag_seconds"]

    assert set(lag) == {"dashly", "intercom"}
    assert all(0 <= seconds < 600 for seconds in lag.values())
