"""What can go wrong with the state file, and who must act.

Each error carries a sentence, the next step (``hint``) and an exit code.

StateError              missing, foreign, newer or damaged; exit 2
├── StateNewer           a later version of the program changed it; exit 2, install that one
├── StateFailed         no room, a failing or read-only file system, a busy file; exit 3, run again later
└── StateForbidden      owner or mode forbid this user, or the key does not fit; exit 7, a person is needed
TakenOver               another run took over while this one was suspended
"""

from __future__ import annotations


class StateError(Exception):
    """The state file is missing, damaged, foreign or newer; one sentence and the next step (``hint``)."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def moved(place: object, where: str) -> StateError:
    """Return the error about a state that was moved to another place."""
    return StateError(
        f"the state in {place} was moved to {where}",
        hint="name that place under [state]",
    )


class StateNewer(StateError):
    """A later version of the program changed the state, and this one would misread it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="install the newer program again, as the manual says under Upgrades")


class StateFailed(StateError):
    """The machine failed, not the file: nothing is lost, and a later run goes on."""

    exit_code = 3


class StateForbidden(StateError):
    """This user may not use a file or folder, or the state file belongs to another key."""

    exit_code = 7


class TakenOver(Exception):
    """Another run took over while this one was suspended: it must not write any more."""
