"""Another user of this machine: what they may have written is not trusted, and what we make is ours alone."""

from __future__ import annotations

import grp
import os
import pwd
import signal
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connector.app.machine.mailbox import leave, mailbox, take
from connector.app.monitoring.metrics import _last_success
from connector.archive.lines import End, Header
from connector.archive.writing import Unfinished
from connector.config.file import load
from connector.config.key import read_key
from connector.config.tokens import read_token
from connector.doctor import host
from connector.doctor.findings import Level
from connector.errors import ConfigError, DiskFailed, Hanging, NotPermitted, PersonNeeded
from connector.fleet.published import last_published
from connector.host.decisions import Decisions
from connector.host.holder import UNKNOWN, Holder, refuse_if_hanging
from connector.host.lock import exclusive, held_by, holder_of
from connector.host.rights import read_trusted
from mappings.model import Side
from state.care.backups import folder_beside, make
from state.errors import StateForbidden
from state.file.opening import create, open_existing
from state.file.peek import peek
from state.file.places import trusted_owners
from state.meta import Fact
from state.migrations.version import KEY_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

MINIMAL = '[dashly]\napp_id = "1"\n[intercom]\ndefault_admin = "2"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration of this user."""
    path = tmp_path / "connector.toml"
    path.write_text(MINIMAL)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_that_only_its_owner_writes_is_read(config: Path, mode: int) -> None:
    """Who may read the configuration is the owner's choice: it holds no secret."""
    config.chmod(mode)

    assert load(config).dashly.app_id == "1"


def test_a_configuration_that_everybody_may_write_is_refused(config: Path) -> None:
    """Whoever can change it can send the tokens anywhere."""
    config.chmod(0o646)

    with pytest.raises(ConfigError, match="Everybody may write") as caught:
        load(config)
    assert caught.value.hint == f"chmod o-w {config}"


def test_a_token_file_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    """A token of a stranger would lead to the stranger's workspace."""
    path = tmp_path / "token"
    path.write_text("a-token-of-a-stranger")
    path.chmod(0o602)

    with pytest.raises(ConfigError, match="Everybody may write"):
        read_token(Side.DASHLY, {"DASHLY_TOKEN_FILE": str(path)})


def test_a_configuration_of_another_user_is_refused(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They could change it at any time; root's is fine."""
    _let_own(config, monkeypatch)
    with pytest.raises(ConfigError, match="belongs to another user"):
        load(config)


@pytest.mark.parametrize(
    ("primary", "members", "own"),
    [(True, [], True), (True, ["owner"], True), (True, ["owner", "eve"], False), (False, [], False)],
)
def test_a_group_may_write_only_when_it_is_the_owners_own(
    config: Path, monkeypatch: pytest.MonkeyPatch, *, primary: bool, members: list[str], own: bool
) -> None:
    """Many systems make a group for each user, and a umask that lets it write."""
    config.chmod(0o660)
    found = config.stat()
    gid = found.st_gid if primary else found.st_gid + 1
    user = pwd.struct_passwd(("owner", "x", found.st_uid, gid, "", "/", "/bin/sh"))
    group = grp.struct_group(("owner", "x", found.st_gid, members))
    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: user)
    monkeypatch.setattr(grp, "getgrgid", lambda _gid: group)

    if own:
        assert load(config).dashly.app_id == "1"
    else:
        with pytest.raises(ConfigError, match="A group may write"):
            load(config)


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    """Else a stranger could have any file of ours emptied."""
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (tmp_path / "connector.db.lock").symlink_to(precious)

    with (
        pytest.raises(DiskFailed, match=r"connector\.db\.lock cannot be used"),
        exclusive(tmp_path / "connector.db"),
    ):
        pass
    assert precious.read_text() == "kept"


@pytest.fixture
def patience() -> Iterator[None]:
    """Whoever opens a pipe that nobody writes into waits for ever; here for a moment."""

    def late(_number: int, _frame: object) -> None:
        raise AssertionError("somebody waits for a pipe")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("patience")
