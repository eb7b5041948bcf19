"""How a run that has reason to doubt its state file ends, and which of two causes it looks like."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from connector.errors import PersonNeeded

if TYPE_CHECKING:
    from mappings.model import Seconds
    from state.store import Store

# Runs that failed or still go on have no end: one of twenty will have finished.
RUNS_LOOKED_AT = 20


def doubting(store: Store, what: str, newest: Seconds) -> PersonNeeded:
    """Make the next run trust nothing that is older than itself; return the error that ends this one.

    ``newest`` is the time of what the state file does not know.
    """
    store.meta.doubt()
    return PersonNeeded(
        f"{what}: {_likely(store, newest)}; nothing was delivered",
        hint="stop the other connector if there is one; then connector recover, or connector sync, "
        "which copies nothing that seems to be there",
    )


def _likely(store: Store, newest: Seconds) -> str:
    """Say which of the two it looks like: a file in use was at work shortly before, at its usual pace."""
    from statistics import median  # noqa: PLC0415 - hardly a run doubts

    runs = store.runs.last(RUNS_LOOKED_AT)
    ended = max((float(str(run["finished"])) for run in runs if run["finished"] is not None), default=0.0)
    begun = sorted(float(str(run["started"])) for run in runs if run["finished"] is not None)
    pace = median([later - earlier for earlier, later in pairwise(begun)] or [0.0])
    if newest <= ended + pace:
        return "it looks as if a second connector works on this pair"
    return "it looks as if an older state file was put back"
