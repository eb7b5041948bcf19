"""Every error that a person may see, and what it means for the run.

    ConnectorError
    ├── ConfigError         usage, configuration or state file; exit 2
    ├── RemoteError         a side did not do what was asked; exit 3
    │   ├── NeverSent       no byte of a request left, or the side refused it for load (429): retry is safe
    │   ├── Unclear         a write left and its outcome is unknown: settle, read back, never repeat blindly
    │   ├── Rejected        the side refused this one request for good (4xx)
    │   │   └── Gone        the object does not exist, or not any more
    │   ├── AccessDenied    the token is wrong or may not do this: the run stops
    │   └── Unreadable      an answer to a read that is not what the API promises
    ├── DiskFailed          a file in flight cannot be kept on disk: the run stops; exit 3
    │   └── FilesForbidden  this user may not use their folder; exit 7
    ├── RailTripped         a safety rail stopped the run; exit 5
    ├── Locked              another run holds the lock; exit 4
    └── PersonNeeded        other workspace than bound, or state lost; exit 7

Each carries one sentence, the next step to take (``hint``) and its exit code.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Root of all errors that are told to the user as one sentence and a next step."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(ConnectorError):
    """Usage, configuration or the state file is wrong."""

    exit_code = 2


class RemoteError(ConnectorError):
    """A side did not do what was asked."""


class NeverSent(RemoteError):
    """Surely not applied: the connection failed before sending, or the side answered 429 to the end."""


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
    """401, 402 or 403 (``status``): the token is missing, wrong, expired or may not do this."""

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class Unreadable(RemoteError):
    """A read was answered by something that is not what the API promises."""


class DiskFailed(ConnectorError):
    """A file in flight cannot be written to, read from, or removed from the disk of this machine."""


class FilesForbidden(DiskFailed):
    """This user may not use the folder of the files in flight."""

    exit_code = 7


class RailTripped(ConnectorError):
    """A safety rail stopped the run before it wrote anything more."""

    exit_code = 5


class Locked(ConnectorError):
    """Another run holds the lock."""

    exit_code = 4


class PersonNeeded(ConnectorError):
    """Only a person can decide how to go on."""

    exit_code = 7
