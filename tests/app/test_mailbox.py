"""The hints that wait for the next pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.app.machine.mailbox import ANY, MOST, leave, mailbox, take, waits
from mappings.model import Side

if TYPE_CHECKING:
    from pathlib import Path

D, IC = Side.DASHLY, Side.INTERCOM


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where a state file would be."""
    return tmp_path / "connector.db"


def test_hints_are_taken_once(state: Path) -> None:
    """Each names a conversation of a side; doubles are one."""
    for conversation in ("215", "216", "215"):
        leave(state, IC, conversation)
    leave(state, D, "77")

    assert waits(state)
    assert take(state) == {IC: {"215", "216"}, D: {"77"}}
    assert not waits(state)
    assert take(state) == {IC: frozenset(), D: frozenset()}


@pytest.mark.parametrize("forged", ["", "1 2", "1\nintercom 2", "../x", "é", "1" * 41, None])
def test_what_is_no_id_only_says_look(state: Path, forged: str | None) -> None:
    """Nothing that is sent reaches a file or an address."""
    leave(state, IC, forged)

    assert mailbox(state).read_text() == f"intercom {ANY}\n"
    assert take(state)[IC] == frozenset()


def test_a_flood_names_no_more_than_a_pass_can_fetch(state: Path) -> None:
    """The rest is found by the lists."""
    for number in range(3_000):
        leave(state, IC, str(number))

    assert mailbox(state).stat().st_size < 20_000
    assert len(take(state)[IC]) == MOST


def test_the_file_is_for_its_owner(state: Path) -> None:
    """And whatever a stranger left in its place is refused."""
    leave(state, IC, "1")
    assert mailbox(state).stat().st_mode & 0o777 == 0o600
    take(state)
    mailbox(state).symlink_to(state.with_name("elsewhere"))

    with pytest.raises(OSError, match="symbolic"):
        leave(state, IC, "1")


def test_nonsense_in_the_file_is_passed_over(state: Path) -> None:
    """A file of another program's is emptied like any."""
    mailbox(state).write_bytes(b"\xff\xfe\nintercom 215\nhello\nintercom\n")

    assert take(state)[IC] == {"215"}
