"""The numbers for sides and dispositions in the ledger; they never change their meaning."""

from __future__ import annotations

from mappings.model import Side
from state.records import Disposition

SIDES = {Side.DASHLY: 0, Side.INTERCOM: 1}
DISPOSITIONS = {
    Disposition.COPIED: 0,
    Disposition.NOTE: 1,
    Disposition.TRANSCRIPT: 2,
    Disposition.STATE: 3,
    Disposition.ABSORBED: 4,
    Disposition.SKIPPED: 5,
    Disposition.UNSUPPORTED: 6,
    Disposition.QUARANTINED: 7,
}
SIDE_OF = {code: side for side, code in SIDES.items()}
DISPOSITION_OF = {code: disposition for disposition, code in DISPOSITIONS.items()}
