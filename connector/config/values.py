"""The kinds of value that a configuration file holds: ids, durations, addresses, versions.

Each turns what a person may sensibly write into one form, or says in a clause what is expected.
"""

from __future__ import annotations

import math
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo

from mappings.model import Seconds

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.[a-z][a-z0-9-]*"
)
_PORTS = 65_536
_VERSION = re.compile(r"1\.[0-4]|2\.(?:\d|[1-9]\d)")


def parse_duration(value: object) -> Seconds:
    """Return a duration in seconds from a number or from text such as ``24h``."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        return float(value)
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    seconds = float(match[1]) * _UNITS[match[2]] if match is not None else math.inf
    if seconds == math.inf:  # also of so many digits that no number holds them
        raise ValueError('a duration such as "90s", "10m", "24h" or "30d"')
    return seconds


def _id(value: object) -> str:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text:
        raise ValueError("filled in" if value == "" else "an id")
    return text


def _optional_id(value: object) -> str:
    return "" if value == "" else _id(value)


def _resolved(path: Path, info: ValidationInfo) -> Path:
    """Return a path from where the file lies on."""
    base: Path = (info.context or {}).get("base", Path())
    try:
        found = base / path.expanduser()
    except RuntimeError:
        raise ValueError("a path, and this one begins with the home folder of an unknown user") from None
    if "\0" in str(found):
        raise ValueError("a path without a null character")
    return found


def _or_none(value: object) -> object:
    return None if value == "" else value


def _address(value: str) -> str:
    """Return where an API is; nothing in it is repeated when it is refused, since a token may be there."""
    text = value.strip()
    parts = _split(text)
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address without a name or password before the host")
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValueError("an address without a query or fragment")
    return text.rstrip("/")


def _push(value: str) -> str:
    """Return where a WebSocket is; it is guarded as the address of an API is."""
    text = value.strip()
    scheme, mark, rest = text.partition("://")
    if not text:
        return text
    if scheme not in {"ws", "wss"}:
        raise ValueError("an address that begins with wss://")
    plain = _address(f"{scheme.replace('ws', 'http')}{mark}{rest}")
    return scheme + mark + plain.partition(mark)[2]


def _listen(value: str) -> str:
    """Return where a server listens: an address of this machine and a port."""
    host, _, port = value.strip().rpartition(":")
    plain = host.removeprefix("[").removesuffix("]")
    if not _is_host(plain) or not port.isdecimal() or int(port) >= _PORTS:
        raise ValueError('an address and a port such as "127.0.0.1:8470"')
    return value.strip()


def _hook(value: object) -> SecretStr:
    """Return an address to call; its path and query are secrets."""
    text = _text(value).strip()
    if text:
        parts = _split(text)
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise ValueError("an address without a name or password before the host, and without a fragment")
    return SecretStr(text)


def _split(text: str) -> SplitResult:
    if not text.isascii() or not text.isprintable() or any(c in text for c in ' \\<>"'):
        raise ValueError("an address without spaces and special characters")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("an address with a port that is a number, or without one") from None
    host = parts.hostname or ""
    if not _is_host(host) or parts.scheme not in {"http", "https"} or port == 0 or parts.netloc.endswith(":"):
        raise ValueError("an address such as https://api.example.com")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("an address that begins with https://, since a secret is sent to it")
    return parts


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if not isinstance(value, str):
        raise ValueError("text in quotes")  # noqa: TRY004 - pydantic reports ValueError
    return value


def _is_host(host: str) -> bool:
    if _HOST.fullmatch(host):
        return True
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _zone(value: object) -> str:
    try:
        return str(ZoneInfo(str(value)))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('a time zone such as "UTC" or "Europe/Berlin"') from None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _version(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError('a version in quotes such as "2.16"')  # noqa: TRY004 - pydantic reports ValueError
    if not _VERSION.fullmatch(value):
        raise ValueError("a version between 1.0 and 1.4, or from 2.0 on")
    return value


def _tag_version(value: object) -> str:
    if value != "" and not _version(value).startswith("2."):
        raise ValueError("empty or a 2.x version")
    return str(value)


def _team(value: object) -> str:
    team = _id(value).removeprefix("team:").strip()
    if not team:
        raise ValueError('a team such as "team:9001"')
    return team


def _workers(value: object) -> object:
    if value != "auto" and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise ValueError('a number of at least 1, or "auto"')
    return value


def _host(value: object) -> str:
    name = value.strip().lower() if isinstance(value, str) else ""
    if not _DOMAIN.fullmatch(name):
        raise ValueError('the name of a host such as "files.example.com"')
    return name


Duration = Annotated[Seconds, BeforeValidator(parse_duration)]
Id = Annotated[str, BeforeValidator(_id)]
OptionalId = Annotated[str, BeforeValidator(_optional_id)]
FilePath = Annotated[Path, AfterValidator(_resolved)]
OptionalPath = Annotated[FilePath | None, BeforeValidator(_or_none)]
Address = Annotated[str, AfterValidator(_address)]
Hook = Annotated[SecretStr, BeforeValidator(_hook)]
Push = Annotated[str, AfterValidator(_push)]
Listen = Annotated[str, AfterValidator(_listen)]
Host = Annotated[str, BeforeValidator(_host)]
Zone = Annotated[str, BeforeValidator(_zone)]
Version = Annotated[str, BeforeValidator(_version)]
TagVersion = Annotated[str, BeforeValidator(_tag_version)]
Team = Annotated[str, BeforeValidator(_team)]
Count = Annotated[int, Field(ge=0, strict=True)]
Positive = Annotated[int, Field(ge=1, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Workers = Annotated[int | Literal["auto"], BeforeValidator(_workers)]
