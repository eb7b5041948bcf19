"""The key of a pair: made once, private, read from beside the configuration or from systemd's credentials."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from connector.config.key import KEY_BYTES, key_path, make_key, read_key
from connector.errors import ConfigError, PersonNeeded

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the configuration is."""
    return tmp_path / "connector.toml"


def test_a_key_is_made_once_and_private(config: Path) -> None:
    """It lies beside the configuration, for its owner only, and is never overwritten."""
    assert read_key(config, {}) is None

    made = make_key(config)

    assert (len(made), read_key(config, {})) == (KEY_BYTES, made)
    assert key_path(config) == config.with_name("connector.key")
    assert key_path(config).stat().st_mode & 0o777 == 0o600
    with pytest.raises(PersonNeeded, match="cannot be created"):
        make_key(config)
    assert read_key(config, {}) == made


def test_two_pairs_in_one_folder_have_two_keys(tmp_path: Path) -> None:
    """A key has the name of its configuration."""
    keys = {make_key(tmp_path / name) for name in ("a.toml", "b.toml")}

    assert len(keys) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.key", "b.key"]


def test_a_renamed_configuration_finds_its_key(config: Path) -> None:
    """`connector.key` serves what has no key of its own name."""
    made = make_key(config)
    other = config.with_name("elsewhere.toml")

    assert read_key(other, {}) == made
    assert make_key(other) == read_key(other, {}) != made


@pytest.mark.parametrize(
    ("toml", "credential"),
    [("connector.toml", "key"), ("connector.toml", "connector.key"), ("acme.toml", "acme.key")],
)
def test_a_credential_wins(tmp_path: Path, toml: str, credential: str) -> None:
    """What the service manager hands over goes before the file, whatever its mode."""
    make_key(tmp_path / toml)
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / credential).write_text("ab" * 32)
    (folder / credential).chmod(0o444)

    assert read_key(tmp_path / toml, {"CREDENTIALS_DIRECTORY": str(folder)}) == b"\xab" * 32


@pytest.mark.parametrize("content", ["", "not hex", "abcd", "zz" * 32, "\x00\xff" * 40])
def test_what_is_no_key_is_told(config: Path, content: str) -> None:
    """A torn, empty or foreign file: one sentence with its path."""
    key_path(config).write_text(content)
    key_path(config).chmod(0o600)

    with pytest.raises(ConfigError, match=r"connector\.key") as told:
        read_key(config, {})

    assert told.value.hint


@pytest.mark.parametrize("mode", [0o602, 0o666])
def test_a_key_that_others_may_change_is_refused(config: Path, mode: int) -> None:
    """Whoever writes the key decides which ids are ours."""
    make_key(config)
    key_path(config).chmod(mode)

    with pytest.raises(PersonNeeded, match="others may change"):
        read_key(config, {})


def test_a_key_that_others_may_read_is_told(config: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It still works, with a warning that names the cure."""
    make_key(config)
    key_path(config).chmod(0o644)

    assert read_key(config, {}) is not None
    assert [record.message for record in caplog.records] == ["key_file.exposed"]


def test_a_key_of_somebody_else_is_refused(config: Path) -> None:
    """Neither this user's nor root's."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    make_key(config)
    os.chown(key_path(config), 65_534, 65_534)

    with pytest.raises(PersonNeeded, match="another user"):
        read_key(config, {})


def test_a_link_is_not_followed(config: Path, tmp_path: Path) -> None:
    """A link in the place of the key needs a person."""
    (tmp_path / "elsewhere").write_text("ab" * 32)
    key_path(config).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PersonNeeded, match="cannot be read"):
        read_key(config, {})
