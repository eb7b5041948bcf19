"""Tokens: from systemd's credentials, a file, or the environment. They cannot be printed.

``$CREDENTIALS_DIRECTORY/NAME.dashly_token`` where the configuration is ``NAME.toml``, else ``dashly_token``
there, else the file that ``DASHLY_TOKEN_FILE`` names, else ``DASHLY_TOKEN``; the same for ``intercom``. In a
fleet only the first: a token that several pairs share is one too many.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from connector.errors import FORBIDDEN_BY_OWNER_OR_MODE, ConfigError, NotPermitted
from connector.host.redaction import REDACTOR
from connector.host.rights import is_readable_by_everybody, read_trusted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mappings.model import Side

CLIENT_SECRET = "intercom_client_secret"  # noqa: S105 - its name
_CREDENTIALS = "CREDENTIALS_DIRECTORY"
_OF_SERVICES = Path("/run/credentials")


class Token(SecretStr):
    """A token that knows its place: the variable or the file that it was read from."""

    def __init__(self, text: str, place: str) -> None:
        super().__init__(text)
        self.place = place


def place_of(token: SecretStr, side: Side) -> str:
    """Return where a person puts another token of this side."""
    return token.place if isinstance(token, Token) else token_variable(side)


def token_variable(side: Side) -> str:
    """Return the name of the variable that holds a side's token."""
    return f"{side.value.upper()}_TOKEN"


def read_token(side: Side, environment: Mapping[str, str] = os.environ, *, pair: str = "") -> SecretStr:
    """Return the side's token for the pair of this name; ``ConfigError`` when there is none."""
    return _read(f"{side}_token", environment, pair)


def read_own_token(side: Side, pair: str, environment: Mapping[str, str] = os.environ) -> SecretStr:
    """Return the token that is one pair's alone; ``ConfigError`` when there is none."""
    return _read_own(f"{side}_token", environment, pair)


def read_client_secret(environment: Mapping[str, str] = os.environ, *, pair: str = "") -> SecretStr:
    """Return what Intercom signs its webhooks with; ``ConfigError`` when there is none."""
    return _read(CLIENT_SECRET, environment, pair)


def read_own_client_secret(pair: str, environment: Mapping[str, str] = os.environ) -> SecretStr:
    """Return what Intercom signs the webhooks of one pair with; ``ConfigError`` when there is none."""
    return _read_own(CLIENT_SECRET, environment, pair)


def own_token_file(side: Side, pair: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return where the token of one pair alone lies, or would lie; None where no folder is named."""
    return _own(f"{side}_token", environment, pair)


def _read(name: str, environment: Mapping[str, str], pair: str) -> SecretStr:
    variable = name.upper()
    credential = _credential(name, environment, pair)
    check, what = f"Check {variable}_FILE.", _noun(name)
    if credential is not None:  # the service manager guards its own with access lists
        text = _told(credential, credential.read_bytes, check, what)
        return checked_token(text, _behind(credential), what=what)
    named = _named_file(variable, environment)
    if named is not None:
        text = _told(named, lambda: read_trusted(named), check, what)
        return checked_token(text, str(named), what=what)
    if not environment.get(variable, "").strip():
        raise ConfigError(f"There is no {what}: {variable} is not set.", hint=_missing(name, environment))
    return checked_token(environment[variable], variable, what=what)


def _noun(name: str) -> str:
    """Return what people call it; whoever lacks a secret must not look for a token."""
    return "client secret of Intercom" if name == CLIENT_SECRET else "token"


def _behind(credential: Path) -> str:
    """Return the place of a credential: systemd gives a service a copy, which nobody can replace."""
    if credential.is_relative_to(_OF_SERVICES):
        return f"the file that LoadCredential={credential.name} names"
    return str(credential)


def _missing(name: str, environment: Mapping[str, str]) -> str:
    variable, directory = name.upper(), environment.get(_CREDENTIALS)
    place = f"Put it into {Path(directory) / name}, or set" if directory else "Set"
    origin = "It is in Intercom's Developer Hub: your app, Basic information. " * (name == CLIENT_SECRET)
    return f"{origin}{place} {variable}, or {variable}_FILE to the name of a file that holds it."


def _read_own(name: str, environment: Mapping[str, str], pair: str) -> SecretStr:
    path = _own(name, environment, pair)
    if path is None:
        raise ConfigError(
            f"There is no folder with tokens: {_CREDENTIALS} is not set.",
            hint=f"Set {_CREDENTIALS}, or let systemd: LoadCredential={pair}.{name}:FILE",
        )
    put, what = f"Put the one of the pair {pair} there.", _noun(name)
    return checked_token(_told(path, path.read_bytes, put, what), _behind(path), hint=put, what=what)


def _own(name: str, environment: Mapping[str, str], pair: str) -> Path | None:
    directory = environment.get(_CREDENTIALS)
    return Path(directory) / f"{pair}.{name}" if directory else None


def exposed_token_file(
    side: Side, environment: Mapping[str, str] = os.environ, *, pair: str = ""
) -> Path | None:
    """Return the file with the side's token when everybody on this machine may read it."""
    if _credential(f"{side}_token", environment, pair) is not None:
        return None
    named = _named_file(token_variable(side), environment)
    return named if named is not None and is_readable_by_everybody(named) else None


def _credential(name: str, environment: Mapping[str, str], pair: str) -> Path | None:
    own = _own(name, environment, pair)
    if own is None:
        return None
    found = (path for path in (own, own.with_name(name)) if path.exists())
    return next(found, None)


def _named_file(variable: str, environment: Mapping[str, str]) -> Path | None:
    name = environment.get(f"{variable}_FILE")
    return Path(name) if name else None


def _told(path: Path, read: Callable[[], bytes], hint: str, what: str) -> str:
    try:
        return read().decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{_file(what)} {path} is not text.", hint=hint) from None
    except OSError as error:
        told = f"{_file(what)} {path} cannot be read ({error.strerror})."
        if error.errno in FORBIDDEN_BY_OWNER_OR_MODE:
            raise NotPermitted(told, hint=f"chown or chmod {path} for this user") from None
        raise ConfigError(told, hint=hint) from None


def _file(what: str) -> str:
    return "The token file" if what == "token" else f"The file with the {what}"


def checked_token(text: str, place: str, *, hint: str = "", what: str = "token") -> Token:
    """Return a token that can be one; ``ConfigError`` names the variable, or the file, that holds it.

    ``what`` a person calls it.
    """
    token = text.strip()
    if not token:
        raise ConfigError(
            f"There is no {what} in {place}.",
            hint=hint or "Put it there.",
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"The {what} in {place} holds characters that no {what} has.", hint="Copy it again, whole."
        )
    secret = Token(token, place)
    REDACTOR.hide(secret)
    return secret
