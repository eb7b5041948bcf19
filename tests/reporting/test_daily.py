"""Figures by day: none left out, none counted twice, and an average that is one."""

from __future__ import annotations

from datetime import date

from connector.app.reporting import daily as days
from connector.app.reporting.daily import LONGEST, Series, daily
from connector.app.reporting.meanings import LOSSES
from connector.errors import ExitCode
from mappings.model import LossKind
from state.records import Disposition

TODAY = date(2027, 3, 2)
SYNC = {
    "exit_codes": {"0": 3, "1": 1},
    "lag_seconds": {"dashly": 400, "intercom": 40},
    "parts": {"copied": 7},
}


def named(found: tuple[Series, ...], name: str) -> tuple[float | None, ...]:
    """Return the values of one series."""
    return next(one.values for one in found if one.name == name)


def test_every_code_disposition_and_loss_is_told_once() -> None:
    """A new one has to be given its place before it can be lost in a plot."""
    assert sorted(code for codes in days._ENDINGS.values() for code in codes) == sorted(ExitCode)
    assert sorted(one for kinds in days._KINDS.values() for one in kinds) == sorted(Disposition)
    assert set(LOSSES) == set(LossKind)


def test_days_without_runs_are_days() -> None:
    """They are in the row with nothing, up to today; without any run there are none."""
    found = daily({"2027-02-27": {"sync": SYNC}}, TODAY)

    assert [f"{day:%d}" for day in found.days] == ["27", "28", "01", "02"]
    assert named(found.endings(), "in order") == (3, 0, 0, 0)
    assert daily({}, TODAY).days == ()


def test_a_year_is_shown() -> None:
    """What is older is kept for longer than it is shown."""
    found = daily({"2020-01-01": {"sync": SYNC}}, TODAY)

    assert (len(found.days), found.days[-1]) == (LONGEST, TODAY)


def test_the_lag_is_that_of_a_run() -> None:
    """Each command's sum by its own number of runs; a day on which nothing was told is unknown, not zero."""
    old = {"exit_codes": {"0": 100}, "parts": {}}
    found = daily({"2027-03-01": {"sync": SYNC, "backfill": old}, "2027-03-02": {"sync": old}}, TODAY)

    assert named(found.lag(), "Dashly") == (100, None)
    assert named(found.lag(), "Intercom") == (10, None)


def test_history_is_counted_apart() -> None:
    """A migration of a day would hide a year of live parts."""
    found = daily({"2027-03-02": {"sync": SYNC, "backfill": {"parts": {"copied": 9000}}}}, TODAY)

    assert named(found.live(), "messages") == (7,)
    assert named(found.history(), "messages") == (9000,)
