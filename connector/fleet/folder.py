"""The folder of a fleet: a file for each pair, whose name is the pair's, and `NAME.paused` beside it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from connector.errors import ConfigError, cannot_use

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FLEET_FILE = "fleet.toml"
"""The fleet's own file, which may lie among those of its pairs."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")  # it is used in names of files and in addresses


@dataclass(frozen=True, slots=True)
class PairFile:
    """The configuration of one pair, and whether the pair is paused."""

    name: str
    path: Path
    paused: bool = False

    @property
    def pause_path(self) -> Path:
        """Return the file that pauses this pair by being there."""
        return self.path.with_suffix(".paused")

    def check_name(self) -> None:
        """Refuse a name that cannot be used in an address or in the name of a token's file."""
        if not _NAME.fullmatch(self.name):
            raise ConfigError(
                f"{self.path.name} is not a usable name for a pair",
                hint="name the file with letters, digits, - and _ only, at most 64",
            )


def pair_files(folder: Path) -> dict[str, PairFile]:
    """Return the pairs of a folder by name, in order; ConfigError or DiskFailed when it cannot be listed."""
    try:
        names = {path.name for path in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(
            f"There is no folder {folder}.", hint="Make it and put a file NAME.toml for each pair into it."
        ) from None
    except OSError as error:
        raise cannot_use(folder, error, hint=f"check who may read {folder}") from None
    found = sorted(name.removesuffix(".toml") for name in names if _is_pair(name))
    return {name: PairFile(name, folder / f"{name}.toml", f"{name}.paused" in names) for name in found}


def find(files: Mapping[str, PairFile], name: str) -> PairFile:
    """Return a pair by its name; ConfigError names the nearest one."""
    if name in files:
        return files[name]
    nearest = get_close_matches(name, files, n=1, cutoff=0.0)
    hint = f"Did you mean {nearest[0]}?" if nearest else "connector fleet status"
    raise ConfigError(f"There is no pair {name}.", hint=hint)


def pause(file: PairFile) -> None:
    """Pause a pair until it is resumed; a pass in progress runs to its end."""
    try:
        file.pause_path.touch(mode=0o644)
    except OSError as error:
        raise cannot_use(file.pause_path, error, hint="let this user write there") from error


def resume(file: PairFile) -> None:
    """Let a pair go on, and one that rests after a failure try again."""
    try:
        file.pause_path.unlink(missing_ok=True)
        os.utime(file.path)  # as if it had been saved again: a rest lasts until the file changes
    except OSError as error:
        raise cannot_use(file.path, error, hint="let this user write there") from error


def _is_pair(name: str) -> bool:
    return name.endswith(".toml") and not name.startswith(".") and name != FLEET_FILE
