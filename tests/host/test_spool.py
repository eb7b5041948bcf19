"""The folder of files in flight: what lies there, for whom, and how long."""

from __future__ import annotations

import errno
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from connector.errors import DiskFailed, Locked
from connector.host.lock import exclusive
from connector.host.spool import Spool, content, folder_beside, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ABC = hashlib.sha256(b"abc").hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files in flight lie."""
    return tmp_path / "connector.db.files"


def put(spool: Spool, pieces: Iterable[bytes]) -> str:
    """Keep a file that comes in pieces, and return its hash."""
    with spool.receive() as incoming:
        for piece in pieces:
            incoming.write(piece)
    return incoming.sha256


def test_a_file_is_named_by_its_content(folder: Path) -> None:
    """In pieces or whole, it lies under its hash, and its size is known."""
    spool = Spool(folder)

    assert put(spool, [b"a", b"", b"bc"]) == ABC
    assert [path.name for path in folder.iterdir()] == [ABC]
    assert content(spool.path(ABC)) == b"abc"


def test_the_folder_is_private(folder: Path) -> None:
    """Only its owner may look in, whatever the umask or an older folder say."""
    before = os.umask(0)
    try:
        folder.mkdir(mode=0o777)
        put(Spool(folder), [b"abc"])
    finally:
        os.umask(before)

    assert [oct(path.stat().st_mode & 0o777) for path in (folder, folder / ABC)] == ["0o700", "0o600"]


def test_equal_files_are_stored_once_and_go_with_the_last_holder(folder: Path) -> None:
    """Two messages with the same picture do not take it from each other."""
    spool = Spool(folder)
    put(spool, [b"abc"])
    put(spool, [b"abc"])
    assert len(list(folder.iterdir())) == 1

    spool.release(ABC)
    assert content(folder / ABC) == b"abc"
    spool.release(ABC)

    assert list(folder.iterdir()) == []


def test_many_threads_share_a_folder(folder: Path) -> None:
    """Every holder finds the content, whoever else lets go of it; at the end there is nothing."""
    spool = Spool(folder)

    def once(number: int) -> bool:
        words = b"x" * (number % 3)
        sha256 = put(spool, [words])
        found = content(spool.path(sha256)) == words
        spool.release(sha256)
        return found

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(once, range(200)))
    spool.close()
    assert not folder.exists()


def test_what_fails_on_its_way_is_not_kept(folder: Path) -> None:
    """Half a file is not a file."""
    spool = Spool(folder)

    def half() -> Iterator[bytes]:
        yield b"half"
        raise httpx.ReadError("cut")

    with pytest.raises(httpx.ReadError):
        put(spool, half())

    assert list(folder.iterdir()) == []


def test_nothing_is_made_before_a_file_comes(folder: Path) -> None:
    """Opening and closing leaves no trace."""
    Spool(folder).close()

    assert not folder.exists()


def test_a_temporary_folder_goes_at_the_end() -> None:
    """Without a state file the folder belongs to nobody else."""
    spool = Spool()
    folder = spool.path(put(spool, [b"abc"])).parent
    assert oct(folder.stat().st_mode & 0o777) == "0o700"

    spool.close()

    assert not folder.exists()


def test_leftovers_go_and_what_is_not_ours_stays(folder: Path) -> None:
    """Only names that this program gives are removed."""
    folder.mkdir()
    for name in (ABC, "incoming-k3_x", "notes.txt", ABC + "0", ".hidden"):
        (folder / name).write_bytes(b"x")

    remove_leftovers(folder)

    assert sorted(path.name for path in folder.iterdir()) == sorted([".hidden", ABC + "0", "notes.txt"])


def test_the_holder_of_the_lock_removes_leftovers(tmp_path: Path) -> None:
    """Whoever gets the lock does, and nobody who is kept out."""
    state = tmp_path / "connector.db"
    left = folder_beside(state) / ABC
    left.parent.mkdir()
    left.write_bytes(b"abc")
    with exclusive(state):
        assert not left.parent.exists()
        left.parent.mkdir()
        left.write_bytes(b"abc")
        with pytest.raises(Locked), exclusive(state):
            pass
        assert left.exists()


def test_a_link_in_the_place_of_the_folder_leads_nowhere(folder: Path, tmp_path: Path) -> None:
    """Nothing behind it is removed, and nothing is written there."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ABC).write_bytes(b"somebody's")
    folder.symlink_to(elsewhere)

    remove_leftovers(folder)
    with pytest.raises(DiskFailed, match="not a folder of this user"):
        put(Spool(folder), [b"abc"])

    assert (elsewhere / ABC).read_bytes() == b"somebody's"


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, 3), (errno.EROFS, 3), (errno.EACCES, 7)])
def test_trouble_with_the_disk_is_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int
) -> None:
    """It says what and where, what to do, and by its code who must act; nothing half is left."""

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    spool = Spool(folder)
    with monkeypatch.context() as patch:
        patch.setattr("connector.host.spool.os.write", fail)
        with pytest.raises(DiskFailed, match=os.strerror(number)) as caught:
            put(spool, [b"abc"])

    assert caught.value.exit_code == code
    assert "nothing is lost" in caught.value.hint
    assert list(folder.iterdir()) == []
