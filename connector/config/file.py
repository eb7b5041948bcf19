"""Finding and reading the configuration file; every way it can be wrong is one sentence."""

from __future__ import annotations

import os
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from connector.config.model import Config
from connector.config.problems import first_problem
from connector.errors import ConfigError, cannot_use
from connector.host.rights import read_trusted

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_FILE = "connector.toml"
PATH_VARIABLE = "CONNECTOR_CONFIG"


def template(pair: str = "connector") -> str:
    """Return the commented file that ``init`` writes; several in one folder have a state file each."""
    text = files("connector.config").joinpath("connector.toml.example").read_text("utf-8")
    if pair == Path(DEFAULT_FILE).stem:
        return text
    return text.replace('# path = "connector.db"', f'path = "{pair}.db"        ', 1)


def find_path(option: str | Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return which file to read: the option, else the variable, else the one in this directory."""
    return Path(option or environment.get(PATH_VARIABLE) or DEFAULT_FILE)


def load(path: Path) -> Config:
    """Read and check the file; ``ConfigError`` names the first thing that is wrong."""
    missing = ConfigError(f"There is no configuration file {path}.", hint="Write one with: connector init")
    return checked(read_toml(path, missing=missing), path)


def checked(raw: Mapping[str, object], path: Path) -> Config:
    """Return what is in a file, or will be; ``ConfigError`` names the first thing that is wrong."""
    tables: dict[str, object] = {name: {} for name in Config.model_fields}
    try:
        told = _with_own_schema({**tables, **raw}, path.stem)
        config = Config.model_validate(told, context={"base": path.resolve().parent})
    except ValidationError as error:
        raise first_problem(error, path, Config) from None
    try:
        config.kind_table()
    except ValueError as error:
        raise ConfigError(f"{path}: in [map.parts], {error}.", hint="Correct [map.parts].") from None
    return config


def _with_own_schema(raw: dict[str, object], pair: str) -> dict[str, object]:
    """Return what is in a file, with a path by the pair's name where the state is kept in a database."""
    state = raw["state"]
    if isinstance(state, dict) and state.get("url_file") and "path" not in state:
        return {**raw, "state": {**state, "path": f"{pair}.db"}}
    return raw


def read_toml(path: Path, *, missing: ConfigError) -> dict[str, object]:
    """Return what a file that a person wrote says; ``ConfigError`` when that cannot be read or trusted."""
    try:
        return tomllib.loads(read_trusted(path).decode("utf-8"))
    except FileNotFoundError:
        raise missing from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.", hint="Correct that line.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not text in UTF-8.", hint="Save it as UTF-8.") from None
    except OSError as error:
        raise cannot_use(path, error, hint=f"check who owns {path} and who may read it") from None
