"""Packages, disk, lock and the state file, each in order and with its faults."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from importlib import metadata
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from connector.config.key import key_path
from connector.doctor import host, memory
from connector.doctor.findings import Finding, Level, exit_code, failed
from connector.errors import AccessDenied, NeverSent, RemoteError
from connector.host import rights
from connector.host.clock import SystemClock
from connector.host.lock import exclusive
from state import store as states
from tests.keys import KEY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A sound state file."""
    path = tmp_path / "connector.db"
    states.create(path, key=KEY).close()
    return path


@pytest.mark.parametrize(
    ("owners", "level"),
    [
        ({}, Level.OK),
        ({"state": ["Dashly_Intercom.Connector"], "mappings": ["dashly-intercom-connector"]}, Level.OK),
        ({"state": ["dashly-intercom-connector", "state"]}, Level.FAIL),
        ({"mappings": ["mappings"], "other": ["other"]}, Level.FAIL),
    ],
)
def test_packages(monkeypatch: pytest.MonkeyPatch, owners: dict[str, list[str]], level: Level) -> None:
    """A stranger who brings a package of our name is named."""
    monkeypatch.setattr(metadata, "packages_distributions", lambda: owners)
    assert host.packages().level is level


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from a folder, nobody owns the packages."""
    monkeypatch.setattr(host, "DISTRIBUTION", "no-such-distribution")
    monkeypatch.setattr(metadata, "packages_distributions", dict)
    assert "folder" in host.packages().detail


@pytest.mark.parametrize(("free", "level"), [(49, Level.FAIL), (400, Level.WARN), (600, Level.OK)])
def test_disk(monkeypatch: pytest.MonkeyPatch, state: Path, free: int, level: Level) -> None:
    """Too little to write down what a run does, little, enough."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free * 1024 * 1024))
    assert host.disk(state).level is level


def test_disk_of_no_folder(tmp_path: Path) -> None:
    """A folder that is not there is told."""
    assert host.disk(tmp_path / "nowhere" / "connector.db").level is Level.FAIL


@pytest.mark.parametrize(
    ("mode", "level"), [(0o700, Level.OK), (0o755, Level.OK), (0o777, Level.WARN), (0o1777, Level.WARN)]
)
def test_a_folder_that_others_may_write_is_told(state: Path, mode: int, level: Level) -> None:
    """Whoever writes there chooses which file is the state, and who made the lock."""
    state.parent.chmod(mode)
    found = host.folder(state)
    assert found.level is level
    assert str(state.parent) in found.detail


def test_a_folder_of_another_user_or_group_is_told(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its owner may do with it what they like; root's is fine."""
    state.parent.chmod(0o770)
    monkeypatch.setattr(rights, "_is_own_group", lambda _user, _group: False)
    assert "a group" in host.folder(state).detail
    state.parent.chmod(0o755)
    shown = os.stat_result((0o40755, 0, 0, 1, 4242, 0, 0, 0, 0, 0))
    monkeypatch.setattr(type(state), "stat", lambda _path, **_how: shown)
    assert "another user" in host.folder(state).detail


def test_the_folder_of_no_state_file_is_told(tmp_path: Path) -> None:
    """It is not there."""
    assert host.folder(tmp_path / "nowhere" / "connector.db").level is Level.FAIL


def test_lock(state: Path) -> None:
    """Free, held by whom, free again; looking creates no file and holds nobody up."""
    assert host.lock(state, SystemClock().now()).detail == "free, and never held"
    assert not state.with_name("connector.db.lock").exists()
    with exclusive(state):
        assert "held by process" in host.lock(state, SystemClock().now()).detail
    assert host.lock(state, SystemClock().now()).detail == "free"
    with state.with_name("connector.db.lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_holder_that_does_nothing_any_more_is_a_fault(state: Path) -> None:
    """Which process, and what ends it."""
    with exclusive(state):
        found = host.lock(state, SystemClock().now() + 601)
    assert found.level is Level.FAIL
    assert "no step for 10 minutes" in found.detail
    assert "kill" in found.advice


def keyed(state: Path) -> Path:
    """Return a configuration beside which the key lies."""
    key_path(state).write_text(KEY.hex())
    key_path(state).chmod(0o600)
    return state


def test_a_file_without_its_key(state: Path) -> None:
    """The key is gone, or is another one: who must do what is told."""
    findings, store = memory.examine_file(state, state)
    assert (findings[-1].level, store) == (Level.FAIL, None)
    assert "recover" in findings[-1].advice
    key_path(state).write_text("00" * 32)
    findings, store = memory.examine_file(state, state)
    assert (findings[-1].check, findings[-1].level, store) == ("state key", Level.FAIL, None)
    assert "another key" in findings[-1].detail


def levels(path: Path) -> list[Level]:
    """Examine a file and close what was opened."""
    findings, store = memory.examine_file(path, keyed(path))
    if store is not None:
        store.close()
    return [finding.level for finding in findings]


def test_a_sound_file(state: Path) -> None:
    """Whole, private, of this schema."""
    assert levels(state) == [Level.OK, Level.OK, Level.OK]


def test_a_file_for_everybody(state: Path) -> None:
    """Others may read it: a warning with the command."""
    state.chmod(0o644)
    findings, store = memory.examine_file(state, keyed(state))
    assert store is not None
    store.close()
    assert (findings[0].level, findings[0].advice) == (Level.WARN, f"chmod 600 {state}")


def test_a_newer_and_a_foreign_file(state: Path) -> None:
    """The words are those with which a run would refuse it."""
    with closing(sqlite3.connect(state)) as file:
        file.execute("PRAGMA user_version = 99")
    findings, _ = memory.examine_file(state, keyed(state))
    assert "knows only" in findings[0].detail
    with closing(sqlite3.connect(state)) as file:
        file.execute("PRAGMA application_id = 5")
    assert "not a state file" in memory.examine_file(state, keyed(state))[0][0].detail


def test_an_older_file_is_not_migrated(state: Path) -> None:
    """The doctor leaves that to the next run."""
    with closing(sqlite3.connect(state)) as file:
        file.execute("PRAGMA user_version = 0")
    findings, store = memory.examine_file(state, keyed(state))
    assert store is None
    assert [finding.level for finding in findings] == [Level.OK, Level.WARN]
    with closing(sqlite3.connect(state)) as file:
        assert file.execute("PRAGMA user_version").fetchone()[0] == 0


def test_no_file_empty_and_broken(tmp_path: Path, state: Path) -> None:
    """Each is one failing line that names the next step."""
    assert levels(tmp_path / "none.db") == [Level.FAIL]
    (tmp_path / "empty.db").touch()
    assert levels(tmp_path / "empty.db") == [Level.FAIL]
    (tmp_path / "words.db").write_text("no database " * 100)
    assert levels(tmp_path / "words.db") == [Level.FAIL]
    content = bytearray(state.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    state.write_bytes(bytes(content))
    findings, _ = memory.examine_file(state, keyed(state))
    assert findings[0].level is Level.FAIL
    assert findings[0].advice.startswith("connector state restore, or ")
    assert "recover" in findings[0].advice


def test_exit_codes() -> None:
    """A side that is away goes first, then what a person must mend; warnings are none."""
    away = failed("a", NeverSent("away"))
    late = failed("a", RemoteError("late"))
    denied = failed("a", AccessDenied("denied", status=401))
    warned = Finding("a", Level.WARN, "")
    assert [exit_code(found) for found in ([], [warned], [denied], [away], [late, denied])] == [0, 0, 1, 3, 3]
