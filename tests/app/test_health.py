"""Healthy or not, and since when: from the log of runs alone."""

from __future__ import annotations

from typing import Any

from connector.app.health import SILENT_AFTER, health_of


def run(
    finished: float | None, code: int | None, *, command: str = "sync", error: str = ""
) -> dict[str, Any]:
    """Return a run as the log gives it."""
    report = {"error": error, "hint": "do it", "attention": ["look"]} if error else {"attention": ["look"]}
    return {"id": "r", "command": command, "finished": finished, "exit_code": code, "report": report}


def test_without_a_run_there_is_no_health() -> None:
    """What never ran keeps nothing in step, and the next step is to run it."""
    found = health_of([run(None, None)], 100.0)

    assert (found.healthy, found.since, found.hint) == (False, None, "connector sync")
    assert (found.condition, found.why) == ("not in step yet", "the first run has not ended")
    assert health_of([], 100.0).why == "no run has been made"


def test_a_state_that_was_rebuilt_is_compared_before_anything_is_copied() -> None:
    """A backfill would copy once more what the rebuilding did not find."""
    found = health_of([], 100.0, rebuilt=True)

    assert "backfill" not in found.hint
    assert found.hint.startswith("connector verify")


def test_it_is_healthy_since_the_first_good_run_after_a_failure() -> None:
    """News is not an illness; the failure before is still told."""
    found = health_of([run(400.0, 1), run(300.0, 0), run(200.0, 3, error="away"), run(100.0, 0)], 410.0)

    assert (found.healthy, found.since, found.attention) == (True, 300.0, ("look",))
    assert found.last_failure is not None
    assert (found.last_failure.error, found.last_failure.at) == ("away", 200.0)


def test_it_is_ill_since_the_first_failure_of_the_present_row() -> None:
    """The newest reason counts, the oldest time."""
    found = health_of([run(None, None), run(300.0, 7, error="expired"), run(200.0, 3, error="away")], 310.0)

    assert (found.healthy, found.since) == (False, 200.0)
    assert (found.why, found.hint) == ("sync ended with 7: expired", "do it")


def test_silence_is_no_health() -> None:
    """A timer that stopped is found out although the last run was good."""
    runs = [run(100.0, 0), run(50.0, 0)]

    assert health_of(runs, 100.0 + SILENT_AFTER).healthy
    found = health_of(runs, 101.0 + SILENT_AFTER)
    assert (found.healthy, found.since) == (False, 100.0)


def test_what_only_looks_says_nothing_about_health() -> None:
    """A `verify` in the log is passed over."""
    assert health_of([run(300.0, 1, command="verify"), run(100.0, 3, error="away")], 310.0).since == 100.0
