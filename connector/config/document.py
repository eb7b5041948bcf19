"""The page of the manual about the configuration, made from the model: nothing about a key stands twice.

``python -m connector.config.document`` prints ``docs/configuration.md``.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, BeforeValidator, SecretStr

from connector.config.model import Config
from connector.config.values import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

_UNITS = (("h", 3600), ("m", 60), ("s", 1))
_HEAD = """# Configuration

Generated from the model by `python -m connector.config.document`. `connector init` writes a file with all
keys.

An unknown key is an error that names the nearest known one. A key that has no effect together with the
others is a warning of `connector doctor`. Durations are seconds or text such as `"90s"`, `"10m"`, `"24h"`,
`"30d"`; paths are relative to the file. An address is `https://` (on this machine also `http://`), without
a name, a password or a fragment; the address of an API has no query either.

The configuration file, and a file that holds a token, must be owned by the user of the connector or by root,
and writable by its owner alone; otherwise it is refused. Tokens are never in the configuration: they come
from `$CREDENTIALS_DIRECTORY/dashly_token`, else from the file that `DASHLY_TOKEN_FILE` names, else from
`DASHLY_TOKEN`; the same for `intercom`. A token file that everybody may read is a failure of
`connector doctor`.

After you change `[map]`, `[history]`, `directions` or `contact_details`, the next run stops once with exit
code 5: look at `connector plan`, then run `connector sync --accept`.
"""


def page() -> str:
    """Return the page in Markdown."""
    sections = (_section(name, found) for name, found in Config.model_fields.items())
    return "\n".join([_HEAD, *sections])


def _section(name: str, section: FieldInfo) -> str:
    model = section.annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(name)
    rows = "\n".join(_rows(name, model))
    return f"## `[{name}]`\n\n{model.__doc__}\n\n| key | default | meaning |\n|---|---|---|\n{rows}\n"


def _rows(section: str, model: type[BaseModel]) -> Iterator[str]:
    for key, found in model.model_fields.items():
        shown = f"[{section}.{key}]" if section == "map" else key
        yield f"| `{shown}` | {_default(found)} | {found.description} |"


def _default(found: FieldInfo) -> str:
    if found.is_required():
        return "required"
    value = found.get_default(call_default_factory=True)
    if value == {}:
        return "none"
    is_duration = any(isinstance(m, BeforeValidator) and m.func is parse_duration for m in found.metadata)
    return f"`{_duration(float(str(value))) if is_duration else _toml(value)}`"


def _duration(seconds: float) -> str:
    unit, length = next((u, n) for u, n in _UNITS if seconds % n == 0)
    return f'"{seconds / length:.0f}{unit}"'


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case SecretStr() | None:
            return '""'
        case StrEnum() | str() | Path():
            return f'"{value}"'
    return str(value)


if __name__ == "__main__":
    sys.stdout.write(page())
