"""How far long work is, drawn on a terminal; a sync shows itself only once it waits."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.text import Text

from connector.cli.output.progress_line import progress_lines
from connector.host.progress import Work

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from connector.host.progress import Progress
    from mappings.model import Seconds

WORTH_SHOWING: Seconds = 2.0
"""A shorter wait is the even pace of requests."""
AT_ONCE: Seconds = 1.0
"""What takes no longer shows its result, and nothing before it."""


class DrawnWatch:
    """Keeps a line on the terminal up to date, or two where it is narrow, and takes them away in the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began: Seconds | None = None
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._live: Live | None = None
        self._newest: Progress | None = None
        self._lock = threading.Lock()

    @property
    def is_drawing(self) -> bool:
        """Tell whether the line is on the terminal."""
        return self._live is not None

    def heard(self, progress: Progress) -> None:
        """Show it; the line is drawn again four times a second."""
        with self._lock:
            self._newest = progress
            self._began = self._clock.monotonic() if self._began is None else self._began
            if self._live is None and self._is_worth_showing(progress):
                self._live = Live(
                    console=self._console,
                    get_renderable=self._drawn,
                    refresh_per_second=4,
                    # The report takes its place.
                    transient=True,
                )
                self._live.start()

    def ended(self) -> None:
        """Take the line away."""
        with self._lock:
            live, self._live, self._newest, self._began = self._live, None, None, None
        if live is not None:
            live.stop()

    def _is_worth_showing(self, progress: Progress) -> bool:
        wait, now = progress.wait, self._clock.monotonic()
        if wait is not None and wait.until - now >= WORTH_SHOWING:
            return True
        if progress.shrinking is not None:  # one statement: nothing else will be heard until its end
            return True
        began = now if self._began is None else self._began
        return progress.work is not Work.SYNC and now - began >= AT_ONCE

    def _drawn(self) -> Text:
        newest = self._newest
        if newest is None:
            return Text("")
        return Text("\n".join(progress_lines(newest, self._clock.monotonic(), self._console.width)))
