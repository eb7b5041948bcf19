"""Files in flight as a user meets them: a disk that fails, leftovers, commands that only look."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from connector.sandbox.exchange import Upload

PAPER = Upload("paper.txt", b"on paper", "text/plain")
LEFT = hashlib.sha256(b"left by a crash").hexdigest()
NORA_THERE = "814860"


@pytest.fixture
def sent(bound: Any) -> Any:
    """A place where a teammate sent a file that is not copied yet."""
    desk = bound.world.intercom
    talk = desk.customer_starts(desk.customer("Max"), "Hello")
    desk.agent_writes(talk, "look", agent=NORA_THERE, attachments=[PAPER])
    return bound


def copied(place: Any) -> list[str]:
    """Return the names of the files that Dashly has."""
    talks = place.world.truth()["dashly"]["conversations"]
    return [file["name"] for talk in talks for part in talk["parts"] for file in part["attachments"]]


@pytest.mark.long
def test_a_disk_that_fails_is_told_in_one_sentence(sent: Any) -> None:
    """Exit code 3, the next step, no traceback; when it is mended the file arrives."""
    folder = sent.folder / "connector.db.files"
    folder.write_text("in the way")

    said = sent.run("sync", "--json")

    assert (said.code, said.json["exit_code"]) == (3, 3)
    assert "a file in flight cannot be kept on disk" in said.json["error"]
    assert "nothing is lost" in said.json["hint"]
    assert "Traceback" not in said.err
    assert copied(sent) == []
    folder.unlink()
    assert sent.run("sync").code == 0
    assert copied(sent) == ["paper.txt"]
    assert not folder.exists()


@pytest.mark.long
def test_leftovers_go_when_a_run_begins_and_stay_for_those_that_only_look(sent: Any) -> None:
    """A command without the lock touches nothing; the next one with it cleans up, whatever it then does."""
    left = sent.folder / "connector.db.files" / LEFT
    left.parent.mkdir(mode=0o700)
    left.write_bytes(b"left by a crash")

    for command in ("plan", "verify", "status"):
        sent.run(command)
        assert [path.name for path in left.parent.iterdir()] == [LEFT]
    sent.run("sync")

    assert not left.parent.exists()
    assert copied(sent) == ["paper.txt"]
