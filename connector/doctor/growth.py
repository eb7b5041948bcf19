"""Whether the disk has room for the next month, at the pace at which the state file grows now."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from connector.doctor.findings import Finding, fail, ok, warn
from state.care.backups import KEPT
from state.file.sizes import size as size_of

if TYPE_CHECKING:
    from mappings.model import Seconds
    from state.store import Store

_DAY = 86_400.0
MONTH: Seconds = 30 * _DAY
LOOKED_AT: Seconds = 7 * _DAY
_SHORTEST: Seconds = 3600.0
EMPTY_FILE = 200 * 1024
"""So large is a state file that knows nothing."""
LEAST_A_PART = 100
"""Bytes: what was freed inside the file must not make new parts look as if they cost nothing."""


def growth(store: Store, *, backups: bool, now: Seconds) -> Finding:
    """Tell whether there is room for what a month brings, and for that in each backup that is kept.

    The pace is that of the syncs of the last seven days: a backfill that is over brings nothing more.
    """
    path = store.file.path
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size
    month = _parts_a_month(store, now) * _bytes_a_part(store, size)
    wanted = month * (1 + KEPT) if backups else month
    told = f"the state file grows by {size_of(month)} a month; {size_of(free)} are free"
    if free < month:
        return fail("growth", told, f"make {size_of(month - free)} of room, or move the file: [state] path")
    if free < wanted:
        advice = f"make {size_of(wanted - free)} of room, or fewer than {KEPT} backups are kept"
        return warn("growth", told, advice)
    return ok("growth", told)


def _parts_a_month(store: Store, now: Seconds) -> float:
    parts, since = store.runs.parts_since("sync", now - LOOKED_AT)
    return 0.0 if since is None else parts * MONTH / max(now - since, _SHORTEST)


def _bytes_a_part(store: Store, size: int) -> float:
    known = sum(store.ledger.counts().values())
    return max((size - EMPTY_FILE) / known, LEAST_A_PART) if known else 0.0
