"""Order is what a reader sees: what came earlier stands before what came later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.sandbox.switches import DashlySwitches
from mappings.model import LossKind
from tests.faults.conversations import DAY, begin, bodies
from tests.faults.lab import D

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre

VERSIONS = ("2.16", "1.4")


def place(said: list[str], text: str) -> int:
    """Return at which place a text stands; it stands at one only."""
    (found,) = [number for number, body in enumerate(said) if text in body]
    return found


@pytest.mark.parametrize("job", ["sync", "backfill"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_transcript_stands_before_what_is_live(theatre: Theatre, version: str, job: str) -> None:
    """It tells the past, so that it has the time of the past where a side lets it."""
    settings = {"intercom": {"api_version": version}, "history": {"to_intercom": "transcript"}}
    lab = theatre.bound(settings=settings)
    desk, then = lab.world.dashly, lab.time.now() - 5 * DAY
    talk = desk.customer_starts(desk.customer("Eva", created=then), "line 0.", created=then)
    for number in range(1, 4):
        desk.customer_writes(talk, f"line {number}.", created=then + number * 60)
    if job == "backfill":
        lab.until_clean(lambda: lab.backfill(D))
    lab.time.sleep(60)
    desk.customer_writes(talk, "live.")
    lab.time.sleep(30)
    lab.until_clean(lab.sync)

    said = bodies(lab, "intercom")
    assert place(said, "line 3.") < place(said, "live.")
    assert lab.differences() == []


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.16", ["question.", "oops.", "older.", "younger."]),
        ("1.4", ["question.", "oops.", "younger.", "[2027-01-15 08:08 UTC] older."]),
    ],
)
def test_one_that_was_passed_over_comes_in_its_own_second(
    theatre: Theatre, version: str, expected: list[str]
) -> None:
    """A part vanished while two came: the count grew by one, and only the younger is shown with it."""
    lab = theatre.bound(
        settings={"intercom": {"api_version": version}, "sync": {"sweep": 5}},
        dashly_switches=DashlySwitches(removed_parts_listed=False),
    )
    talk = begin(lab)
    gone = lab.world.dashly.customer_writes(talk, "oops.")
    lab.until_clean(lab.sync)
    lab.time.sleep(100)
    older = lab.world.dashly.customer_writes(talk, "older.")
    lab.time.sleep(60)
    lab.world.dashly.customer_writes(talk, "younger.")
    lab.world.dashly.remove_part(talk, gone)

    lab.until_clean(lab.sync)
    lab.time.sleep(600)
    lab.time.sleep(600)
    lab.until_clean(lab.sync)

    # 1.x cannot hold an address that nobody proved: one note gives it to the agents.
    said = [body for body in bodies(lab, "intercom") if "unproved" not in body]
    assert said == expected
    with lab.memory() as store:
        (row,) = [
            row
            for pair in store.pairs.linked_pairs(limit=1)
            for row in store.ledger.of(pair.row)[D].values()
            if row.id == older
        ]
    assert [loss.kind for loss in row.losses] == [LossKind.TIME]
    assert [one for one in lab.differences() if gone not in one] == []
