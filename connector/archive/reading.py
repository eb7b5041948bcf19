"""Reading an export: looked through once from end to end, then any conversation is found by its id."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import threading
import zlib
from typing import IO, TYPE_CHECKING

from connector.archive.index import Index
from connector.archive.lines import NoExport, parse, read_end, read_entry, read_header
from connector.errors import ConfigError, cannot_use
from mappings.wire.values import read_optional_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from connector.archive.lines import End, Entry, Header
    from connector.helpdesk.records import Raw

_GZIP = b"\x1f\x8b"
_CONVERSATION, _PERSON, _FILE = "conversation", "person", "file"
# Fifty thousand parts with all that a side says of them, and short of what memory holds.
LONGEST_LINE = 256 * 1024 * 1024
_WHOLE = "export it again: what an export that was cut off had written is kept"


class Archive:
    """An export that is whole; ConfigError for a file that is none, or only a part of one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._index = Index()
        self._file = _opened(path)
        self._end: End | None = None
        try:
            self.header = self._look_through()
        except BaseException:
            self.close()
            raise

    @property
    def unread(self) -> Mapping[str, str]:
        """Return which conversations are missing, with the reasons."""
        return {} if self._end is None else self._end.unread

    def __len__(self) -> int:
        """Return how many conversations it holds."""
        return self._index.count(_CONVERSATION)

    def ids(self) -> Iterator[str]:
        """Yield the ids of its conversations, in the order of the file."""
        return (name for name, _place in self._index.in_order(_CONVERSATION))

    def find(self, conversation: str) -> Entry | None:
        """Return a conversation by its id, or None."""
        place = self._index.find(_CONVERSATION, conversation)
        return None if place is None else read_entry(parse(self._line_at(int(place))))[1]

    def person(self, key: str) -> Raw | None:
        """Return what is told of a person, or None."""
        place = self._index.find(_PERSON, key)
        if place is None:
            return None
        people = read_entry(parse(self._line_at(int(place))))[1].people
        return next((one for one in people if read_optional_id(one) == key), None)

    def file(self, address: str) -> Raw | None:
        """Return what is told of the file that had an address, or None when it was not taken along."""
        place = self._index.find(_FILE, address)
        if place is None:
            return None
        found = read_entry(parse(self._line_at(int(place))))[1].files.get(address)
        return found if isinstance(found, dict) else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._index.close()

    def _line_at(self, place: int) -> bytes:
        with self._lock:
            self._file.seek(place)
            return self._file.readline()

    def _look_through(self) -> Header:
        header: Header | None = None
        place, number = 0, 0
        for number, line in enumerate(iter(self._line, b""), 1):
            try:
                raw = parse(line)
                if header is None:
                    header = read_header(raw)
                else:
                    self._met(raw, place)
            except NoExport as error:
                raise ConfigError(f"line {number} of {self.path} {error}", hint=_WHOLE) from None
            place += len(line)
        if header is None:
            raise ConfigError(f"{self.path} is empty", hint=_WHOLE)
        self._check_end(header)
        return header

    def _line(self) -> bytes:
        line = self._file.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise ConfigError(f"a line of {self.path} is longer than any conversation", hint=_WHOLE)
        return line

    def _check_end(self, header: Header) -> None:
        if self._end is None:
            if header.writer:
                raise ConfigError(f"{self.path} is only a part of an export: its end is missing", hint=_WHOLE)
        elif self._end.conversations != len(self):
            raise ConfigError(
                f"{self.path} holds {len(self)} conversations, but its end counts {self._end.conversations}",
                hint=_WHOLE,
            )

    def _met(self, raw: Raw, place: int) -> None:
        if self._end is not None:
            raise NoExport("follows the end of the export")
        self._end = read_end(raw)
        if self._end is not None:
            return
        key, entry = read_entry(raw)
        self._index.put(_CONVERSATION, key, place)
        for person in entry.people:
            self._index.put(_PERSON, read_optional_id(person) or "", place)
        for address in entry.files:
            self._index.put(_FILE, address, place)


def _opened(path: Path) -> IO[bytes]:
    """Open an export; a packed one is unpacked into a file without a name, so that any line is found."""
    try:
        file = path.open("rb")
        if file.read(len(_GZIP)) != _GZIP:
            file.seek(0)
            return file
        file.seek(0)
        with file, gzip.GzipFile(fileobj=file) as packed:
            return _unpacked(path, packed)
    except OSError as error:
        raise cannot_use(path, error, hint="check the file of the export") from error


def _unpacked(path: Path, packed: gzip.GzipFile) -> IO[bytes]:
    spare = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - the archive closes it
    try:
        shutil.copyfileobj(packed, spare, 1 << 20)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        spare.close()
        raise ConfigError(f"{path} is cut off, or packed in another way than gzip", hint=_WHOLE) from None
    spare.seek(0)
    return spare
