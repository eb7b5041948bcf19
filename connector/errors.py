"""Every error that a person may see, and what it means for the run.

    ConnectorError
    ├── ConfigError         usage, configuration or state file; exit 2
    ├── RemoteError         a side did not do what was asked; exit 3
    │   ├── NeverSent       no byte of a request left, or the side refused it for load (429): retry is safe
    │   │   └── Stopped     asked to stop meanwhile: the run ends, which is not a failure; exit 0
    │   ├── Unclear         a write left and its outcome is unknown: settle, read back, never repeat blindly
    │   ├── Rejected        the side refused this one request for good (4xx)
    │   │   └── Gone        the object does not exist, or not any more
    │   ├── AccessDenied    the token is wrong, expired or may not do this: the run stops; exit 7
    │   └── Unreadable      an answer to a read that is not what the API promises
    ├── DiskFailed          the disk of this machine failed, or has no room: the run stops; exit 3
    │   └── NotPermitted    the owner or the mode of a file or folder forbids this user: the run stops; exit 7
    ├── RailTripped         a safety rail stopped the run; exit 5
    ├── Hanging             the run that holds the lock does nothing any more; exit 1
    ├── Locked              another run holds the lock; exit 4
    └── PersonNeeded        other workspace than bound, or state lost; exit 7

Each carries one sentence, the next step to take (``hint``) and its exit code, which says who must act: the
situations are listed in ``connector.app.exit_codes``.
"""

from __future__ import annotations

import errno
import re
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
MAKE_ROOM = "make room, then run it again"
LOOK = "connector doctor"
BEGIN = "connector plan backfill --from dashly; without the past: connector sync"
BEGIN_AGAIN = "connector verify, then: connector sync"
STOPPED = "stopped; nothing is lost"
FORBIDDEN_BY_OWNER_OR_MODE = frozenset({errno.EACCES, errno.EPERM})
WRONG_PATH = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})


_COMMAND = re.compile(
    r"(?<!the )(?<!other )\bconnector [-a-z]|\b(?:chmod|chown|kill|mkdir|pip install|systemctl|ss|pg_dump) "
)


_AGAIN = re.compile(r"(?:^|[,;:]? +)(?:then +)?run (?:it )?again(?P<later> later)?\.?$", re.IGNORECASE)


def with_command(hint: str, command: str) -> str:
    """Return a hint that names what to type: as it is where it does, else with ``command`` at its end."""
    if not command or _COMMAND.search(hint):
        return hint
    again = _AGAIN.search(hint)
    first = hint.rstrip(".") if again is None else hint[: again.start()]
    then = "later" if again is not None and again["later"] else "then"
    if first:
        return f"{first}; {then}: {command}"
    return f"later: {command}" if then == "later" else command


class ExitCode(IntEnum):
    """How a command ended, as a number for programs."""

    CLEAN = 0
    ATTENTION = 1
    USAGE = 2
    FAILED = 3
    LOCKED = 4
    RAIL = 5
    PERSON = 7
    ABORTED = 130


class ConnectorError(Exception):
    """Root of all errors that are told to the user as one sentence and a next step."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def next_step(self) -> str:
        """Return what to do next; where the error does not know it, what finds out."""
        return self.hint or (LOOK if self.exit_code is ExitCode.FAILED else "")


class ConfigError(ConnectorError):
    """Usage, configuration or the state file is wrong."""

    exit_code = ExitCode.USAGE


class RemoteError(ConnectorError):
    """A side did not do what was asked."""


class NeverSent(RemoteError):
    """Surely not applied: the connection failed before sending, or the side answered 429 to the end."""


class Stopped(NeverSent):
    """The process was asked to stop before a request left, or before a read was answered."""

    exit_code = ExitCode.CLEAN


class Unclear(RemoteError):
    """A write whose outcome is unknown: timeout, reset, 5xx or an unparsable answer."""


class Rejected(RemoteError):
    """A 4xx answer: this request will never succeed; ``status`` and the side's own ``code`` say why."""

    def __init__(self, message: str, *, status: int, code: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


class Gone(Rejected):
    """The object does not exist, or does not exist any more."""


class AccessDenied(RemoteError):
    """401, 402 or 403 (``status``): the token is missing, wrong, expired or may not do this.

    ``code`` is the side's own name for it; empty when the answer is not one of its API.
    """

    exit_code = ExitCode.PERSON

    def __init__(self, message: str, *, status: int, code: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


class Unreadable(RemoteError):
    """A read was answered by something that is not what the API promises."""


class DiskFailed(ConnectorError):
    """A file beside the state file cannot be written to, read from, or removed from this machine's disk."""


class NotPermitted(DiskFailed):
    """The owner or the mode of a file or folder forbids what this user wants to do with it."""

    exit_code = ExitCode.PERSON


def cannot_use(path: Path, error: OSError, *, hint: str) -> ConnectorError:
    """Return the error for a file that cannot be opened or written, by who must act.

    ``hint`` is for all but a full disk, where only room helps.
    """
    kind: type[ConnectorError] = DiskFailed
    if error.errno in FORBIDDEN_BY_OWNER_OR_MODE:
        kind = NotPermitted
    elif error.errno in WRONG_PATH:  # no later run finds another
        kind = ConfigError
    told = f"{path} cannot be used: {error.strerror or type(error).__name__}."
    return kind(told, hint=MAKE_ROOM if error.errno in NO_ROOM else hint)


class RailTripped(ConnectorError):
    """A safety rail stopped the run before it wrote anything more."""

    exit_code = ExitCode.RAIL


class Hanging(ConnectorError):
    """The run that holds the lock has finished no step for a long time."""

    exit_code = ExitCode.ATTENTION


class Locked(ConnectorError):
    """Another run holds the lock."""

    exit_code = ExitCode.LOCKED


class PersonNeeded(ConnectorError):
    """Only a person can decide how to go on."""

    exit_code = ExitCode.PERSON
