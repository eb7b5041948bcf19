"""When a pair is passed again, as a table of exit codes."""

from __future__ import annotations

import pytest

from connector.fleet.breaker import LONGEST, Ended, Rest, judge
from mappings.model import Side

EVERY = 60.0


def ended(code: int, *, mapping: bool = False) -> Ended:
    """Return the end of a pass."""
    return Ended(code, at=0.0, mapping_changed=mapping)


@pytest.mark.parametrize("code", [0, 1, 4, 5])
def test_what_waits_for_nobody_goes_on(code: int) -> None:
    """A clean pass, one with news, one that met another run, and one that holds something keep the beat."""
    found = judge(ended(code), failures=3, every=EVERY)

    assert (found.pause, found.rest, found.failures) == (EVERY, None, 0)


@pytest.mark.parametrize("code", [2, 7])
def test_what_a_person_must_mend_rests(code: int) -> None:
    """A wrong file or a refused token is not tried again by itself."""
    assert judge(ended(code), failures=0, every=EVERY).rest is Rest.CHANGE


def test_a_changed_mapping_rests_until_it_is_accepted() -> None:
    """The rail of a changed mapping has exit code 5 like others, which go on."""
    assert judge(ended(5, mapping=True), failures=0, every=EVERY).rest is Rest.MAPPING


def test_a_failure_backs_off_up_to_a_quarter_of_an_hour() -> None:
    """Each failure in a row doubles the pause, and a good pass ends that."""
    pauses, failures = [], 0
    for _ in range(6):
        found = judge(ended(3), failures, EVERY)
        pauses.append(found.pause)
        failures = found.failures

    assert pauses == [120.0, 240.0, 480.0, LONGEST, LONGEST, LONGEST]
    assert judge(ended(0), failures, EVERY).failures == 0


def test_a_long_interval_is_never_shortened_by_a_failure() -> None:
    """Where a pass is due once an hour, a failed one is not tried sooner."""
    assert judge(ended(3), failures=0, every=3600.0).pause == 3600.0


@pytest.mark.parametrize(
    ("own", "expected"),
    [({Side.DASHLY: 1.0}, {Side.DASHLY: 1.0}), ({}, {Side.DASHLY: 65.0})],
)
def test_a_pass_that_read_nothing_is_as_far_behind_as_the_one_before_and_the_time_since(
    own: dict[Side, float], expected: dict[Side, float]
) -> None:
    """Whoever watches the lag of a pair must see it grow while its passes fail."""
    before = Ended(0, at=100.0, lag={Side.DASHLY: 5.0})

    assert Ended(3, at=160.0, lag=own).after(before).lag == expected
