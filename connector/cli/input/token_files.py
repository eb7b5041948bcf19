"""The files that `init` is told for tokens, refused while another one can still be named."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from connector.config.tokens import checked_token
from connector.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection

    from connector.config.tokens import Token

_TOKEN = re.compile(r"app\.\w+\.\S+|dG9r\S+")
"""How tokens of the two sides begin."""


def file_for_token(given: str, others: Collection[Path]) -> Path:
    """Return the file that was named; ConfigError where a pasted token could not be kept."""
    file = Path(os.path.expanduser(given)).absolute()  # noqa: PTH111 - the other one fails on unknown users
    if file.exists():
        return file
    if _TOKEN.fullmatch(given):
        raise ConfigError(
            "that is a token, and it was shown on this screen",
            hint="name a file for it and press Enter: the token itself is asked for next, unseen",
        )
    if not file.parent.is_dir():
        raise ConfigError(f"there is no folder {file.parent}", hint="name a file in a folder that exists")
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise ConfigError(f"this user may not write into {file.parent}", hint="name a file in another folder")
    if file in others:
        raise ConfigError(f"{file} is for the other token already", hint="name another file")
    return file


def pasted_token(given: str) -> Token:
    """Return a token that was pasted; ConfigError when it cannot be one."""
    return checked_token(given, "what was pasted")
