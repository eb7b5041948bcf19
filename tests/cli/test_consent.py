"""What a person is asked before a backfill, and again when its first copy can be looked at."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from connector.app.migration import canary
from connector.host.clock import SystemClock
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400.0
AGENTS = {"dashly": "151204", "intercom": "814860"}
TALKS = 3


@pytest.fixture(params=["dashly", "intercom"])
def past(place: Any, request: Any) -> Any:
    """A bound place with a past on one side, and the name of that side."""
    desk, now = place.world.desk(request.param), place.world.clock.now()
    for number in range(TALKS):
        customer = desk.customer(f"Eva {number}", email=f"eva{number}@shop.example", created=now - 9 * DAY)
        talk = desk.customer_starts(customer, f"Question {number}", created=now - 9 * DAY)
        desk.agent_writes(talk, f"Answer {number}", agent=AGENTS[request.param], created=now - 8 * DAY)
        desk.close(talk, agent=AGENTS[request.param], created=now - 7 * DAY + number)
    place.wait(5)
    assert place.run("init").code == 0
    return place, request.param


def copies(place: Any, source: str) -> int:
    """Return how many conversations the other side has."""
    other = {"dashly": "intercom", "intercom": "dashly"}[source]
    return len(place.world.truth()[other]["conversations"])


def backfill(place: Any, source: str, *answers: Callable[[], str], options: tuple[str, ...] = ()) -> Any:
    """Run a backfill on a terminal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", Terminal(*answers))
        return place.run("backfill", "--from", source, *options)


def test_how_much_how_long_and_what_to_pause_is_told_before_anything_is_written(past: Any) -> None:
    """A "no" ends with 130 and has changed nothing."""
    place, source = past

    ended = backfill(place, source, lambda: "n")

    assert ended.code == 130
    assert place.remote_writes() == []
    for told in (
        "3 conversations with 9 parts",
        "to create in",
        "requests to Dashly",
        "at the rate limits",
        "pause",
    ):
        assert told in ended.err


def test_one_conversation_is_copied_and_looked_at_before_the_rest(past: Any) -> None:
    """Nobody hears of any copy, and nothing but ours is in the first one."""
    place, source = past
    seen: list[int] = []

    def look() -> str:
        seen.append(copies(place, source))
        return "y"

    ended = backfill(place, source, lambda: "y", look)

    assert (ended.code, seen, copies(place, source)) == (0, [1], TALKS)
    assert "in 10 seconds its copy is read again" in ended.err
    assert "the copy contains only what the connector wrote" in ended.err
    assert place.world.notifications(via="api") == []
    assert ended.out.endswith("\nNext: connector verify\n")
    assert place.run("verify").code == 0


def test_the_account_covers_the_first_copy_and_the_rest(past: Any) -> None:
    """What was typed once is told once, with the name of the run that came first."""
    place, source = past

    ended = backfill(place, source, lambda: "y", lambda: "y", options=("--json",))

    told, (rest, first) = ended.json, place.run("undo", "--json").json["backfills"]
    talks = told["conversations"]
    assert (talks["created"], talks["chosen"], talks["done"], talks["left"]) == (TALKS, TALKS, TALKS, 0)
    assert told["first"] == {"run_id": first["run_id"], "created": 1}
    assert told["run_id"] == rest["run_id"]
    counts = place.run("status", "--json").json["parts"]
    assert told["parts"] == counts
    assert told["parts_seen"] == sum(counts.values()) + told["parts_waiting"]
    next_pass = place.run("sync", "--json").json
    assert told["parts_waiting"] == next_pass["parts_seen"]


def test_what_the_first_copy_cost_is_told_with_the_rest(past: Any) -> None:
    """In one line a person sees that it was two runs, and how the first one is called."""
    place, source = past

    ended = backfill(place, source, lambda: "y", lambda: "y")

    first = place.run("undo", "--json").json["backfills"][-1]["run_id"]
    assert f"  first     1 conversation of these, looked at before the rest: run {first}\n" in ended.out


def test_a_first_copy_that_failed_is_counted_once(past: Any) -> None:
    """The second run tries it again: nothing is chosen twice."""
    place, source = past
    side, path = {"dashly": ("intercom", "/conversations$"), "intercom": ("dashly", ".*")}[source]
    place.world.fault(kind="status", status=422, side=side, method="POST", path=path, times=1)

    ended = backfill(place, source, lambda: "y", lambda: "y", options=("--json",))

    talks = ended.json["conversations"]
    assert talks["chosen"] == talks["done"] + talks["put_aside"] + talks["left"] == TALKS
    assert talks["left"] == 0
    assert len(ended.json["attention"]) == len(set(ended.json["attention"]))


