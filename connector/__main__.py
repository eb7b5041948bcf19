"""The program's first moments, as `connector` and as `python -m connector`.

A signal is noted before anything heavy is imported, and answered as soon as the words for it are there.
"""

from __future__ import annotations

import atexit
import os
import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_ABORTED: Final = 130  # ExitCode.ABORTED, whose module is not imported yet


class _Noted:
    """Whether a signal came so early that nobody could answer it; the second one leaves at once."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            os._exit(_ABORTED)
        self.asked = True


def _deaf() -> None:
    """Ignore signals: Python drops its handlers at its end, and the exit code would be lost."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def main() -> None:
    """Run the command line and exit with the documented code."""
    noted = _Noted()
    for number in _SIGNALS:
        signal.signal(number, noted)
    # Registered first, it is called last.
    atexit.register(_deaf)
    from connector import cli  # noqa: PLC0415 - imports for a fifth of a second

    cli.main(stopped=lambda: noted.asked)


if __name__ == "__main__":
    main()
