"""What has to be told reaches somebody: also when nobody takes it at first, and when no run can begin."""

from __future__ import annotations

import fcntl
import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.receiver import Receiver, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = 3600.0


@pytest.fixture
def receiver(bound: Any) -> Iterator[Receiver]:
    """Somebody who is told how runs of the pair end."""
    with listening() as server:
        base = f"http://127.0.0.1:{server.server_port}"
        bound.configure(
            "[sync]\n", f'[alerts]\nping_url = "{base}/ping"\nwebhook_url = "{base}/hook"\n[sync]\n'
        )
        yield server


def posted(receiver: Receiver) -> list[str]:
    """Return the body of each alert, and forget what came."""
    bodies = [str(body["body"]) for method, _, body in receiver.got if method == "POST"]
    receiver.got.clear()
    return bodies


@contextmanager
def hanging(place: Any) -> Iterator[None]:
    """Hold the lock as a run does that has finished no step for an hour."""
    lock = Path(f"{place.state}.lock")
    with lock.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _, run, since = file.read().split()
        file.seek(0)
        file.write(f"4242\n{run}\n{float(since) - HOUR}\n")
        file.flush()
        with closing(sqlite3.connect(place.state)) as state, state:
            state.execute("UPDATE meta SET value = value - ? WHERE key = 'step'", [HOUR])
        yield


@pytest.mark.long
def test_what_nobody_took_is_told_after_the_next_run(bound: Any, receiver: Receiver) -> None:
    """The server of alerts was down: the news comes once it is back, and once."""
    bound.talk()
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=9)
    receiver.status = 503
    assert bound.run("sync").code == 1
    receiver.got.clear()
    assert bound.run("sync").code == 0
    receiver.got.clear()

    receiver.status = 200
    bound.run("sync")
    (told,) = posted(receiver)
    bound.run("sync")

    assert "is in quarantine" in told
    assert posted(receiver) == []


@pytest.mark.long
def test_a_failure_that_nobody_took_is_told_in_spite_of_the_next_one(bound: Any, receiver: Receiver) -> None:
    """The second run fails like the first, which is not news to whoever heard of that."""
    bound.world.fault("status", side="intercom", path="/me$", status=401, times=9)
    receiver.status = 503
    assert bound.run("sync").code == 7
    receiver.got.clear()

    receiver.status = 200
    assert bound.run("sync").code == 7

    (told,) = posted(receiver)
    assert "Intercom" in told


@pytest.mark.long
def test_a_run_that_hangs_is_told_once(bound: Any, receiver: Receiver) -> None:
    """Each pass finds it in its way; it is a failure to whoever counts pings, and news once."""
    bound.run("sync")
    receiver.got.clear()
    with hanging(bound):
        assert bound.run("sync").code == 1
        assert {path for _, path, _ in receiver.got} == {"/ping/fail", "/hook"}
        (told,) = posted(receiver)
        assert bound.run("sync").code == 1
        assert posted(receiver) == []
    bound.run("sync")
    with hanging(bound):
        bound.run("sync")

    assert "kill 4242" in told
    assert len(posted(receiver)) == 1


@pytest.mark.long
def test_a_run_at_work_is_no_trouble(bound: Any, receiver: Receiver) -> None:
    """Its lock keeps the next one out, which is as it should be."""
    with Path(f"{bound.state}.lock").open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert bound.run("sync", "--strict").code == 4

    assert receiver.got == []


@pytest.mark.long
def test_a_lost_state_file_is_told(bound: Any, receiver: Receiver) -> None:
    """No run can be recorded where there is no state."""
    bound.talk()
    bound.run("sync")
    posted(receiver)
    bound.state.unlink()

    assert bound.run("sync").code == 7
    assert bound.run("sync").code == 7

    (told,) = posted(receiver)
    assert "connector recover" in told


@pytest.mark.long
def test_what_waits_to_be_told_holds_no_words(bound: Any, receiver: Receiver) -> None:
    """Beside the state file: ids of runs, for this user only, and never larger."""
    bound.talk("a secret of a customer")
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=9)
    receiver.status = 503
    bound.run("sync")

    kept = Path(f"{bound.state}.alerts")
    assert "customer" not in kept.read_text()
    assert (kept.stat().st_size, kept.stat().st_mode & 0o777) == (1024, 0o600)