def test_with_nothing_to_copy_nobody_is_asked(past: Any) -> None:
    """It says so, and ends with 0; where a program or a page wants an account, it asks as ever."""
    place, source = past
    assert backfill(place, source, options=("--yes",)).code == 0
    written = len(place.remote_writes())

    again = backfill(place, source)

    assert (again.code, "Nothing to copy" in again.out, again.err) == (0, True, "")
    asked = backfill(place, source, lambda: "n", options=("--json",))
    assert (asked.code, len(place.remote_writes())) == (130, written)


def test_the_question_names_both_sides_as_people_do(past: Any) -> None:
    """With a capital letter, and the new line that belongs behind an answer."""
    place, source = past

    ended = backfill(place, source, lambda: "n")

    names = {"dashly": "Dashly to Intercom", "intercom": "Intercom to Dashly"}[source]
    assert f"Copy the past conversations of {names}?" in ended.err


@pytest.mark.long
def test_a_no_after_the_first_copy_leaves_the_rest(past: Any) -> None:
    """What was copied is named with the command that takes it back."""
    place, source = past

    ended = backfill(place, source, lambda: "y", lambda: "n")

    assert (ended.code, copies(place, source)) == (130, 1)
    assert "nothing was written" not in ended.err
    assert "the first copy is kept" in ended.err
    if source == "dashly":
        run = ended.err.split("connector undo --run ")[1].split()[0]
        assert place.run("undo", "--run", run, "--yes").code == 0
        assert copies(place, source) == 0


@pytest.mark.long
def test_what_answers_the_first_copy_is_named(past: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that wrote into it is told before the person is asked."""
    place, source = past
    desk = place.world.desk({"dashly": "intercom", "intercom": "dashly"}[source])
    sleep = SystemClock.sleep

    def slept(clock: SystemClock, seconds: float) -> None:
        sleep(clock, seconds)
        if seconds == canary.PATIENCE:
            desk.bot_writes(str(next(iter(desk.state.conversations))), "How did we do?")

    monkeypatch.setattr(SystemClock, "sleep", slept)

    ended = backfill(place, source, lambda: "y", lambda: "n")

    assert (ended.code, copies(place, source)) == (130, 1)
    assert "has already acted on the copy" in ended.err
    assert ": message" in ended.err.split("has already acted on the copy")[1]


def test_a_stop_before_the_answer_does_not_advise_to_skip_the_question(
    past: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever types what is named must be asked: nobody agreed to the rest yet."""
    place, source = past
    sleep = SystemClock.sleep

    def slept(clock: SystemClock, seconds: float) -> None:
        if seconds == canary.PATIENCE:
            signal.raise_signal(signal.SIGTERM)
        sleep(clock, seconds)

    monkeypatch.setattr(SystemClock, "sleep", slept)
    monkeypatch.setattr("sys.argv", ["connector", "backfill", "--from", source])

    ended = backfill(place, source, lambda: "y", lambda: "n")

    assert copies(place, source) == 1
    assert f"next: connector backfill --from {source}\n" in ended.err
    assert "--yes" not in ended.err


@pytest.mark.long
def test_a_single_conversation_is_asked_for_once(past: Any) -> None:
    """There is no rest to wait for."""
    place, source = past

    ended = backfill(place, source, lambda: "y", options=("--limit", "1"))

    assert (ended.code, copies(place, source)) == (0, 1)


@pytest.mark.long
def test_a_limit_counts_the_first_copy(past: Any) -> None:
    """Two are two."""
    place, source = past

    ended = backfill(place, source, lambda: "y", lambda: "y", options=("--limit", "2"))

    assert (ended.code, copies(place, source)) == (0, 2)


@pytest.mark.long
def test_yes_asks_nothing_and_says_what_was_not_looked_at(past: Any) -> None:
    """Nobody can be asked then."""
    place, source = past

    ended = place.run("backfill", "--from", source, "--yes")

    assert (ended.code, copies(place, source)) == (0, TALKS)
    assert "nobody looked at the first copy" in ended.err
