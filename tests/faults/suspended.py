"""A run that is suspended while a write of it waits for its turn, as a laptop that sleeps."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.engine.write.departure import Departures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connector.engine.write.departure import Departure
    from state.records import Intent
    from tests.faults.lab import Lab


def suspended_in_a_write(lab: Lab, meanwhile: Callable[[], None]) -> None:
    """Let something happen in the first sleep of a run that has a write to send."""
    sleep, of = lab.time.sleep, Departures.of
    sending: list[Intent] = []

    @contextmanager
    def watched(departures: Departures, intent: Intent, run: str | None) -> Iterator[Departure]:
        sending.append(intent)
        with of(departures, intent, run) as departure:
            yield departure
        sending.clear()

    def asleep(seconds: float) -> None:
        sleep(seconds)
        if sending:
            lab.time.sleep = sleep  # type: ignore[method-assign]
            Departures.of = of  # type: ignore[method-assign]
            meanwhile()

    lab.time.sleep = asleep  # type: ignore[method-assign]
    Departures.of = watched  # type: ignore[method-assign, assignment]


def take_over(lab: Lab) -> None:
    """Let another run do all the work, as if the file of the lock had been another one."""
    lab.path.with_name(f"{lab.path.name}.lock").unlink()
    lab.time.sleep(200)
    lab.until_clean(lab.sync)
