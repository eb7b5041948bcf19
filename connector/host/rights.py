"""Who else may write or read a file that the connector trusts, and files that are made for this user only."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from connector.errors import ConfigError
from state.file.places import trusted_owners

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FILE = 0o600
_LARGEST = 1024 * 1024  # of a file that a person writes


def read_trusted(path: Path) -> bytes:
    """Return the bytes of a file that nobody but this user and root can have written.

    ConfigError when somebody else can, or when it is larger than any file of its kind; OSError as it comes.
    """
    # A pipe without a writer would be waited for, before anybody could see whose it is.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISCHR(found.st_mode):  # a terminal is its user's own, and /dev/null is empty
            _refuse_strangers(path, found)
        os.set_blocking(descriptor, True)
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ConfigError(f"{path} is larger than 1 MB.", hint="Look whether this is the right file.")
    return content


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours and make it when it is not there, mode 0600.

    OSError for a link or a stranger's file in its place.
    """
    return open_ours(path, flags | os.O_CREAT)


def open_ours(path: Path, flags: int) -> int:
    """Open a file of ours that is there; OSError for a link, a pipe or a stranger's file in its place."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, PRIVATE_FILE)
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_uid in trusted_owners(path):
        return descriptor
    os.close(descriptor)
    raise PermissionError(errno.EPERM, "it is not a file of this user", str(path))


def read_ours(path: Path, most: int) -> bytes:
    """Return the beginning of a file of ours, ``most`` bytes of it; OSError as from ``open_ours``."""
    with os.fdopen(open_ours(path, os.O_RDONLY), "rb") as file:
        return file.read(most)


def open_own(path: Path, flags: int) -> int:
    """Open or make a file that must be this user's alone; one that others may read is narrowed."""
    descriptor = open_private(path, flags)
    if os.fstat(descriptor).st_uid != os.geteuid():
        os.close(descriptor)
        raise PermissionError(errno.EPERM, "it is not a file of this user", str(path))
    os.fchmod(descriptor, PRIVATE_FILE)
    return descriptor


def is_readable_by_everybody(path: Path) -> bool:
    """Tell whether a file's mode lets every user of this machine read it."""
    with suppress(OSError):
        return bool(path.stat().st_mode & stat.S_IROTH)
    return False


def who_else_writes(path: Path) -> str | None:
    """Return who but this user and root may write to a file or folder, or None; OSError as it comes."""
    found = path.stat()
    if found.st_uid not in {os.geteuid(), 0}:
        return "its owner, another user,"
    if found.st_mode & stat.S_IWOTH:
        return "everybody"
    if found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_uid, found.st_gid):
        return "a group"
    return None


def _refuse_strangers(path: Path, found: os.stat_result) -> None:
    if found.st_uid not in {os.geteuid(), 0}:
        raise ConfigError(
            f"{path} belongs to another user, who could change it at any time.",
            hint=f"chown {path} to this user or to root",
        )
    if found.st_mode & stat.S_IWOTH:
        raise ConfigError(f"Everybody may write to {path}.", hint=f"chmod o-w {path}")
    if found.st_mode & stat.S_IWGRP and not _is_own_group(found.st_uid, found.st_gid):
        raise ConfigError(f"A group may write to {path}.", hint=f"chmod g-w {path}")


def _is_own_group(user: int, group: int) -> bool:
    """Tell whether a group is the one of this user alone, as many systems make one for each user."""
    try:
        owner, members = pwd.getpwuid(user), grp.getgrgid(group).gr_mem
    except KeyError:
        return False
    return owner.pw_gid == group and set(members) <= {owner.pw_name}
