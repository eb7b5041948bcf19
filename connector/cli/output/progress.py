"""How far long work is, on stderr: drawn on a terminal, else a line a minute.

Nothing is drawn with ``--json`` or ``--plain``: then a program reads.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from connector.cli.output.progress_line import progress_line

if TYPE_CHECKING:
    from connector.cli.input.options import Options
    from connector.host.clock import Clock
    from connector.host.progress import Progress, Watch
    from mappings.model import Seconds

APART: Seconds = 60.0  # a log of a backfill over night stays readable


def watch_of(options: Options, clock: Clock) -> Watch:
    """Return what shows a person how far it is, in the way that fits where they look."""
    # Escape sequences in a log, or between a program's lines, cannot be read.
    if not sys.stderr.isatty() or options.as_json or options.plain:
        return LineWatch(clock)
    from connector.cli.output.drawn_progress import DrawnWatch  # noqa: PLC0415 - on a terminal only

    return DrawnWatch(clock)


class LineWatch:
    """Writes a line to stderr when a minute has passed since the last one, or since the beginning."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: Seconds | None = None
        self._lock = threading.Lock()

    def heard(self, progress: Progress) -> None:
        """Write a line if it is time."""
        with self._lock:
            now = self._clock.monotonic()
            if self._told is None:
                self._told = now
            if now - self._told < APART:
                return
            self._told = now
            sys.stderr.write(f"{progress_line(progress, now)}\n")
            sys.stderr.flush()

    def ended(self) -> None:
        """Begin again with the next work."""
        self._told = None
