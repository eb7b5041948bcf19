"""A run that keeps going: after which ends it goes on, how long it pauses, and what ends it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from connector.cli import sync
from connector.errors import AccessDenied, ConfigError, DiskFailed, PersonNeeded, RailTripped, RemoteError
from connector.hints.waker import Waker
from connector.host.clock import SystemClock

if TYPE_CHECKING:
    from connector.cli.input.options import Options

ERRORS = {
    2: ConfigError("wrong", hint="mend it"),
    3: DiskFailed("no room", hint="make room"),
    5: RailTripped("held", hint="accept it"),
    7: AccessDenied("expired", status=401, hint="replace the token"),
}
MORE_ERRORS = {3: RemoteError("away", hint="wait"), 7: PersonNeeded("another workspace", hint="look")}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between passes; the third one ends the run."""
    slept: list[float] = []

    def sleep(clock: SystemClock, seconds: float) -> None:
        if seconds < 1:  # a request's turn
            return
        slept.append(seconds)
        if len(slept) == 3:
            clock.stop()

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    monkeypatch.setattr(Waker, "wait", lambda waker, seconds, _config: sleep(waker._clock, seconds))
    return slept


def ends_with(monkeypatch: pytest.MonkeyPatch, code: int, error: Exception | None) -> list[int]:
    """Let each pass end in one way; return a list that gets an element for each pass."""
    passes: list[int] = []

    def carry_out(*_args: object, **_options: object) -> Any:
        passes.append(code)
        if error is not None:
            raise error
        return SimpleNamespace(writes={})

    def finish(_result: object, _options: Options) -> int:
        return code

    monkeypatch.setattr("connector.app.passes.sync", carry_out)
    monkeypatch.setattr(sync, "finish", finish)
    return passes


@pytest.mark.parametrize("code", [0, 1, 3, 5])
def test_it_goes_on_after_what_another_pass_may_mend(
    bound: Any, monkeypatch: pytest.MonkeyPatch, pauses: list[float], code: int
) -> None:
    """A side that is away, a rail, news: the next pass comes after the usual pause; a stop is exit 0."""
    passes = ends_with(monkeypatch, code, None)

    done = bound.run("sync", "--every", "5")

    assert (len(passes), pauses, done.code) == (3, [5, 5, 5], 0)


@pytest.mark.parametrize(
    ("code", "error"), [(code, error) for code, error in (*ERRORS.items(), *MORE_ERRORS.items()) if code != 2]
)
def test_it_goes_on_however_the_error_reaches_it(
    bound: Any, monkeypatch: pytest.MonkeyPatch, pauses: list[float], code: int, error: Exception
) -> None:
    """An error from before a run has begun is an error like that of a run: after 7 the pause is longer."""
    passes = ends_with(monkeypatch, code, error)

    done = bound.run("sync", "--every", "5")

    assert len(passes) == 3
    assert pauses == [50, 50, 50] if code == 7 else [5, 5, 5]
    assert "Traceback" not in done.err


def test_it_ends_when_the_configuration_is_wrong(
    bound: Any, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    """No pass mends a configuration."""
    passes = ends_with(monkeypatch, 2, ERRORS[2])

    assert (bound.run("sync", "--every", "5").code, len(passes), pauses) == (2, 1, [])


def test_a_replaced_token_is_picked_up(
    bound: Any, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    """The token of the next pass is read when it begins."""
    right = bound.environment["INTERCOM_TOKEN"]
    bound.environment["INTERCOM_TOKEN"] = "expired"
    asleep = SystemClock.sleep

    def sleep(clock: SystemClock, seconds: float) -> None:
        asleep(clock, seconds)
        if seconds >= 50:
            monkeypatch.setenv("INTERCOM_TOKEN", right)

    monkeypatch.setattr(SystemClock, "sleep", sleep)

    done = bound.run("sync", "--every", "5")

    assert pauses == [50, 5, 5], done.err


def test_the_pause_is_the_configured_one(
    bound: Any, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    """`--every` without a value takes `[sync] every`, also in front of another option."""
    bound.configure("[sync]\n", '[sync]\nevery = "45s"\n')
    ends_with(monkeypatch, 0, None)

    done = bound.run("sync", "--every", "--json")

    assert (pauses, done.code) == ([45, 45, 45], 0), done.err


@pytest.mark.parametrize(("given", "seconds"), [("5", 5), ("90s", 90), ("5m", 300)])
def test_a_pause_is_written_as_in_the_configuration(
    bound: Any, monkeypatch: pytest.MonkeyPatch, pauses: list[float], given: str, seconds: float
) -> None:
    """A number is seconds; a unit may stand behind it."""
    ends_with(monkeypatch, 0, None)

    done = bound.run("sync", "--every", given)

    assert (pauses, done.code) == ([seconds] * 3, 0), done.err


@pytest.mark.parametrize("value", ["0", "nan", "soon", "0.5s", "5y"])
def test_a_pause_that_is_none_is_refused(bound: Any, value: str) -> None:
    """Less than a second, or no number: usage."""
    assert bound.run("sync", "--every", value).code == 2


@pytest.mark.long
def test_a_backfill_tells_known_trouble_when_asked(bound: Any) -> None:
    """What was told before is not news; `--strict` counts it."""
    bound.talk()
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=9)
    arguments = ("backfill", "--from", "dashly", "--yes")
    assert bound.run(*arguments).code == 1

    assert (bound.run(*arguments).code, bound.run(*arguments, "--strict").code) == (0, 1)
