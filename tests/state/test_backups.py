"""Backups as files: their names, their order, and which of them stay."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from state.care import backups
from state.errors import StateFailed
from tests.clock import BEGIN
from tests.stores import file_of

if TYPE_CHECKING:
    from pathlib import Path

    from state.store import Store

STAMP = "20270115T080000Z"
"""The second at which a test begins."""


@pytest.fixture
def place(path: Path) -> Path:
    """Only files are meant here."""
    return path


def names(path: Path) -> list[str]:
    """Return how the backups of a state file are named, the newest first."""
    return [one.path.name for one in backups.backups_of(path)]


def test_backups_of_one_second_are_counted(path: Path, store: Store) -> None:
    """None replaces another, and the newest of them comes first, the tenth as well."""
    made = [backups.make(file_of(store), BEGIN) for _ in range(11)]
    later = backups.make(file_of(store), BEGIN + 1)

    numbered = [f"{STAMP}-{number}.db" for number in range(11, 1, -1)]
    assert names(path) == [later.path.name, *numbered, f"{STAMP}.db"]
    assert {one.made for one in made} == {BEGIN}


def test_what_is_no_backup_is_left_alone(path: Path, store: Store) -> None:
    """Other names, links, and a folder that is one."""
    kept = backups.make(file_of(store), BEGIN).path
    for other in ("notes.txt", f"{STAMP}-x.db", f"{STAMP}.db.coming"):
        kept.with_name(other).touch()
    kept.with_name("20270115T080001Z.db").symlink_to(kept)
    old = path.with_name(f"{path.name}.schema-3")
    for beside in (old, path.with_name(f"{path.name}.schema-x")):
        beside.touch()

    assert names(path) == [kept.name]
    assert backups.before_migrations(path) == [old]


@pytest.mark.parametrize(("room", "left"), [(True, backups.KEPT), (False, 1)])
def test_the_newest_backups_stay(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch, *, room: bool, left: int
) -> None:
    """So many of them, or the newest alone where the disk has no room; what goes for that is told."""
    for number in range(backups.KEPT + 2):
        backups.make(file_of(store), BEGIN + number)
    before = names(path)
    monkeypatch.setattr(backups, "has_room", lambda _state, _times: room)

    gone = backups.thin_out(path)

    assert names(path) == before[:left]
    assert [one.name for one in gone] == ([] if room else before[backups.KEPT - 1 : 0 : -1])


def test_a_disk_without_room_is_told_with_both_sizes(path: Path, store: Store) -> None:
    """So many times the size of the file; what fits is not refused."""
    del store
    backups.refuse_without_room(path, 1, "a backup")

    with pytest.raises(StateFailed, match=r"a backup needs \d.* on the disk of .*, which has \d.* free"):
        backups.refuse_without_room(path, 10**12, "a backup")


def test_an_erasure_that_fails_changes_no_backup(path: Path, store: Store) -> None:
    """All of it or nothing."""
    store.meta.set("word", "secret")
    backup = backups.make(file_of(store), BEGIN).path

    with suppress(LookupError), backups.erasing(backup) as db:
        db.execute("DELETE FROM meta")
        raise LookupError
    kept = b"secret" in backup.read_bytes()
    with backups.erasing(backup) as db:
        db.execute("DELETE FROM meta WHERE key = 'word'")

    assert kept
    assert b"secret" not in backup.read_bytes()
    assert names(path) == [backup.name]
