"""The secret of a pair: `connector.key` beside `connector.toml`, made by `init`; systemd's credential wins.

Ids of ours and hashes in the state file are keyed with it. It is 32 random bytes, written in hex, and lies in
no backup that the program makes.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from connector.errors import ConfigError, PersonNeeded
from connector.host.log import event

if TYPE_CHECKING:
    from collections.abc import Mapping

# As long as the hash that it keys.
KEY_BYTES = 32
# A wrong file is refused, not read into memory.
_LONGEST = 4096
_DEFAULT_NAME = "connector"
_LOG = logging.getLogger(__name__)


def key_path(config: Path) -> Path:
    """Return where the key of a configuration lies: beside it, under its name."""
    return config.with_suffix(".key")


def read_key(config: Path, environment: Mapping[str, str] = os.environ) -> bytes | None:
    """Return the key of a configuration, or None when there is none.

    PersonNeeded when this user may not read it or others may change it; ConfigError when it is not a key.
    """
    credential = _credential(config, environment)
    path = credential or _beside(config)
    try:
        text = _content(path, check=credential is None)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PersonNeeded(
            f"the key file {path} cannot be read: {error.strerror}", hint=f"chown or chmod {path}"
        ) from error
    return _parsed(text, path)


def _beside(config: Path) -> Path:
    """Return the key file of a configuration; one that was renamed still finds `connector.key`."""
    own, common = key_path(config), config.with_name(f"{_DEFAULT_NAME}.key")
    return common if common.exists() and not os.path.lexists(own) else own


def make_key(config: Path) -> bytes:
    """Make the key of a configuration and keep it for its owner only; what is there is never overwritten."""
    path, key = key_path(config), secrets.token_bytes(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PersonNeeded(
            f"the key file {path} cannot be created: {error.strerror}",
            hint=f"let this user write in {path.parent} once, or put a key there with: "
            f"openssl rand -hex {KEY_BYTES} > {path}",
        ) from error
    return key


def _credential(config: Path, environment: Mapping[str, str]) -> Path | None:
    directory = environment.get("CREDENTIALS_DIRECTORY")
    names = [f"{config.stem}.key"] if config.stem != _DEFAULT_NAME else ["connector.key", "key"]
    found = (Path(directory) / name for name in names) if directory else ()
    return next((path for path in found if path.exists()), None)


def _content(path: Path, *, check: bool) -> str:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | (os.O_NOFOLLOW if check else 0))
    with os.fdopen(descriptor, "rb") as file:
        if check:
            _check_owner(path, os.fstat(descriptor))
        return file.read(_LONGEST).decode(errors="replace").strip()


def _check_owner(path: Path, found: os.stat_result) -> None:
    if found.st_uid not in {os.geteuid(), 0}:
        raise PersonNeeded(
            f"the key file {path} belongs to another user", hint=f"chown {path} to the connector's user"
        )
    group_is_owner = found.st_uid == found.st_gid
    writers = stat.S_IWOTH if group_is_owner else stat.S_IWOTH | stat.S_IWGRP
    if found.st_mode & writers:
        raise PersonNeeded(f"others may change the key file {path}", hint=f"chmod 600 {path}")
    if found.st_mode & (stat.S_IRGRP | stat.S_IROTH):
        event(_LOG, logging.WARNING, "key_file.exposed", path=str(path), fix=f"chmod 600 {path}")


def _parsed(text: str, path: Path) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise ConfigError(
            f"The key file {path} does not hold {KEY_BYTES} bytes in hex.",
            hint="put the right file back, or move it away and run: connector recover",
        )
    return key
