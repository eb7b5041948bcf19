"""How far long work is: counted from what became of conversations, and kept for whoever asks meanwhile."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector.app import inspecting, passes, recovering, verifying
from connector.app.machine.state_access import open_store
from connector.app.passes import Choice
from connector.app.progress.backfill import BackfillProgress, command_of, kept_progress
from connector.helpdesk.query import HistoryQuery
from connector.host.progress import Cause, Work
from mappings.model import Side
from tests.faults import lab as laboratory
from tests.faults.lab import NORA
from tests.state import earlier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.app.machine.environment import Environment
    from connector.host.progress import Progress
    from tests.faults.lab import Lab

TALKS = 12
ALL_OF_DASHLY = Choice(Side.DASHLY, HistoryQuery())


@dataclass
class Ear:
    """Keeps everything that a watch hears."""

    heard_all: list[Progress] = field(default_factory=list)
    ends: int = 0
    then: Callable[[Progress], None] = lambda _progress: None

    def heard(self, progress: Progress) -> None:
        """Keep it."""
        self.heard_all.append(progress)
        self.then(progress)

    def ended(self) -> None:
        """Count the end."""
        self.ends += 1


@pytest.fixture
def ear() -> Ear:
    """Somebody who listens."""
    return Ear()


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A bound connector with a past to copy."""
    with tempfile.TemporaryDirectory(dir=laboratory.quick_folder()) as folder:
        made = laboratory.make(Path(folder))
        customer = made.world.dashly.customer("Ines")
        for number in range(TALKS):
            talk = made.world.dashly.customer_starts(customer, f"Question {number}")
            made.world.dashly.agent_writes(talk, "Answer", agent=NORA)
        made.time.sleep(200)
        made.init()
        yield made


def watched(lab: Lab, ear: Ear) -> Environment:
    """Return the lab's machine with somebody who listens."""
    return replace(lab.environment, watch=ear)


def limited(lab: Lab, a_minute: int) -> Any:
    """Return the lab's configuration with a limit of Dashly's requests."""
    dashly = lab.config.dashly.model_copy(update={"requests_per_minute": a_minute})
    return lab.config.model_copy(update={"dashly": dashly})


def test_what_is_left_falls_while_what_is_done_grows(lab: Lab, ear: Ear) -> None:
    """To the last conversation, and the sum stays what was listed."""
    passes.backfill(lab.config, watched(lab, ear), ALL_OF_DASHLY)

    working = [told for told in ear.heard_all if told.done]
    assert sorted({told.done for told in working}) == list(range(1, TALKS + 1))
    assert [told.left for told in working] == sorted((told.left or 0 for told in working), reverse=True)
    assert {ear.heard_all[-1].work, ear.heard_all[-1].left} == {Work.BACKFILL, 0}
    assert ear.heard_all[-1].listed == TALKS
    assert ear.ends >= 1


def test_what_was_stopped_is_not_done(lab: Lab, ear: Ear) -> None:
    """A stop in the middle leaves the rest as left, and the next run counts it down."""

    def stop(progress: Progress) -> None:
        lab.time.stopped = progress.done >= 3

    ear.then = stop
    passes.backfill(lab.config, watched(lab, ear), ALL_OF_DASHLY)
    with lab.memory() as store:
        kept = kept_progress(store.meta)
    lab.time.stopped = False

    done = len(lab.world.truth()["intercom"]["conversations"])
    assert kept is not None
    assert kept.done <= done
    assert kept.left == TALKS - kept.done
    ear.then = lambda _progress: None
    passes.backfill(lab.config, watched(lab, ear), ALL_OF_DASHLY)
    with lab.memory() as store:
        finished = kept_progress(store.meta)
    assert finished is not None
    assert (finished.left, finished.aside) == (0, 0)


