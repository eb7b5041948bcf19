"""Lines that can be pasted into the configuration, whatever the names on either side are."""

from __future__ import annotations

import json

from connector.host.cell import cell


def proposal(key: str, value: str, comment: str) -> str:
    """Return ``# "key" = "value"   # comment``: nothing is in force until a person takes the first # away."""
    return f"# {quoted(key)} = {quoted(value)}   # {cell(comment)}"


def quoted(text: str) -> str:
    """Return a string of TOML: JSON's escapes are valid there, but more has to be escaped."""
    spelled = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escaped(c) for c in spelled)


def _escaped(character: str) -> str:
    point = ord(character)
    return f"\\u{point:04X}" if point <= 0xFFFF else f"\\U{point:08X}"  # noqa: PLR2004 - the two forms of TOML
