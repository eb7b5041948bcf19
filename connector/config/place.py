"""Where the state of a pair is, by its configuration: a file, or the database whose address a file holds.

The schema has the name of ``[state] path``, beside which the pair keeps what belongs to this machine alone.
"""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from connector.config.address import checked, read_address
from connector.errors import ConfigError
from state.access.place import Schema, is_address
from state.errors import StateError

_LONGEST_SCHEME = 16

if TYPE_CHECKING:
    from connector.config.model import Config
    from state.access.place import Place


def place_of(config: Config) -> Place:
    """Return where the state of a pair is; ConfigError when an address cannot be had."""
    file = config.state.url_file
    return config.state.path if file is None else schema_of(config.state.path, file)


def target_of(config: Config, text: str) -> Place:
    """Return the place that a person named: an address, a file that holds one, or a file for the state."""
    if "://" in text:  # of another database it is told so, and no file is made
        return schema_at(text, config.state.path)
    path = Path(text).absolute()
    return schema_of(config.state.path, path) if _holds_address(path) else path


def _holds_address(path: Path) -> bool:
    with suppress(OSError, ValueError):
        if path.is_file():  # a pipe without a writer would be waited for
            with path.open("rb") as file:
                return is_address(file.read(_LONGEST_SCHEME).decode(errors="replace"))
    return False


def schema_of(path: Path, url_file: Path) -> Schema:
    """Return the schema of a pair in the database whose address a file holds."""
    return schema_at(read_address(url_file, "[state] url_file"), path)


def schema_at(address: str, path: Path) -> Schema:
    """Return the schema of a pair in the database at an address; ConfigError when it cannot be one."""
    if find_spec("psycopg") is None:
        raise ConfigError(
            "State in PostgreSQL needs psycopg, which is not installed.",
            hint="pip install --require-hashes -r requirements-fleet.txt",
        )
    checked(address)
    try:
        return Schema(address, path.stem, path)
    except StateError as error:
        raise ConfigError(f"{error}.", hint=error.hint) from None
