"""What a transaction promises."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from mappings.model import Side
from state import store as states
from state.errors import StateFailed, TakenOver
from tests.keys import KEY
from tests.stores import BROKEN

if TYPE_CHECKING:
    from pathlib import Path

    from state.store import Store


FULL = 2
"""SQLite's number of the mode in which a commit waits for the disk."""


class Crash(BaseException):
    """Something that is no Exception, as a signal may raise it."""


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, Crash])
def test_an_error_takes_everything_back(store: Store, error: type[BaseException]) -> None:
    """Either all changes of a transaction happen or none, whatever ends it."""

    def write() -> None:
        with store.transaction():
            store.meta.set("a", "1")
            store.watermarks.advance(Side.DASHLY, 9.0)
            raise error

    with pytest.raises(error):
        write()

    assert store.meta.get("a") is None
    assert store.watermarks.get(Side.DASHLY) is None


def test_a_write_goes_on_after_one_that_failed(store: Store) -> None:
    """A failed transaction leaves no open one behind."""
    with pytest.raises(ValueError, match="broken"), store.transaction():
        raise ValueError("broken")

    store.meta.set("a", "1")

    assert store.meta.get("a") == "1"


def test_an_inner_write_joins_the_outer_one(store: Store) -> None:
    """What an inner write did is gone when the outer one fails later."""

    def write() -> None:
        with store.transaction():
            with store.transaction():
                store.meta.set("a", "1")
            raise ValueError("late")

    with pytest.raises(ValueError, match="late"):
        write()

    assert store.meta.get("a") is None


def test_changes_show_elsewhere_only_when_all_are_made(store: Store, second: Store) -> None:
    """Another process sees all of a transaction or nothing of it."""
    with store.transaction():
        store.meta.set("a", "1")
        during = second.meta.get("a")

    assert (during, second.meta.get("a")) == (None, "1")


def test_a_write_takes_the_lock_at_its_beginning(store: Store, second: Store) -> None:
    """Two processes that both read before they write cannot overlook each other."""
    with suppress(StateFailed):  # only one of them knows the words
        second.file.read("PRAGMA busy_timeout = 1")
    with suppress(StateFailed):
        second.file.read("SELECT set_config('lock_timeout', '1', false)")

    with (
        store.transaction(),
        pytest.raises(StateFailed, match="lock"),
        second.transaction(),
    ):
        pytest.fail("two transactions at once")

    second.meta.set("a", "1")
    assert store.meta.get("a") == "1"


def test_a_broken_reference_is_refused(store: Store) -> None:
    """A row about an unknown conversation cannot be written."""
    with pytest.raises(BROKEN):
        store.quarantine.put(77, Side.DASHLY, "p", "why", at=1.0)


def test_threads_share_a_file_without_losing_writes(store: Store) -> None:
    """Writes of several threads happen one after another."""

    def count() -> None:
        for _ in range(25):
            with store.transaction():
                store.meta.set("n", str(int(store.meta.get("n") or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.meta.get("n") == "100"


def test_a_run_that_was_taken_over_cannot_write(store: Store, second: Store) -> None:
    """A suspended process that wakes up after another took over changes nothing."""
    store.file.take_over("first")
    second.file.take_over("second")

    with pytest.raises(TakenOver):
        store.meta.set("a", "1")

    second.meta.set("b", "2")
    assert (store.meta.get("a"), store.meta.get("b")) == (None, "2")


def test_a_run_that_was_taken_over_cannot_even_spend_requests(store: Store, second: Store) -> None:
    """The fence stands before every write, the budget included."""
    store.file.take_over("first")
    second.file.take_over("second")

    with pytest.raises(TakenOver):
        store.budgets[Side.DASHLY].take(now=1.0, limit=60, window=60.0)


def test_a_file_that_no_run_claimed_may_be_written(store: Store, second: Store) -> None:
    """Commands that are not runs, such as the first init, need not take over."""
    store.file.take_over("first")

    second.meta.set("a", "1")

    assert store.meta.get("a") == "1"


def test_taking_over_again_is_allowed(store: Store, second: Store) -> None:
    """The file belongs to whoever took over last."""
    store.file.take_over("first")
    second.file.take_over("second")
    store.file.take_over("third")

    store.meta.set("a", "1")

    with pytest.raises(TakenOver):
        second.meta.set("a", "2")
    assert store.meta.get("a") == "1"


def test_a_request_leaves_after_its_intent_is_on_the_disk(tmp_path: Path) -> None:
    """What can be found again after a power cut is not waited for; what leaves next takes it to the disk."""
    store = states.create(tmp_path / "connector.db", key=KEY)

    def waits() -> bool:
        mode = store.file.first("PRAGMA synchronous")
        return mode is not None and mode[0] == FULL

    with store.transaction(lazily=True):
        confirmed = waits()
    store.journal.left("marker", 9.0)
    left = waits()
    store.close()

    assert (confirmed, left) == (False, True)