def test_the_time_left_is_what_the_limit_allows(lab: Lab, ear: Ear) -> None:
    """The pace of the first moments, when the limit is not felt yet, promises nothing."""
    passes.backfill(limited(lab, 6), watched(lab, ear), ALL_OF_DASHLY)

    told = next(told for told in ear.heard_all if told.done == 2)
    assert told.ahead is not None
    assert told.seconds_left is not None
    assert told.seconds_left >= told.ahead * 10
    assert told.requests[Side.DASHLY] > 0


def test_a_wait_for_a_limit_is_told_with_its_side(lab: Lab, ear: Ear) -> None:
    """Before it begins, with its end."""
    passes.backfill(limited(lab, 6), watched(lab, ear), ALL_OF_DASHLY)

    waits = {(told.wait.cause, told.wait.side) for told in ear.heard_all if told.wait is not None}
    assert (Cause.LIMIT, Side.DASHLY) in waits


@pytest.mark.long
def test_a_conversation_that_failed_is_put_aside(lab: Lab, ear: Ear) -> None:
    """It is neither done nor left: a later run tries again."""
    lab.world.fault("status", side="intercom", method="POST", path="/conversations$", status=503, times=1)

    passes.backfill(lab.config, watched(lab, ear), ALL_OF_DASHLY)

    last = ear.heard_all[-1]
    assert last.done + last.aside + (last.left or 0) == TALKS


@pytest.mark.long
def test_verify_recover_and_plan_show_themselves(lab: Lab, ear: Ear) -> None:
    """Each counts what it looked at; `verify` knows how much there is."""
    passes.backfill(lab.config, lab.environment, ALL_OF_DASHLY)

    verifying.verify(lab.config, watched(lab, ear))
    compared = [told for told in ear.heard_all if told.work is Work.VERIFY and told.done]
    assert (compared[0].left, compared[-1].left, compared[-1].done) == (TALKS - 1, 0, TALKS)

    inspecting.plan_backfill(lab.config, watched(lab, ear), ALL_OF_DASHLY)
    assert any(told.work is Work.PLAN for told in ear.heard_all)

    lab.lose()
    recovering.recover(lab.config, watched(lab, ear))
    assert ear.heard_all[-1].listed == TALKS
    assert ear.heard_all[-1].work is Work.RECOVER


def test_bringing_a_state_file_up_to_date_says_how_long_it_takes(tmp_path: Path, ear: Ear) -> None:
    """At its pace, as other long work does; the end of it is told too."""
    state = tmp_path / "connector.db"
    with closing(earlier.make(state)) as file:
        for number in range(3):
            file.execute("INSERT INTO conversations(dashly_id, origin) VALUES (?, 'dashly')", [f"{number}"])

    open_store(tmp_path / "connector.toml", ear, state).close()

    first, last, shrinking = ear.heard_all[0], ear.heard_all[-2], ear.heard_all[-1]
    assert first.saved is not None
    assert (first.work, first.saved[0]) == (Work.MIGRATION, 0)
    assert shrinking.shrinking
    assert (last.work, last.done, last.left, last.seconds_left) == (Work.MIGRATION, 3, 0, 0)
    assert last.rate is not None
    assert ear.ends == 1


def test_a_backfill_that_was_killed_has_done_what_is_not_left() -> None:
    """What it noted last is up to ten seconds old, and what it did since is done all the same."""
    noted = BackfillProgress(
        run="r", side=Side.DASHLY, command="", started=0.0, noted=0.0, done=3, aside=1, left=9
    )

    assert (noted.done_by(9), noted.done_by(2), noted.done_by(10)) == (3, 10, 3)


def test_a_kept_backfill_names_the_command_that_goes_on() -> None:
    """With all that chose it, ready to be typed."""
    query = HistoryQuery(since=1_800_000_000.0, tag="two words")

    told = command_of(Choice(Side.INTERCOM, query, limit=3))

    assert (
        told == "connector backfill --from intercom --since 2027-01-15T08:00:00 --tag 'two words' --limit 3"
    )
