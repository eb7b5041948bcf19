"""Writing an export: into a file beside the wanted one, which takes its place only when it is whole."""

from __future__ import annotations

import fcntl
import gzip
import os
import shutil
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Self

from connector.archive.index import Index
from connector.archive.lines import NoExport, parse, read_end, read_entry, read_header, text_of
from connector.errors import ConfigError, Locked, cannot_use
from connector.host.replace import replacing
from connector.host.rights import PRIVATE_FILE, open_own
from mappings.wire.values import read_optional_id

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from connector.archive.lines import End, Entry, Header

CONVERSATION, PERSON = "conversation", "person"
_GOES_ON = "run it again: it continues where it stopped"


class Unfinished:
    """An export that is being written. What an earlier process wrote is kept, but for a torn last line."""

    def __init__(self, path: Path, header: Header) -> None:
        if path.exists():
            raise ConfigError(f"{path} is there already", hint="give another name, or remove it")
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._index = Index()
        self.header = header
        self._file = _opened(self._part)
        try:
            self._resume()
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        """Close the file; what is in it stays for the next time."""
        self._close()

    @property
    def written(self) -> int:
        """Return how many conversations are in it."""
        return self._index.count(CONVERSATION)

    def holds(self, conversation: str) -> bool:
        """Tell whether a conversation is in it."""
        return self._index.find(CONVERSATION, conversation) is not None

    def is_new(self, person: str) -> bool:
        """Tell whether somebody appears for the first time, and remember them."""
        if self._index.find(PERSON, person) is not None:
            return False
        self._index.put(PERSON, person)
        return True

    def write(self, conversation: str, entry: Entry) -> None:
        """Add a conversation."""
        self._put(text_of(entry))
        self._index.put(CONVERSATION, conversation)

    def finish(self, end: End) -> None:
        """Say that nothing follows, and put the file in its place."""
        self._put(text_of(end))
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            if self._path.suffix == ".gz":
                self._pack()
                self._part.unlink()
            else:
                self._part.replace(self._path)
        except OSError as error:
            raise cannot_use(self._path, error, hint=_GOES_ON) from error

    def _pack(self) -> None:
        with self._part.open("rb") as part, replacing(self._path, mode=PRIVATE_FILE) as target:
            with gzip.GzipFile(fileobj=target, mode="wb", mtime=0, filename="") as packed:
                shutil.copyfileobj(part, packed, 1 << 20)
            target.flush()
            os.fsync(target.fileno())

    def _close(self) -> None:
        # What a full disk did not take is still in the buffer; that was told when it was written.
        with suppress(OSError):
            self._file.close()
        self._index.close()

    def _put(self, line: bytes) -> None:
        try:
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            raise cannot_use(self._part, error, hint=_GOES_ON) from error

    def _resume(self) -> None:
        """Find out what is in the file already, and begin it when it is new."""
        whole = self._file.seek(0)
        for number, line in enumerate(self._file):
            if not line.endswith(b"\n"):
                break  # it was being written when the process ended
            try:
                if not self._met(number, line):
                    break  # all was written, but the file could not be put in its place
            except NoExport as error:
                raise ConfigError(
                    f"line {number + 1} of {self._part} {error}", hint=f"remove {self._part}"
                ) from None
            whole += len(line)
        self._file.seek(whole)
        self._file.truncate()
        if whole == 0:
            self._put(text_of(self.header))

    def _met(self, number: int, line: bytes) -> bool:
        """Take what a line tells; False for the end of the export."""
        raw = parse(line)
        if number == 0:
            self.header = self._checked(read_header(raw))
            return True
        if read_end(raw) is not None:
            return False
        key, entry = read_entry(raw)
        self._index.put(CONVERSATION, key)
        for person in entry.people:
            self._index.put(PERSON, read_optional_id(person) or "")
        return True

    def _checked(self, found: Header) -> Header:
        if (found.side, found.account) != (self.header.side, self.header.account):
            raise NoExport("says that this is the export of another account")
        return found


def _opened(part: Path) -> IO[bytes]:
    """Open the file that is being written, for this process alone."""
    try:
        descriptor = open_own(part, os.O_RDWR | os.O_APPEND)
    except OSError as error:
        raise cannot_use(part, error, hint="check the folder of the export") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Locked(f"another export is writing {part}", hint="wait until it ends") from None
    return os.fdopen(descriptor, "r+b")