def test_a_pipe_in_the_place_of_a_file_is_waited_for_by_nobody(tmp_path: Path) -> None:
    """One without a writer is an empty file, or none, wherever we read."""
    state, key = tmp_path / "connector.db", tmp_path / "connector.key"
    pipes = [state, key, mailbox(state), tmp_path / "connector.toml", tmp_path / ".fleet.json"]
    pipes += [Path(f"{state}.lock"), Decisions.beside(state).path, tmp_path / "connector.prom"]
    for path in pipes:
        os.mkfifo(path, 0o600)

    with pytest.raises(ConfigError):
        load(tmp_path / "connector.toml")
    with pytest.raises(ConfigError):
        read_key(tmp_path / "connector.toml", {})
    with pytest.raises(NotPermitted), exclusive(state):
        pass
    with pytest.raises(PersonNeeded):
        list(Decisions.beside(state).left_out())
    assert host.lock(state, 0.0).level is Level.FAIL
    assert held_by(state) is None
    assert holder_of(state) == Holder()
    assert peek(state, Fact.RUN) is None
    assert last_published(tmp_path / ".fleet") == {}
    assert _last_success(tmp_path / "connector.prom") is None
    with pytest.raises(OSError, match=r"connector\.db\.hints"):
        leave(state, Side.INTERCOM, "215")
    assert not any(take(state).values())


