"""Files and folders of ours on disk: for their owner only, and never through a link."""

from __future__ import annotations

import logging
import os
import stat
from typing import TYPE_CHECKING

from state.file.failures import forbidden, of_system

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LOG = logging.getLogger(__name__)


def trusted_owners(path: Path) -> frozenset[int]:
    """Return whose a file of ours may be: this user's, root's, or the folder's owner's.

    The owner of the folder owns everything in it; root may look after the files of a service's user.
    """
    return frozenset({os.geteuid(), 0, path.parent.stat().st_uid})


def touch_private(path: Path) -> None:
    """Make an empty file that only its owner may open; nothing is followed or overwritten."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, PRIVATE_FILE))
    except OSError as error:
        raise of_system(error, path) from error


def make_private_folder(path: Path) -> None:
    """Make a folder that only its owner may use; one that is there is narrowed, a link is refused."""
    try:
        path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise of_system(error, path) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise forbidden(path, "it is not a folder of this user")
    narrow(path)


def narrow(path: Path) -> None:
    """Take the rights of others away from a file or folder of ours, and tell it; a link is refused."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):  # the target of the link would lose its rights
        raise forbidden(path, "it is a link")
    mode = stat.S_IMODE(found.st_mode)
    if not mode & _OTHERS:
        return
    try:
        path.chmod(mode & ~_OTHERS)
    except OSError as error:
        raise of_system(error, path) from error
    _LOG.warning("state_file.narrowed", extra={"fields": {"path": str(path), "was": f"{mode:04o}"}})


def sync_folder(path: Path) -> None:
    """Make what was created, renamed or removed in a folder survive a power failure."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise of_system(error, path) from error
