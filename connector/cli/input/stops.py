"""Ctrl-C and SIGTERM: the first ends a command in good order, the second leaves at once.

Whatever a process that leaves at once has begun is journalled: the next run finds out what became of it.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import STOPPED, ConnectorError, ExitCode, Stopped
from connector.host.cell import json_line
from state.errors import StateFailed
from state.postgres import patience

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType

    from connector.host.clock import SystemClock

_STDOUT, _STDERR = 1, 2
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_MEANS = (
    "connector: stopping: nothing new is started, reads are dropped, a write in flight may take "
    "10 s; once more to exit at once\n  next: {command}\n"
)
_FINISHED = "connector: the work is done and reported; once more to exit at once\n"


class _Program:
    """Hears signals while no run does: before one begins, in commands that make none, and after its end."""

    def __init__(self) -> None:
        self._finished = False
        self._asked = False

    def finish(self, *, asked: bool = False) -> None:
        """Note that the work is done; ``asked`` when it was stopped."""
        self._finished = True
        self._asked = self._asked or asked

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if not self._finished:
            command = this_command()
            _say(f"connector: {STOPPED}\n  next: {command}\n")
            if "--json" in sys.argv:
                # As an error is told: whoever reads stdout waits for one object.
                told = {"error": STOPPED, "hint": command, "exit_code": int(ExitCode.CLEAN)}
                _say(json_line(told) + "\n", to=_STDOUT)
            _leave(ExitCode.CLEAN)
        elif self._asked:
            _leave(ExitCode.ABORTED)
        else:
            # The exit code says how the work ended: to leave now would hide it.
            self._asked = True
            _say(_FINISHED)


def this_command() -> str:
    """Return the command line of this process: what goes on with what it leaves."""
    return shlex.join(["connector", *sys.argv[1:]])


@contextmanager
def stopping(
    clock: SystemClock, command: Callable[[], str] = this_command, *, told: Callable[[], None] = lambda: None
) -> Generator[None]:
    """Let a signal stop the clock of a run; ``command`` is what would go on at that moment, else this one.

    ``told`` hears of it too.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        if clock.stopped:
            # The second one means now; the journal knows the write that is cut off.
            _leave(ExitCode.ABORTED)
        clock.stop()
        patience.hurry()
        told()
        _say(_MEANS.format(command=command()))

    around = signal.getsignal(signal.SIGTERM)
    with _heard(stop):
        try:
            yield
        except (ConnectorError, StateFailed) as error:
            # Dropped reads fail like a side that is away, and a database that hangs is not waited for any
            # more. What needs a person is told in spite of the stop.
            if isinstance(error, Stopped):
                raise Stopped(str(error), hint=command()) from error
            if clock.stopped and error.exit_code == ExitCode.FAILED:
                raise Stopped(STOPPED, hint=command()) from error
            raise
        finally:
            patience.take_time()
            if isinstance(around, _Program):
                around.finish(asked=clock.stopped)


@contextmanager
def from_the_start(*, to_the_end: bool, stopped: Callable[[], bool] = lambda: False) -> Generator[None]:
    """Let a signal end the program while it starts; a command that works puts its own answer there.

    ``to_the_end`` when the process is this program's own: then signals are heard until it is gone.
    ``stopped`` tells whether one came before.
    """
    program = _Program()
    with _heard(program, put_back=not to_the_end):
        if stopped():
            program(signal.SIGTERM, None)
        try:
            yield
        finally:
            program.finish()


@contextmanager
def asking() -> Generator[None]:
    """Let Ctrl-C be a "no" while a person is asked."""
    with _heard(signal.default_int_handler):
        yield


@contextmanager
def _heard(answer: Callable[[int, FrameType | None], None], *, put_back: bool = True) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there signals can be asked for
        yield
        return
    before = {number: signal.signal(number, answer) for number in _SIGNALS}
    try:
        yield
    finally:
        # Put back, since several commands may run in one process.
        for number, handler in before.items() if put_back else ():
            signal.signal(number, handler)


def _say(text: str, *, to: int = _STDERR) -> None:
    """Write past the buffers of Python, which the signal may have interrupted."""
    try:
        os.write(to, text.encode())
    except OSError:
        return


def _leave(code: int) -> None:
    """End the process without waiting for its threads: a pool would wait for the writes under way."""
    os._exit(code)
