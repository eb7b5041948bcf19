"""Numbers that add up: each part is counted once, by the run that settles what becomes of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from connector.app import passes
from tests.faults.conversations import begin

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab


def reported(lab: Lab) -> dict[str, Any]:
    """Sync and return the report, whose numbers must add up."""
    lab.dead = False
    told = passes.sync(lab.config, lab.environment).as_data()
    assert isinstance(told["parts"], dict)
    assert told["parts_seen"] == sum(told["parts"].values()) + told["parts_waiting"]  # type: ignore[operator]
    return told


def known(lab: Lab) -> Counter[str]:
    """Return what became of all parts that the ledger holds."""
    with lab.memory() as store:
        return Counter({disposition.value: n for disposition, n in store.ledger.counts().items()})


def test_an_adopted_copy_is_counted_by_the_run_that_adopts(theatre: Theatre) -> None:
    """The write was unclear in one run and found in the next: the part is counted once."""
    lab = theatre.bound()
    begin(lab, "intercom", "one.")
    lab.world.fault(kind="drop_after", side="dashly", method="POST", path=".*conversation")
    first = reported(lab)
    lab.time.sleep(400)
    second = reported(lab)
    lab.time.sleep(400)
    third = reported(lab)

    assert Counter(first["parts"]) + Counter(second["parts"]) + Counter(third["parts"]) == known(lab)
    assert third["parts_seen"] == 0


def test_what_must_wait_is_seen_and_not_counted(theatre: Theatre) -> None:
    """A side that answers nobody: the part was seen, and the run that carries it counts it."""
    lab = theatre.bound()
    begin(lab, "intercom", "one.")
    lab.world.fault(kind="status", status=503, side="dashly", method="POST", times=1000)
    first = reported(lab)
    lab.world.clear_faults()
    lab.time.sleep(1000)
    second = reported(lab)

    assert (first["parts"], first["parts_waiting"]) == ({}, 1)
    assert (second["parts_waiting"], Counter(second["parts"])) == (0, known(lab))


def test_what_a_restored_backup_forgot_is_not_counted_again(theatre: Theatre) -> None:
    """The copies are found again; the runs that made them have counted them."""
    lab = theatre.bound()
    talk = begin(lab, "intercom", "one.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    lab.world.intercom.customer_writes(talk, "two.")
    lab.until_clean(lab.sync)
    lab.restore(kept)
    lab.time.sleep(400)

    told = reported(lab)

    assert told["parts"].get("copied", 0) == 0
