"""What keeps two hosts from doing one thing twice, taken out piece by piece: somebody reads it twice then."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector import wiring
from connector.errors import ConnectorError, Locked
from connector.host import lock as locks
from connector.http import stack
from connector.http.fence import Fence
from connector.http.stack import Paced
from state.errors import TakenOver
from state.file.db import StateFile
from tests.faults import lab as labs
from tests.faults.conversations import begin, told
from tests.faults.suspended import suspended_in_a_write, take_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from connector.http.turns import Pace
    from tests.faults.lab import Lab

ONCE = "once only."


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A connector whose writes to Dashly wait in the pacer, with one thing to write."""
    made = labs.make(tmp_path, settings={"dashly": {"requests_per_minute": 6}})
    made.init()
    begin(made, "intercom", ONCE)
    return made


def frozen_in_the_pacer(lab: Lab) -> None:
    """Freeze a run whose write waits for its turn until another one, which has the lock, made it."""
    # A session that the database took for dead: its lock is free, and it does not know.
    suspended_in_a_write(lab, partial(take_over, lab))
    with suppress(TakenOver):
        lab.sync()


def overtaken_on_the_way(lab: Lab) -> None:
    """Let another run come while a write is on its way, longer than anybody waits for it."""

    def meanwhile(_number: int, what: str, when: str) -> bool:
        at_work = lab.store is not None and lab.store.journal.open()
        if at_work and (what, when) == ("request", "before") and _is_leaving(lab):
            lab.die = None
            lab.time.sleep(200)
            with suppress(Locked):
                lab.until_clean(lab.sync)
        return False

    lab.die = meanwhile
    with suppress(TakenOver, ConnectorError):
        lab.sync()


def _is_leaving(lab: Lab) -> bool:
    assert lab.store is not None
    return any(intent.sent_at for intent in lab.store.journal.open())


def without_fence(patch: pytest.MonkeyPatch) -> None:
    """Let whoever lost its pair write on."""
    patch.setattr(StateFile, "_fence", lambda _self: None)


def counting_in_memory(patch: pytest.MonkeyPatch) -> None:
    """Let the pacer ask nobody: the request window in the state is fenced as all that is written there."""
    opened = wiring.open_helpdesks

    def without_budgets(*given: Any, **named: Any) -> Any:
        return opened(*given, **named | {"budgets": None})

    patch.setattr("connector.wiring.open_helpdesks", without_budgets)


def with_the_fence_above_the_pacer(patch: pytest.MonkeyPatch) -> None:
    """Ask whether the pair is still ours before the wait for a turn, and not after it."""
    counting_in_memory(patch)
    asked: list[Callable[[], None]] = []

    def fence(inner: httpx.BaseTransport, before_write: Callable[[], None]) -> httpx.BaseTransport:
        asked.append(before_write)
        return inner

    def pace(inner: httpx.BaseTransport, turns: Pace) -> httpx.BaseTransport:
        paced = Paced(inner, turns)
        return Fence(paced, asked.pop()) if asked else paced

    patch.setattr(stack, "Fence", fence)
    patch.setattr(stack, "Paced", pace)


def without_lock(patch: pytest.MonkeyPatch) -> None:
    """Let two runs hold the lock of one pair."""
    exclusive = locks.exclusive

    @contextmanager
    def nobody_else(state: Path) -> Iterator[object]:
        with suppress(OSError):
            Path(f"{state}.lock").unlink()
        with exclusive(state) as lock:
            yield lock

    for place in ("connector.app.machine.alone", "connector.host.lock"):
        patch.setattr(f"{place}.exclusive", nobody_else)


CASES = [
    pytest.param(without_fence, frozen_in_the_pacer, id="no fence"),
    pytest.param(with_the_fence_above_the_pacer, frozen_in_the_pacer, id="fence above the pacer"),
    pytest.param(without_lock, overtaken_on_the_way, id="no lock"),
]


@pytest.mark.parametrize("pacer", [lambda _patch: None, counting_in_memory])
@pytest.mark.parametrize("story", [frozen_in_the_pacer, overtaken_on_the_way])
def test_whoever_loses_a_pair_does_nothing_twice(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    story: Callable[[Lab], None],
    pacer: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """In the pacer, whatever that asks, and with a write on its way."""
    pacer(monkeypatch)

    story(lab)
    lab.until_clean(lab.sync)

    assert told(lab, "dashly", ONCE) == 1


@pytest.mark.parametrize(("mutant", "story"), CASES)
def test_without_one_of_them_a_customer_reads_it_twice(
    lab: Lab,
    monkeypatch: pytest.MonkeyPatch,
    mutant: Callable[[pytest.MonkeyPatch], None],
    story: Callable[[Lab], None],
) -> None:
    """So none of them can be left out."""
    mutant(monkeypatch)

    story(lab)

    assert told(lab, "dashly", ONCE) == 2
