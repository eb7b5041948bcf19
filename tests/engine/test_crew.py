"""The threads of a run: how many there are, that none waits for a slow one, and that order is kept."""

from __future__ import annotations

import io
import json
import logging
import threading
from itertools import chain
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.run.crew import FEWEST, MOST, Crew
from connector.errors import STOPPED, Stopped
from connector.host.log import LogFormat, about, configure, event
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

PATIENCE = 30.0


def crew(workers: int | Literal["auto"], **width: float) -> Crew:
    """Return the threads of a run between two sides."""
    sides: Any = {side: SimpleNamespace(width=width.get(side.value, 0.0)) for side in Side}
    return Crew(workers, sides)


@pytest.mark.parametrize(("width", "size"), [(0.0, FEWEST), (8.3, 11), (39.8, 52), (1000.0, MOST)], ids=str)
def test_as_many_work_as_the_wider_side_makes_use_of(width: float, size: int) -> None:
    """Latency times the allowed rate, within bounds."""
    assert crew("auto", dashly=0.05, intercom=width).size == size


def test_a_configured_number_holds() -> None:
    """Up to as many connections as are kept."""
    assert crew(3, intercom=100.0).size == 3
    assert crew(1000).size == MOST


def test_a_slow_conversation_keeps_no_other_waiting() -> None:
    """Two threads, of which one has the slow conversation: the other does all the rest."""
    rest = threading.Event()
    done: list[int] = []

    def work(row: int) -> int:
        if row == 0:
            assert rest.wait(PATIENCE)
        return row

    with crew(2).team() as team:
        for row in range(200):
            done += [number for number, _ in team.hand(row, work)]
        rest.set()
        done += [number for number, _ in team.rest()]

    assert done[-1] in {0, 199}
    assert sorted(done) == list(range(200))


def test_what_others_finish_beside_a_failure_is_told() -> None:
    """A conversation whose work goes on while another one ends the run is done, not left."""
    failed = threading.Event()

    def work(row: int) -> int:
        if row == 1:
            failed.set()
            raise Stopped(STOPPED)
        assert failed.wait(PATIENCE)
        return row

    done: list[int] = []
    with crew(3).team() as team:
        for row in range(2):
            done += [number for number, _ in team.hand(row, work)]
        with pytest.raises(Stopped):
            done.extend(number for number, _ in chain(team.hand(2, work), team.rest()))
        done += [number for number, _ in team.ended()]

    assert sorted(done) == [0, 2]


def test_no_more_conversations_than_threads_are_under_way() -> None:
    """Whoever hands out work waits for room."""
    with crew(3).team() as team:
        release = threading.Event()
        begun = [list(team.hand(row, lambda _row: release.wait(PATIENCE))) for row in range(2)]
        threading.Timer(0.05, release.set).start()
        full = list(team.hand(2, lambda _row: release.wait(PATIENCE)))

    assert begun == [[], []]
    assert full != []


@pytest.mark.parametrize("workers", [1, 3, 64])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    """Though the first item takes longest."""
    others = threading.Event()

    def work(item: int) -> int:
        if item == 0 and workers > 1:
            assert others.wait(PATIENCE)
        others.set()
        return item

    assert list(crew(workers).each(work, range(100))) == list(range(100))


def test_items_are_drawn_only_as_far_ahead_as_they_are_worked_on() -> None:
    """A list of a million is not held."""
    drawn = 0

    def items() -> Any:
        nonlocal drawn
        for item in range(10_000):
            drawn += 1
            yield item

    results = crew(2).each(lambda item: item, items())
    for _ in range(10):
        next(results)
    results.close()  # type: ignore[attr-defined]

    assert drawn < 40


def test_a_failure_ends_the_work_and_is_raised() -> None:
    """What comes after it is not begun."""

    def work(item: int) -> int:
        if item == 5:
            raise ValueError(str(item))
        return item

    with pytest.raises(ValueError, match="5"):
        list(crew(2).each(work, range(10_000)))
    with pytest.raises(ValueError, match="5"):
        hand_out(crew(2), work)


def hand_out(hired: Crew, work: Callable[[int], int]) -> None:
    """Hand a team much work."""
    with hired.team() as team:
        for row in range(10_000):
            list(team.hand(row, work))


def test_lines_of_the_threads_are_about_the_run() -> None:
    """A run works on conversations in threads of its own, and a fleet has many runs."""
    stream = io.StringIO()
    configure(2, form=LogFormat.JSON, stream=stream)
    logger = logging.getLogger("connector.test")

    with about(pair_name="acme"), crew(2).team() as team:
        list(team.hand(1, lambda _row: event(logger, logging.INFO, "thing.happened")))
        list(team.rest())

    assert json.loads(stream.getvalue())["pair_name"] == "acme"


def test_whoever_waits_for_a_slow_conversation_does_something_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Now and then, as long as nothing is finished, and not once more than that."""
    monkeypatch.setattr("connector.engine.run.crew.NOW_AND_THEN", 0.01)
    go_on = threading.Event()
    meanwhile: list[bool] = []

    def pass_the_time() -> None:
        meanwhile.append(go_on.is_set())
        if len(meanwhile) == 3:
            go_on.set()

    def work(row: int) -> int:
        assert go_on.wait(PATIENCE)
        return row

    with crew(2).team(pass_the_time) as team:
        assert list(team.hand(1, work)) == []
        assert list(team.rest()) == [(1, 1)]

    assert meanwhile[:3] == [False] * 3


def test_nobody_passes_the_time_where_work_is_done_at_once() -> None:
    """What is finished is taken first."""
    done = threading.Event()
    meanwhile: list[int] = []

    def work(row: int) -> int:
        done.set()
        return row

    with crew(2).team(lambda: meanwhile.append(1)) as team:
        list(team.hand(1, work))
        assert done.wait(PATIENCE)
        assert list(team.rest()) == [(1, 1)]

    assert meanwhile == []
