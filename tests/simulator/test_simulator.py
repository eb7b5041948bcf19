"""Days of two helpdesks that always pass, and faults of the connector that the simulator must find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.engine.apply.records import Records
from connector.engine.write.protocol import Protocol
from tests.simulator.play import failure_of, play
from tests.simulator.script import DAY, Script, Setting
from tests.simulator.shrink import shrink
from tests.simulator.weather import draw

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

pytestmark = pytest.mark.long
MOST_TRIALS = 40


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_a_day_of_a_seed_keeps_every_promise(seed: int) -> None:
    """What people do, faults and deaths: after the day the judge finds nothing wrong."""
    play(draw(seed, days=1, talks=8))


def test_a_seed_always_draws_the_same_week() -> None:
    """A seed that failed can be played again, and another seed is another week."""
    assert draw(7, days=7) == draw(7, days=7)
    assert draw(7, days=7) != draw(8, days=7)


def _sent_twice(send: Callable[..., Any]) -> Callable[..., Any]:
    def both(self: object, *given: object) -> object:
        send(self, *given)
        return send(self, *given)

    return both


def _nothing(*_given: object, **_more: object) -> None:
    return None


FAULTS = {
    "sent twice": (Protocol, "_send", _sent_twice),
    "ledger not written": (Records, "write", lambda _write: _nothing),
}


def _hours() -> Script:
    drawn = draw(14, days=1, talks=4, restores=False)
    return Script(drawn.seed, Setting(), tuple(act for act in drawn.acts if act.at < DAY / 3))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_put_back_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connector with a fault breaks a promise within hours; without it these hours pass."""
    play(_hours())
    owner, name, broken = FAULTS[fault]
    monkeypatch.setattr(owner, name, broken(getattr(owner, name)))
    assert failure_of(_hours()) is not None


def test_a_failing_script_is_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few acts are left of a day, and they still show what is wrong."""
    monkeypatch.setattr(Protocol, "_send", _sent_twice(Protocol._send))
    script = _hours()
    failure = failure_of(script)
    assert failure is not None
    trials = iter(range(MOST_TRIALS))
    small = shrink(script, failure, enough=lambda: next(trials, None) is None)
    assert len(small.acts) <= 8
    assert failure_of(small) is not None
