"""Long work shows itself on stderr: drawn on a terminal, a line a minute elsewhere; stdout stays clean."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from connector.cli.output.drawn_progress import DrawnWatch
from connector.cli.output.progress import LineWatch
from connector.cli.output.progress_line import progress_line, progress_lines
from connector.host.progress import Cause, Progress, Wait, Work
from mappings.model import Side
from tests.clock import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable

ESCAPE = "\x1b"
PATIENCE = 60.0
HALF_WAY = Progress(
    work=Work.BACKFILL,
    done=120,
    left=880,
    aside=1,
    requests={Side.DASHLY: 126, Side.INTERCOM: 500},
    ahead=924,
    rate=0.5,
    seconds_left=1760.0,
    wait=Wait(Cause.LIMIT, Side.DASHLY, 23.0),
)


@pytest.fixture
def slow(settle_in: Callable[..., Any]) -> Any:
    """A place with a past, where Dashly's limit is felt."""
    place = settle_in()
    place.bind_slowly(talks=12)
    return place


def on_a_terminal(place: Any, *arguments: str) -> tuple[int, str, str]:
    """Run a command whose stderr is a terminal; return its code, its stdout and what the terminal got."""
    mine, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if not k.endswith(("_TOKEN", "_TOKEN_FILE"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", *arguments],
        cwd=place.folder,
        env=environment | place.environment | {"TERM": "xterm", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    place.running.append(process)
    os.close(theirs)
    got = bytearray()
    while chunk := _read(mine):
        got += chunk
    out, _ = process.communicate(timeout=PATIENCE)
    os.close(mine)
    return process.returncode, out.decode(), got.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other end is closed
        return b""


def test_a_line_says_what_is_done_left_spent_and_waited_for() -> None:
    """In the order in which a person asks."""
    assert progress_line(HALF_WAY, 0.0) == (
        "backfill: 120 done, 1 set aside, 880 left, 30 a minute, requests: Dashly 126 (about 924 to come), "
        "Intercom 500, about 29 minutes left, waiting 23 s for Dashly's limit"
    )


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_on_a_narrow_terminal_facts_stay_whole(width: int) -> None:
    """Lines end between two facts, and together say the same."""
    lines = progress_lines(HALF_WAY, 0.0, width)

    assert " ".join(line.strip() for line in lines) == progress_line(HALF_WAY, 0.0)
    assert all(len(line) <= width or line.strip().count(", ") == 0 for line in lines)


def test_less_than_a_second_is_not_told() -> None:
    """It is over before it is read."""
    assert (
        progress_line(Progress(work=Work.UNDO, done=3, left=1, seconds_left=0.4), 0.0)
        == "undo: 3 done, 1 left"
    )


def test_what_is_copied_before_an_update_is_told_by_its_size() -> None:
    """Who waits for a large file sees that it is being copied, and how far that is."""
    saving = Progress(work=Work.MIGRATION, saved=(100 * 1024**2, 412 * 1024**2))

    assert progress_line(saving, 0.0) == "updating the state file: copying it first, 100 MB of 412 MB"


def test_a_file_that_is_made_smaller_is_told_by_its_size() -> None:
    """It is the last step of an update, and a long one of a large file."""
    shrinking = Progress(work=Work.MIGRATION, shrinking=412 * 1024**2)

    assert progress_line(shrinking, 0.0) == "updating the state file: making it smaller in the end, 412 MB"


@pytest.mark.parametrize("work", list(Work))
def test_every_work_can_show_itself(work: Work) -> None:
    """A line that cannot be made would end the work that it tells of."""
    assert progress_line(Progress(work=work, done=3), 0.0).endswith(": 3 done")


@pytest.mark.parametrize(
    ("wait", "told"),
    [
        (Wait(Cause.LIMIT, Side.INTERCOM, 9.0), "waiting 9 s for Intercom's limit"),
        (Wait(Cause.ANSWER, Side.DASHLY, 9.0), "waiting 9 s to ask Dashly again"),
        (Wait(Cause.SETTLING, None, 9.0), "waiting 9 s until an unclear write can be looked for"),
    ],
)
def test_a_wait_says_what_for(wait: Wait, told: str) -> None:
    """A person can tell a limit from trouble."""
    assert progress_line(Progress(work=Work.SYNC, wait=wait), 0.0).endswith(told)


def test_a_wait_that_is_over_is_not_told() -> None:
    """Nothing says that it waits when it works."""
    assert "waiting" not in progress_line(HALF_WAY, 23.0)


def test_a_line_is_written_once_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    """However often something happens; the first one after a minute."""
    clock = VirtualClock()
    watch = LineWatch(clock)
    for _ in range(130):
        watch.heard(HALF_WAY)
        clock.advance(1)

    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.long
def test_a_backfill_that_is_no_terminals_tells_every_minute(slow: Any) -> None:
    """On stderr, without control codes; stdout is one object."""
    ran = slow.run("backfill", "--from", "dashly", "--yes", "--json")

    told = [line for line in ran.err.splitlines() if line.startswith("backfill: ")]
    assert len(told) >= 2
    assert " left, " in told[0]
    assert "requests: Dashly " in told[0]
    assert ESCAPE not in ran.err
    assert ran.json["exit_code"] == ran.code == 0


@pytest.mark.long
def test_a_sync_that_waits_for_long_tells_so(slow: Any) -> None:
    """A pass of several minutes is not silent; a quick one is."""
    slow.configure("requests_per_minute = 6", "requests_per_minute = 1")
    for number in range(4):
        slow.talk(f"New {number}")
    slow.wait(120)

    waited = slow.run("sync", "--json")

    assert "for Dashly's limit" in waited.err
    assert waited.err.count("sync: ") >= 2


@pytest.mark.long
def test_a_terminal_shows_one_line_that_goes_away(slow: Any) -> None:
    """Drawn while it works, taken away at the end, and never on stdout."""
    slow.configure("requests_per_minute = 6", "requests_per_minute = 60")

    code, out, terminal = on_a_terminal(slow, "backfill", "--from", "dashly", "--yes")

    assert code in (0, 1), out  # the helpdesks of this test are ahead of the real clock
    assert "backfill: " in terminal
    assert "left" in terminal
    assert ESCAPE in terminal
    assert ESCAPE not in out


@pytest.mark.long
@pytest.mark.parametrize("option", ["--json", "--plain"])
def test_nothing_is_drawn_for_programs(slow: Any, option: str) -> None:
    """Also when a terminal is there."""
    slow.configure("requests_per_minute = 6", "requests_per_minute = 120")

    code, out, terminal = on_a_terminal(slow, "verify", option)

    assert ESCAPE not in terminal + out
    assert code in (0, 1)
    if option == "--json":
        assert json.loads(out)["exit_code"] == code


def test_what_is_done_at_once_draws_nothing() -> None:
    """Only what takes longer than a second shows itself before its result."""
    clock = VirtualClock(0.0)
    watch = DrawnWatch(clock)

    watch.heard(Progress(work=Work.VERIFY, done=1))
    assert not watch.is_drawing
    clock.advance(1.5)
    watch.heard(Progress(work=Work.VERIFY, done=2))

    assert watch.is_drawing
    watch.ended()


def test_a_short_pause_of_a_sync_draws_nothing() -> None:
    """The even pace of requests is not a wait."""
    watch = DrawnWatch(VirtualClock(0.0))

    watch.heard(Progress(work=Work.SYNC, wait=Wait(Cause.LIMIT, Side.DASHLY, 1.0)))

    assert not watch.is_drawing