@pytest.mark.usefixtures("patience")
def test_a_pipe_of_a_stranger_is_no_configuration(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they write into it would send the tokens anywhere; one of ours is read, as a shell makes it."""
    content = config.read_bytes()
    config.unlink()
    os.mkfifo(config, 0o600)
    writer = os.open(config, os.O_RDWR)  # a pipe may be opened so without a reader
    os.write(writer, content)
    reader = os.open(config, os.O_RDONLY)
    os.close(writer)
    try:
        assert read_trusted(Path(f"/dev/fd/{reader}")) == content
    finally:
        os.close(reader)

    _let_own(config, monkeypatch)
    with pytest.raises(ConfigError, match="belongs to another user"):
        load(config)


def test_a_file_of_a_stranger_in_the_place_of_ours_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They could hold the lock for ever, and let the state file say what they like."""
    state = tmp_path / "connector.db"
    create(state, key=b"k" * 32).close()
    with exclusive(state):
        pass
    assert peek(state, KEY_MARK) is not None

    monkeypatch.setattr("connector.host.rights.trusted_owners", lambda _path: frozenset())
    monkeypatch.setattr("state.file.opening.trusted_owners", lambda _path: frozenset())
    monkeypatch.setattr("state.file.peek.trusted_owners", lambda _path: frozenset())

    with pytest.raises(NotPermitted, match="not a file of this user"), exclusive(state):
        pass
    assert held_by(state) is None
    with pytest.raises(StateForbidden, match="belongs to another user"):
        open_existing(state, key=b"k" * 32)
    assert peek(state, KEY_MARK) is None


@pytest.mark.parametrize("suffix", ["-wal", "-shm"])
@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_link_beside_the_state_file_changes_nothing_where_it_leads(
    tmp_path: Path, suffix: str, journal: str
) -> None:
    """Taking the rights of others from it would take them from any file of ours; a person sees to it."""
    state, precious = tmp_path / "connector.db", tmp_path / "precious"
    create(state, key=b"k" * 32).close()
    with closing(sqlite3.connect(state)) as file:
        file.execute(f"PRAGMA journal_mode = {journal}")
    precious.write_text("kept")
    precious.chmod(0o644)
    Path(f"{state}{suffix}").symlink_to(precious)

    with pytest.raises(StateForbidden, match="is a link"):
        open_existing(state, key=b"k" * 32)
    assert (precious.read_text(), stat.S_IMODE(precious.stat().st_mode)) == ("kept", 0o644)


def test_a_link_in_the_place_of_the_backups_is_not_followed(tmp_path: Path) -> None:
    """Copies of the state would go to where a stranger reads them."""
    state, elsewhere = tmp_path / "connector.db", tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    folder_beside(state).symlink_to(elsewhere)

    with closing(create(state, key=b"k" * 32)) as file, pytest.raises(StateForbidden):
        make(file, 0.0)
    assert list(elsewhere.iterdir()) == []
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


def test_files_of_ours_belong_to_this_user_root_or_the_owner_of_their_folder(tmp_path: Path) -> None:
    """Root looks after the files of a service's user, whose folder they lie in."""
    assert trusted_owners(tmp_path / "connector.db") == {os.geteuid(), 0, tmp_path.stat().st_uid}


@pytest.mark.parametrize("told", ["$(reboot)", "1;reboot", "-1", "0", "\u0661", "1" * 30])
def test_what_a_lock_says_is_no_command(tmp_path: Path, told: str) -> None:
    """The process is told as something to type: it is a number or unknown."""
    holder = Holder.read(f"{told}\n-\n0\n")

    assert holder.process == UNKNOWN
    with pytest.raises(Hanging) as caught:
        refuse_if_hanging(tmp_path / "connector.db", holder, 1_000.0)
    assert told not in f"{caught.value} {caught.value.hint}".replace("process", "")
    assert "kill" not in caught.value.hint


def test_the_lock_file_is_private(tmp_path: Path) -> None:
    """Whoever could open it could hold the lock for ever."""
    before = os.umask(0)
    try:
        with exclusive(tmp_path / "connector.db"):
            mode = (tmp_path / "connector.db.lock").stat().st_mode
    finally:
        os.umask(before)

    assert stat.S_IMODE(mode) == 0o600


def test_a_folder_that_this_user_may_not_write_needs_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run cannot mend rights: exit code 7, not 3."""

    def denied(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("connector.host.lock.open_private", denied)

    with pytest.raises(NotPermitted) as caught, exclusive(tmp_path / "connector.db"):
        pass
    assert caught.value.exit_code == 7


def test_a_huge_file_in_the_place_of_the_configuration_is_not_read(config: Path) -> None:
    """A configuration is a page of text."""
    with config.open("ab") as file:
        file.truncate(2 * 1024 * 1024)

    with pytest.raises(ConfigError, match="larger than 1 MB"):
        load(config)


def test_a_link_in_the_place_of_an_export_is_not_followed(tmp_path: Path) -> None:
    """In a folder of many, a stranger would choose which file of ours is emptied, or who reads the export."""
    precious = tmp_path / "precious"
    precious.write_text("")
    (tmp_path / "all.ndjson.gz.part").symlink_to(precious)

    with (
        pytest.raises((ConfigError, NotPermitted, DiskFailed)),
        Unfinished(tmp_path / "all.ndjson.gz", Header(Side.DASHLY, "1", 0.0)),
    ):
        pass
    assert precious.read_text() == ""


def test_an_export_is_packed_into_a_file_whose_name_nobody_guesses(tmp_path: Path) -> None:
    """A link beside it leads nothing astray."""
    precious = tmp_path / "precious"
    precious.write_text("")
    (tmp_path / "all.ndjson.gz.tmp").symlink_to(precious)

    with Unfinished(tmp_path / "all.ndjson.gz", Header(Side.DASHLY, "1", 0.0)) as export:
        export.finish(End(0))

    assert precious.read_text() == ""
    assert (tmp_path / "all.ndjson.gz").stat().st_size > 0


def test_an_export_goes_into_no_file_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who made it beforehand could read what comes into it; ours that others could read is narrowed."""
    path = tmp_path / "all.ndjson.part"
    path.write_text("")
    path.chmod(0o666)
    header = Header(Side.DASHLY, "1", 0.0)

    with Unfinished(tmp_path / "all.ndjson", header):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    owner = path.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(NotPermitted, match="not a file of this user"):
        Unfinished(tmp_path / "all.ndjson", header)


def _let_own(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file belong to neither this user nor root."""
    if os.geteuid() == 0:
        os.chown(path, 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
