"""One line about how far long work is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.host.amounts import age
from connector.host.progress import Cause, Work
from mappings.model import Side
from mappings.names import TITLES
from state.file.sizes import size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.host.progress import Progress, Wait
    from mappings.model import Seconds

_NAMES = {
    Work.MAPPING: "mapping check",
    Work.MIGRATION: "updating the state file",
}
"""Work that is called otherwise than its command."""
_BETWEEN = ", "


def progress_line(progress: Progress, now: Seconds) -> str:
    """Return what is done, left, spent and waited for; ``now`` is a monotonic time."""
    name = _NAMES.get(progress.work, progress.work.value)
    return f"{name}: {_BETWEEN.join(_facts(progress, now))}"


def progress_lines(progress: Progress, now: Seconds, width: int) -> list[str]:
    """Return the same in lines that are no longer than ``width``, parted between two facts."""
    lines: list[str] = []
    for fact in progress_line(progress, now).split(_BETWEEN):
        if lines and len(lines[-1]) + len(_BETWEEN) + len(fact) < width:
            lines[-1] += f"{_BETWEEN}{fact}"
        else:
            lines.append(f"  {fact}" if lines else fact)
    return [f"{line}," for line in lines[:-1]] + lines[-1:]


def _facts(progress: Progress, now: Seconds) -> Iterator[str]:
    if progress.saved is not None:
        done, total = progress.saved
        yield f"copying it first, {size(done)} of {size(total)}"
        return
    if progress.shrinking is not None:
        yield f"making it smaller in the end, {size(progress.shrinking)}"
        return
    if progress.listed and not progress.done:
        yield f"{progress.listed} conversations listed"
    else:
        yield f"{progress.done} done"
    if progress.aside:
        yield f"{progress.aside} set aside"
    if progress.left is not None:
        yield f"{progress.left} left"
    if progress.rate is not None:
        yield f"{progress.rate * 60:.0f} a minute"
    if progress.requests:
        yield "requests: " + _BETWEEN.join(_spent(progress, side) for side in Side)
    if progress.seconds_left is not None and progress.seconds_left >= 1:
        yield f"about {age(progress.seconds_left)} left"
    # A shorter wait is gone before it is read.
    if progress.wait is not None and progress.wait.until - now >= 1:
        yield _waiting(progress.wait, now)


def _spent(progress: Progress, side: Side) -> str:
    spent = f"{TITLES[side]} {progress.requests.get(side, 0)}"
    return f"{spent} (about {progress.ahead} to come)" if side is Side.DASHLY and progress.ahead else spent


def _waiting(wait: Wait, now: Seconds) -> str:
    seconds = f"waiting {wait.until - now:.0f} s"
    if wait.side is None:
        return f"{seconds} until an unclear write can be looked for"
    title = TITLES[wait.side]
    return (
        f"{seconds} for {title}'s limit" if wait.cause is Cause.LIMIT else f"{seconds} to ask {title} again"
    )
