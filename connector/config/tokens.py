"""Tokens: from systemd's credentials, a file, or the environment. They cannot be printed.

``$CREDENTIALS_DIRECTORY/dashly_token``, else the file that ``DASHLY_TOKEN_FILE`` names, else
``DASHLY_TOKEN``; the same for ``intercom``.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from connector.errors import ConfigError
from connector.host.log import event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mappings.model import Side

_logger = logging.getLogger(__name__)


def token_variable(side: Side) -> str:
    """Return the name of the variable that holds a side's token."""
    return f"{side.value.upper()}_TOKEN"


def read_token(side: Side, environment: Mapping[str, str] = os.environ) -> SecretStr:
    """Return the side's token; ``ConfigError`` when there is none."""
    variable = token_variable(side)
    credential = _credential(side, environment)
    path = credential or _named_file(f"{variable}_FILE", environment)
    token = environment.get(variable, "") if path is None else _read(path, variable)
    if path is not None and credential is None:  # systemd guards its own with access lists
        _warn_if_exposed(path)
    return _checked(token.strip(), variable)


def _credential(side: Side, environment: Mapping[str, str]) -> Path | None:
    directory = environment.get("CREDENTIALS_DIRECTORY")
    path = Path(directory) / f"{side.value}_token" if directory else None
    return path if path is not None and path.exists() else None


def _named_file(variable: str, environment: Mapping[str, str]) -> Path | None:
    name = environment.get(variable)
    return Path(name) if name else None


def _read(path: Path, variable: str) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise ConfigError(
            f"The token file {path} cannot be read ({reason}).", hint=f"Check {variable}_FILE."
        ) from None


def _warn_if_exposed(path: Path) -> None:
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        event(_logger, logging.WARNING, "token_file.exposed", path=str(path), fix=f"chmod 600 {path}")


def _checked(token: str, variable: str) -> SecretStr:
    if not token:
        raise ConfigError(
            f"There is no token: {variable} is not set.",
            hint=f"Set {variable}, or {variable}_FILE to the name of a file that holds it.",
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"The token in {variable} holds characters that no token has.", hint="Copy it again, whole."
        )
    return SecretStr(token)
