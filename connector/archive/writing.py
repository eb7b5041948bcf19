"""Writing an export: into a file beside the wanted one, which takes its place only when it is whole."""

from __future__ import annotations

import gzip
import os
import shutil
from typing import IO, TYPE_CHECKING, Self

from connector.archive.index import Index
from connector.archive.lines import Entry, Header, NoExport, parse, read_entry, read_header, text_of
from connector.errors import ConfigError, cannot_use
from connector.host.rights import open_own
from mappings.wire.values import read_optional_id

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from connector.archive.lines import End

CONVERSATION, PERSON = "conversation", "person"
_ROOM = "make room, then run it again: it goes on where it stopped"


class Unfinished:
    """An export that is being written. What an earlier process wrote is kept, but for a torn last line."""

    def __init__(self, path: Path, header: Header) -> None:
        if path.exists():
            raise ConfigError(f"{path} is there already", hint="give another name, or remove it")
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._index = Index()
        self.header = header
        try:
            descriptor = open_own(self._part, os.O_RDWR | os.O_APPEND)
        except OSError as error:
            raise cannot_use(self._part, error, hint="check the folder of the export") from error
        self._file: IO[bytes] = os.fdopen(descriptor, "r+b")
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
            whole = self._compressed() if self._path.suffix == ".gz" else self._part
            whole.replace(self._path)
            self._part.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_use(self._path, error, hint=_ROOM) from error

    def _compressed(self) -> Path:
        target = self._path.with_name(f"{self._path.name}.tmp")
        descriptor = open_own(target, os.O_WRONLY)
        with os.fdopen(descriptor, "wb") as raw:
            raw.truncate()
            packed = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="")
            with packed, self._part.open("rb") as part:
                shutil.copyfileobj(part, packed, 1 << 20)
            raw.flush()
            os.fsync(raw.fileno())
        return target

    def _close(self) -> None:
        self._file.close()
        self._index.close()

    def _put(self, line: bytes) -> None:
        try:
            self._file.write(line)
            self._file.flush()
        except OSError as error:
            raise cannot_use(self._part, error, hint=_ROOM) from error

    def _resume(self) -> None:
        """Find out what is in the file already, and begin it when it is new."""
        whole = self._file.seek(0)
        for number, line in enumerate(self._file):
            if not line.endswith(b"\n"):
                break  # it was being written when the process ended
            try:
                self._met(number, line)
            except NoExport as error:
                raise ConfigError(
                    f"line {number + 1} of {self._part} {error}", hint=f"remove {self._part}"
                ) from None
            whole += len(line)
        self._file.seek(whole)
        self._file.truncate()
        if whole == 0:
            self._put(text_of(self.header))

    def _met(self, number: int, line: bytes) -> None:
        raw = parse(line)
        if number == 0:
            found = read_header(raw)
            if (found.side, found.account) != (self.header.side, self.header.account):
                raise NoExport("says that this is the export of another account")
            self.header = found
            return
        if raw.get("end") is True:
            raise NoExport("says that it is whole")
        key, entry = read_entry(raw)
        self._index.put(CONVERSATION, key)
        for person in entry.people:
            self._index.put(PERSON, read_optional_id(person) or "")
