"""What the webhook still has to be told, in a file beside the state file: run ids and kinds of errors only.

The state file itself may be locked, full or not to be opened just when that has to be told. The file keeps
its size and is written over where it lies, which a full disk allows.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.host.rights import open_private, read_ours

_SIZE = 1024
_MOST = 20
"""So many runs are told of later: who was away for a day wants the last of it."""


@dataclass(frozen=True, slots=True)
class Untold:
    """The runs whose trouble nobody took, and the kind of error told last while no run could begin."""

    runs: tuple[str, ...] = ()
    failing: str = ""


def later(runs: tuple[str, ...], run: str) -> tuple[str, ...]:
    """Return the runs to tell of with one more."""
    return (*runs, run)[-_MOST:]


def kept(state: Path) -> Untold | None:
    """Return what is untold; None where that was never written, or cannot be read."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        found: Any = json.loads(read_ours(_file(state), _SIZE))
        return Untold(tuple(str(run) for run in found["runs"]), str(found["failing"]))
    return None


def keep(state: Path, untold: Untold) -> None:
    """Write what is untold; where that cannot be done it is told again."""
    text = json.dumps({"runs": untold.runs, "failing": untold.failing})
    with suppress(OSError):
        descriptor = open_private(_file(state), os.O_WRONLY)
        try:
            os.pwrite(descriptor, text.ljust(_SIZE).encode(), 0)
        finally:
            os.close(descriptor)


def _file(state: Path) -> Path:
    return Path(f"{state}.alerts")
