"""Files in flight: a private folder beside the state file, where each lies under the hash of its content.

A name on disk is a hash or a number, never what a side calls the file. The same content is stored once. A
file goes as soon as nobody holds it any more; what a crash left is removed by the next holder of the lock.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import FORBIDDEN_BY_OWNER_OR_MODE, DiskFailed, NotPermitted

if TYPE_CHECKING:
    from collections.abc import Generator

PRIVATE = 0o700
_INCOMING = "incoming-"
_OURS = re.compile(rf"[0-9a-f]{{64}}|{_INCOMING}\w+")


class Incoming:
    """A file that is being received: written piece by piece and hashed on the way."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Return the hash of what came so far."""
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """Add a piece; DiskFailed when there is no room for it."""
        rest = memoryview(piece)
        with _telling():
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        self._digest.update(piece)
        self.size += len(piece)


class Spool:
    """The folder of one run; safe to use from several threads. It is made when the first file comes."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take a folder, or a temporary one when none is given."""
        self._given = folder
        self._folder: Path | None = None
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def receive(self) -> Generator[Incoming]:
        """Open a file to write into; it is held under its hash afterwards, and gone when anything fails."""
        with self._lock, _telling():
            descriptor, name = tempfile.mkstemp(prefix=_INCOMING, dir=self._ready())
        try:
            incoming = Incoming(descriptor)
            try:
                yield incoming
            finally:
                os.close(descriptor)
            with self._lock, _telling():
                Path(name).replace(self.path(incoming.sha256))
                self._held[incoming.sha256] += 1
        finally:
            with _telling():
                Path(name).unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where the file with this hash lies."""
        return self._ready() / sha256

    def release(self, sha256: str) -> None:
        """Let a file go; the last one who holds it removes it."""
        with self._lock, _telling():
            self._held[sha256] -= 1
            if self._held[sha256] <= 0:
                del self._held[sha256]
                self.path(sha256).unlink(missing_ok=True)

    def close(self) -> None:
        """Remove what is left, and the folder; what cannot be removed is told by the next run."""
        with self._lock, suppress(DiskFailed):
            folder, self._folder = self._folder, None
            self._held.clear()
            if folder is not None:
                remove_leftovers(folder)

    def _ready(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="connector-")) if self._given is None else self._given
            _make_private(self._folder)
        return self._folder


def folder_beside(state: Path) -> Path:
    """Return the folder of the files in flight of a state file."""
    return Path(f"{state}.files")


def remove_leftovers(folder: Path) -> None:
    """Remove the files that a crash left, and the folder when nothing else is in it; hold the lock.

    What does not have a name of ours is left alone. DiskFailed when a file cannot be removed.
    """
    with _telling():
        if folder.is_symlink() or not folder.is_dir():
            return
        for path in folder.iterdir():
            if _OURS.fullmatch(path.name):
                path.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


def content(path: Path) -> bytes:
    """Return the bytes of a file in flight; DiskFailed when they cannot be read."""
    with _telling():
        return path.read_bytes()


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise NotADirectoryError(0, "it is not a folder of this user", str(folder))
    if stat.S_IMODE(found.st_mode) & ~PRIVATE:
        folder.chmod(PRIVATE)


@contextmanager
def _telling() -> Generator[None]:
    """Turn trouble with the disk into one sentence."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        forbidden = error.errno in FORBIDDEN_BY_OWNER_OR_MODE
        raise (NotPermitted if forbidden else DiskFailed)(
            f"a file in flight cannot be kept on disk: {error.strerror or type(error).__name__}{where}",
            hint="make room beside the state file and check the rights of its folder, then run again; "
            "nothing is lost",
        ) from error
