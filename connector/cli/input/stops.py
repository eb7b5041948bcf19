"""Ctrl-C and SIGTERM: the first ends a command in good order, the second leaves at once.

Whatever a process that leaves at once has begun is journalled: the next run finds out what became of it.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import ConnectorError, ExitCode, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType

    from connector.host.clock import SystemClock

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_MEANS = (
    "connector: stopping: nothing new is begun, reads are dropped, a write under way has 10 s to be answered;"
    " once more leaves at once\n  next: {command}\n"
)
_BEFORE = "connector: stopped before anything was begun\n"


@contextmanager
def stopping(clock: SystemClock, command: str, *, told: Callable[[], None] = lambda: None) -> Generator[None]:
    """Let a signal stop the clock of a run; ``command`` is what goes on with what is left.

    ``told`` hears of it too.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        if clock.stopped:
            # The second one means now; the journal knows the write that is cut off.
            _leave(ExitCode.ABORTED)
        clock.stop()
        told()
        _say(_MEANS.format(command=command))

    with _heard(stop):
        try:
            yield
        except ConnectorError as error:
            # Dropped reads fail like a side that is away. What needs a person is told in spite of the stop.
            if clock.stopped and error.exit_code == ExitCode.FAILED:
                raise Stopped("stopped; nothing is lost", hint=command) from error
            raise


@contextmanager
def from_the_start() -> Generator[None]:
    """Let a signal end the program while it starts; a command that works puts its own answer there."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        _say(_BEFORE)
        _leave(ExitCode.CLEAN)

    with _heard(leave):
        yield


@contextmanager
def asking() -> Generator[None]:
    """Let Ctrl-C be a "no" while a person is asked."""
    with _heard(signal.default_int_handler):
        yield


@contextmanager
def _heard(answer: Callable[[int, FrameType | None], None]) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there signals can be asked for
        yield
        return
    before = {number: signal.signal(number, answer) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            # Put back, since several commands may run in one process.
            signal.signal(number, handler)


def _say(text: str) -> None:
    """Write past the buffers of Python, which the signal may have interrupted."""
    try:
        os.write(2, text.encode())
    except OSError:
        return


def _leave(code: int) -> None:
    """End the process without waiting for its threads: a pool would wait for the writes under way."""
    os._exit(code)
