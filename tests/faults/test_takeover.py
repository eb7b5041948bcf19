"""A run that was suspended while it waited for its turn, and wakes up when another has taken over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connector.config.place import place_of
from mappings.model import Side
from state.errors import TakenOver
from tests.faults.conversations import begin, mirror, told
from tests.faults.lab import Crash
from tests.faults.suspended import suspended_in_a_write, take_over
from tests.postgres import free

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab


def send_nothing_after_a_take_over(lab: Lab, *, left: bool) -> None:
    """Suspend a run in its write until another run took over: it ends, and nothing of it leaves.

    ``left`` says whether the write was sent before.
    """
    sent: list[int] = []

    def meanwhile() -> None:
        assert lab.store is not None
        assert bool(lab.store.journal.open()) is left
        take_over(lab)
        sent.append(len(lab.requests))

    suspended_in_a_write(lab, meanwhile)

    with pytest.raises(TakenOver):
        lab.sync()

    assert sent == [len(lab.requests)]


def test_a_run_suspended_in_the_pacer_sends_nothing_after_another_took_over(theatre: Theatre) -> None:
    """Its write waited for its turn; the other run has made it since, and the customer reads it once."""
    lab = theatre.bound(settings={"dashly": {"requests_per_minute": 6}})
    begin(lab, "intercom", "once only.")

    send_nothing_after_a_take_over(lab, left=False)

    assert told(lab, "dashly", "once only.") == 1


def test_a_run_suspended_between_two_attempts_sends_nothing_after_another_took_over(theatre: Theatre) -> None:
    """A write that was turned away for a while is asked about again before its next attempt."""
    lab = theatre.bound()
    begin(lab, "dashly", "once only.")
    lab.world.fault(kind="status", status=429, side="intercom", method="POST", path="/conversations$")

    send_nothing_after_a_take_over(lab, left=True)

    assert told(lab, "intercom", "once only.") == 1


def test_a_write_settles_from_when_it_left(theatre: Theatre) -> None:
    """The intent of a process that died says when its write left, not when it began to wait for its turn."""
    lab = theatre.bound(settings={"dashly": {"requests_per_minute": 2}})
    begin(lab, "intercom", "late.")
    waits = len(lab.time.sleeps)

    def dies(_number: int, what: str, when: str) -> bool:
        answered = (what, when) == ("request", "after") and lab.requests[-1][:2] == (Side.DASHLY, "POST")
        return answered and lab.store is not None and bool(lab.store.journal.open())

    lab.die = dies

    with pytest.raises(Crash):
        lab.sync()

    left_at = lab.time.now()
    with lab.memory() as store:
        (intent,) = store.journal.open()
    assert len(lab.time.sleeps) > waits
    assert (intent.sent_at, intent.settle_at) == (left_at, left_at + 120)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("commit", [1, 2, 3])
def test_a_run_that_died_while_it_took_over_leaves_no_doubt(
    theatre: Theatre, commit: int, moment: str
) -> None:
    """It had done nothing yet: what a bot wrote in the mirror meanwhile is not a lost copy of ours."""
    lab = theatre.bound(settings={"intercom": {"api_version": "1.4"}})
    begin(lab)
    lab.until_clean(lab.sync)
    lab.points = 0
    lab.die = lambda number, what, when: (number, what, when) == (commit, "commit", moment)
    with pytest.raises(Crash):
        lab.sync()
    lab.die = None
    lab.world.intercom.bot_writes(mirror(lab, "intercom"), "by a bot.")

    lab.until_clean(lab.sync)

    assert told(lab, "dashly", "by a bot.") == 1
    with lab.memory() as store:
        assert not store.meta.doubted()


def on_another_host(lab: Lab, folder: Path) -> Lab:
    """Return the same connector on another host: one database and two helpdesks, and other files beside."""
    folder.mkdir()
    state = lab.config.state.model_copy(update={"path": folder / lab.config.state.path.name})
    return replace(lab, folder=folder, config=lab.config.model_copy(update={"state": state}))


@pytest.mark.long
def test_a_pair_goes_from_host_to_host_without_a_doubt(theatre_of_postgres: Theatre, tmp_path: Path) -> None:
    """What one host copied the next knows; none of them takes the other's work for a stranger's."""
    here = theatre_of_postgres.bound()
    there = on_another_host(here, tmp_path / "there")
    begin(here, "dashly", "first.")
    here.until_clean(here.sync)
    there.runs = 100
    here.world.intercom.agent_writes(mirror(here, "intercom"), "second.")
    moved = there.until_clean(there.sync)
    here.runs = 200

    back = here.sync()

    assert (moved.error, back.error, back.writes) == (None, None, 0)
    assert (told(here, "intercom", "first."), told(here, "dashly", "second.")) == (1, 1)


@pytest.mark.long
def test_a_host_that_lost_its_lock_sends_nothing(theatre_of_postgres: Theatre, tmp_path: Path) -> None:
    """Its session with the database was cut while it waited: another host took over, and it is stopped."""
    lab = theatre_of_postgres.bound(settings={"dashly": {"requests_per_minute": 6}})
    begin(lab, "intercom", "once only.")
    there = on_another_host(lab, tmp_path / "there")
    there.runs = 100
    sent: list[int] = []

    def meanwhile() -> None:
        free(place_of(lab.config))
        there.time.sleep(200)
        there.until_clean(there.sync)
        sent.append(len(lab.requests))

    suspended_in_a_write(lab, meanwhile)

    with pytest.raises(TakenOver):
        lab.sync()

    assert sent == [len(lab.requests)]
    assert told(lab, "dashly", "once only.") == 1
