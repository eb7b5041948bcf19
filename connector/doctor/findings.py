"""What the doctor found: one line a check, with a level and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.errors import AccessDenied, Rejected, RemoteError, Unreadable
from mappings.names import SIDES_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.errors import ConnectorError
    from state.errors import StateError

_FOR_A_PERSON = (AccessDenied, Rejected, Unreadable)
UNREACHABLE = 3  # as for a run: nobody has to act, it may work later


class Level(StrEnum):
    """How a check went; ``skip`` when something before it failed."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was checked, how it went, and what to do about it."""

    check: str
    level: Level
    detail: str
    advice: str = ""
    unreachable: bool = False


def ok(check: str, detail: str) -> Finding:
    """Return a line for a check that passed."""
    return Finding(check, Level.OK, detail)


def warn(check: str, detail: str, advice: str) -> Finding:
    """Return a line for a warning."""
    return Finding(check, Level.WARN, detail, advice)


def fail(check: str, detail: str, advice: str) -> Finding:
    """Return a line for something that a person must fix."""
    return Finding(check, Level.FAIL, detail, advice)


def skip(check: str, why: str) -> Finding:
    """Return a line for what could not be checked."""
    return Finding(check, Level.SKIP, f"not checked: {why}")


def failed(check: str, error: ConnectorError | StateError) -> Finding:
    """Return the line of an error; a side that does not answer is not something that a person must fix."""
    away = isinstance(error, RemoteError) and not isinstance(error, _FOR_A_PERSON)
    return Finding(check, Level.FAIL, str(error), error.hint, unreachable=away)


def as_stopped(findings: Iterable[Finding]) -> list[Finding]:
    """Return the lines of an examination that was stopped: what was dropped by that failed nothing."""
    return [skip(one.check, "stopped") if one.unreachable else one for one in findings]


def check_shown(check: str) -> str:
    """Return the name of a check as people read it: a side by the name that it is called."""
    first, space, rest = check.partition(" ")
    return f"{SIDES_SHOWN.get(first, first)}{space}{rest}"


def exit_code(findings: Iterable[Finding]) -> int:
    """Return 3 when a side could not be reached, 1 when a person must fix something, else 0."""
    wrong = [finding for finding in findings if finding.level is Level.FAIL]
    # Before the rest: what could not be asked may hide more, or explain it all.
    if any(finding.unreachable for finding in wrong):
        return UNREACHABLE
    return 1 if wrong else 0
