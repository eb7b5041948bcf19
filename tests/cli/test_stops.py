"""What a signal does before, in and after the work of a command, without a process to lose."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import pytest

from connector.cli.input import stops
from connector.cli.input.stops import from_the_start, stopping
from connector.host.clock import SystemClock


class Left(Exception):
    """The process would have ended here."""


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was said, with the exit code when the process would have ended."""
    heard: list[Any] = []

    def leave(code: int) -> None:
        heard.append(int(code))
        raise Left

    monkeypatch.setattr(stops, "_say", lambda text, **_to: heard.append(text))
    monkeypatch.setattr(stops, "_leave", leave)
    monkeypatch.setattr("sys.argv", ["connector", "forget", "--user", "dashly:1"])
    return heard


def test_a_command_that_makes_no_run_names_itself(said: list[Any]) -> None:
    """It may have begun something: only that nothing is lost is true of each."""
    with pytest.raises(Left), from_the_start(to_the_end=False):
        signal.raise_signal(signal.SIGTERM)

    assert said == ["connector: stopped; nothing is lost\n  next: connector forget --user dashly:1\n", 0]


def test_a_program_that_waits_for_json_gets_its_object(
    said: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the command was stopped before it could begin: the form is that of an error."""
    monkeypatch.setattr("sys.argv", ["connector", "sync", "--json"])
    with pytest.raises(Left), from_the_start(to_the_end=False):
        signal.raise_signal(signal.SIGTERM)

    assert json.loads(said[1]) == {
        "error": "stopped; nothing is lost",
        "hint": "connector sync --json",
        "exit_code": 0,
    }


EARLY = """
import signal, sys

class Early:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            sys.meta_path.remove(self)
            signal.raise_signal(signal.{signal})

sys.argv = ["connector", "sync", "--json"]
sys.meta_path.insert(0, Early())
from connector.__main__ import main
main()
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_is_heard_while_the_program_is_still_imported(name: str) -> None:
    """It is noted before the first heavy import, and answered like any other."""
    done = subprocess.run(
        [sys.executable, "-c", EARLY.replace("{signal}", name)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr == "connector: stopped; nothing is lost\n  next: connector sync --json\n"
    assert json.loads(done.stdout)["exit_code"] == 0


LATE = """
import os, signal, sys

class Late:
    def __del__(self, kill=os.kill, me=os.getpid()):
        kill(me, signal.SIGTERM)

late = Late()
sys.argv = ["connector", "--version"]
from connector.__main__ import main
main()
"""


def test_a_signal_while_python_itself_ends_changes_no_exit_code() -> None:
    """The work is done, and nobody is left to answer."""
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_after_the_work_its_own_exit_code_counts(said: list[Any]) -> None:
    """A signal that comes too late hides no 5 or 7, and does not say that nothing was begun."""
    with from_the_start(to_the_end=False):
        with stopping(SystemClock(), lambda: "connector sync"):
            pass
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Left):
            signal.raise_signal(signal.SIGINT)

    assert said == ["connector: the work is done and reported; once more to exit at once\n", 130]


def test_the_second_signal_leaves_also_when_the_first_was_answered(said: list[Any]) -> None:
    """Between the report of a run that was stopped and the end of its process."""
    with from_the_start(to_the_end=False):
        with stopping(SystemClock(), lambda: "connector sync"):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Left):
            signal.raise_signal(signal.SIGTERM)

    assert said[1:] == [130]


def test_signals_are_heard_until_the_process_is_gone(said: list[Any]) -> None:
    """A process of its own never falls back to dying of the signal; another's handlers are put back."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        with from_the_start(to_the_end=True):
            pass
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    assert len(said) == 1
    with from_the_start(to_the_end=False):
        pass
    assert signal.getsignal(signal.SIGTERM) is before
