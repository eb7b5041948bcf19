"""The address of a database, which is in a file of its own, as a token does: it may hold a password."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from connector.errors import ConfigError, cannot_use
from connector.host.redaction import REDACTOR
from connector.host.rights import read_trusted
from state.access.place import refuse_no_address
from state.errors import StateError

if TYPE_CHECKING:
    from pathlib import Path

_SECRET = frozenset({"password", "sslpassword"})


def read_address(file: Path, key: str) -> str:
    """Return the address that a file holds, which ``key`` names; ConfigError when there is none."""
    hint = f"check {key}"
    try:
        text = read_trusted(file).decode("utf-8").strip()
    except FileNotFoundError:
        raise ConfigError(f"There is no file {file} with the address of the database.", hint=hint) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not text in UTF-8.", hint=hint) from None
    except OSError as error:
        raise cannot_use(file, error, hint=hint) from error
    checked(text)
    return text


def checked(address: str) -> None:
    """Let no text of ours repeat the password of an address; ConfigError when it is none."""
    _hide(address)
    try:
        refuse_no_address(address)
    except StateError as error:
        raise ConfigError(f"{error}.", hint=error.hint) from None


def _hide(address: str) -> None:
    try:
        parts = urlsplit(address)
        passwords = {parts.password or ""}
    except ValueError:
        return
    options = (option.partition("=") for option in parts.query.split("&"))
    passwords |= {value for name, _, value in options if unquote(name) in _SECRET}
    for secret in passwords | {unquote(password) for password in passwords}:
        REDACTOR.hide(SecretStr(secret))
