"""The units for systemd, filled in from the templates in `systemd/`: one file for each, for all pairs."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from connector.errors import ConfigError, cannot_use

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SYSTEM_FOLDER = "/etc/systemd/system"
UNITS = (
    "connector@.service",
    "connector@.timer",
    "connector@.path",
    "connector-live@.service",
    "connector-fleet.service",
    "connector-hooks.service",
)
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
_INSTANCE = re.compile(r"[A-Za-z0-9_.-]+")
_HIDDEN = ("/home", "/root", "/run/user")


def units(program: Path, config: Path) -> Mapping[str, str]:
    """Return the text of each unit by its name; ConfigError where no service could use these files."""
    folder = config.absolute().parent
    if not _INSTANCE.fullmatch(config.stem):
        raise ConfigError(
            f"{config.name} cannot name a service: letters, digits, and . _ - only", hint="rename it"
        )
    for path in (program, folder):
        if not _PLAIN.fullmatch(str(path)) or any(map(path.is_relative_to, _HIDDEN)):
            raise ConfigError(
                f"a service cannot use {path}: services see no home folders, and unit files take plain "
                "names only",
                hint="install into /opt, and keep the configuration in /etc",
            )
    values = {"PROGRAM": str(program), "FOLDER": str(folder)}
    texts = {name: _template(name) for name in UNITS}
    shared = {name.upper(): _template(name).strip() for name in ("credentials", "sandboxing")}
    found = {name: _filled(_filled(text, shared), values) for name, text in texts.items()}
    return {name: text if "@" in name else _for_all_pairs(text) for name, text in found.items()}


def write_units(wanted: Mapping[str, str], folder: Path) -> list[Path]:
    """Write the units that are not there yet and return their paths; one that differs is never replaced."""
    written = []
    for name, text in wanted.items():
        path = folder / name
        try:
            if not path.exists():
                path.write_bytes(text.encode())
                path.chmod(0o644)
                written.append(path)
            elif path.read_bytes() != text.encode():
                raise ConfigError(
                    f"{path} exists and differs; it was left as it is",
                    hint="keep changes with: systemctl edit, remove the file, and run this again",
                )
        except OSError as error:
            raise cannot_use(
                path, error, hint="run as root, or name a folder: connector init --systemd ."
            ) from error
    return written


def _for_all_pairs(text: str) -> str:
    """Return the unit with the folder of all pairs where that of one pair stands."""
    return text.replace("StateDirectory=connector/%i", "StateDirectory=connector")


def _template(name: str) -> str:
    return files("connector.host").joinpath("systemd", name).read_text("utf-8")


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
