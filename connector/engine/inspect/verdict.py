"""What `verify` says of a conversation."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What was found of one conversation, or of the pair that it belongs to."""

    EQUAL = "equal"
    DIFFERENT = "different"
    QUARANTINED = "quarantined"
    GONE = "gone"
    UNLINKED = "unlinked"
    WITHOUT_MIRROR = "without_mirror"


COMPARED = (Verdict.EQUAL, Verdict.DIFFERENT)
"""The verdicts of pairs of which both conversations were read."""
