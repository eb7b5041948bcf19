"""What a row of the table of notices says: a sentence, how much it asks of a person, and what they do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a notice asks of a person."""

    INFORMATION = "information"
    ATTENTION = "attention"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of the table: the sentence, how much it asks, and what a person does about it."""

    sentence: str
    severity: Severity
    remedy: str
    told_once: bool = True
    """Else each run says it again while it is true, and a run without it says that it is over."""
