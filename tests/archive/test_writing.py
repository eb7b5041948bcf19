"""A file that is being written, or was left behind, by whatever ended its writing."""

from __future__ import annotations

import hashlib
import resource
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from connector.archive.lines import End, Entry, Header, text_of
from connector.archive.reading import Archive
from connector.archive.taking import Taking
from connector.archive.writing import Unfinished
from connector.errors import DiskFailed, Locked
from connector.helpdesk.port import File
from connector.helpdesk.records import Record
from mappings.model import Attachment, Side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADER = Header(Side.DASHLY, "48213", 1_700_000_000.0)
HASH = hashlib.sha256(b"plan").hexdigest()


def entry(key: str) -> Entry:
    """Return a conversation of nobody."""
    return Entry(Record({"id": key}, ()))


@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.gz"])
def test_an_export_that_died_behind_its_end_goes_on(tmp_path: Path, name: str) -> None:
    """No room for the packed file: what was read is kept, and the end is written again."""
    path = tmp_path / name
    with Unfinished(path, HEADER) as unfinished:
        unfinished.write("7", entry("7"))
    with path.with_name(f"{name}.part").open("ab") as part:
        part.write(text_of(End(1)))

    with Unfinished(path, HEADER) as unfinished:
        assert unfinished.holds("7")
        unfinished.write("8", entry("8"))
        unfinished.finish(End(2))

    with closing(Archive(path)) as archive:
        assert list(archive.ids()) == ["7", "8"]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process become larger, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_with_the_file_and_what_helps(tmp_path: Path) -> None:
    """What is left in a buffer when the file is closed hides nothing; with room it goes on."""
    path = tmp_path / "all.ndjson"
    with room_for(300), pytest.raises(DiskFailed, match=r"all\.ndjson\.part") as told:
        fill(path)

    assert told.value.hint == "make room, then run it again"
    with Unfinished(path, HEADER) as unfinished:
        assert unfinished.holds("1")
        unfinished.finish(End(unfinished.written))
    assert path.exists()


def fill(path: Path) -> None:
    """Write more than there is room for."""
    with Unfinished(path, HEADER) as unfinished:
        for number in range(1, 100):
            unfinished.write(str(number), entry(str(number)))


def test_a_link_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    """Whoever may write to the folder sends nothing elsewhere."""
    path, elsewhere = tmp_path / "all.ndjson.gz", tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    path.with_name(f"{path.name}.part").symlink_to(elsewhere)

    with pytest.raises(DiskFailed):
        Unfinished(path, HEADER)

    assert elsewhere.read_text() == "mine"


def test_two_exports_do_not_write_into_one_file(tmp_path: Path) -> None:
    """The second one is told."""
    path = tmp_path / "all.ndjson"

    with Unfinished(path, HEADER), pytest.raises(Locked, match="another export"):
        Unfinished(path, HEADER)
    with Unfinished(path, HEADER) as unfinished:
        unfinished.finish(End(0))


class Shelf:
    """A side that hands out one file."""

    def __init__(self, file: File) -> None:
        self.file = file

    def download(self, _attachment: Attachment) -> File:
        """Return it."""
        return self.file

    def release(self, _file: File) -> None:
        """Keep it."""


def test_files_are_for_their_owner(tmp_path: Path) -> None:
    """They are customers' files, and the folder may have been there for others."""
    (tmp_path / "plan.pdf").write_bytes(b"plan")
    folder = tmp_path / "files"
    folder.mkdir(mode=0o755)
    shelf = Shelf(File("plan.pdf", "application/pdf", 4, HASH, tmp_path / "plan.pdf"))

    told = Taking(shelf, folder)._fetched(Attachment("plan.pdf", "https://f"), folder)  # type: ignore[arg-type]

    assert told is not None
    assert told["sha256"] == HASH
    assert [(path.name, path.stat().st_mode & 0o777) for path in folder.iterdir()] == [(HASH, 0o600)]
