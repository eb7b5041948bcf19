"""What `verify` prints: all that is wrong by name, all that has its reason in sums."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def past(place: Any) -> Any:
    """A bound place with conversations from before the binding that nobody wanted copied."""
    place.past(6)
    place.wait(120)
    assert place.run("init").code == 0
    place.wait(5)
    return place


def test_what_has_a_reason_is_summed_up_and_named_on_request(past: Any) -> None:
    """Six conversations older than the binding are one line; --verbose and --json give their ids."""
    ids = list(past.world.dashly.state.conversations)

    short, whole, data = past.run("verify"), past.run("verify", "--verbose"), past.run("verify", "--json")

    assert (short.code, whole.code, data.code) == (0, 0, 0)
    assert not [one for one in ids if str(one) in short.out]
    assert [line.split()[0] for line in short.out.splitlines() if "older than the binding" in line] == ["6"]
    assert "connector verify --verbose" in short.out
    assert all(str(one) in whole.out for one in ids)
    assert {row["dashly"] for row in data.json["without_mirror"]} == set(map(str, ids))


def test_a_mirror_that_is_missing_without_a_reason_is_named(past: Any) -> None:
    """It is not lost among those that have one, and the exit code is 1."""
    new = past.talk("Where is my parcel?")

    told = past.run("verify")

    assert told.code == 1
    assert [line for line in told.out.splitlines() if new in line]
    assert [line for line in told.out.splitlines() if line.startswith("6 ")]
