"""A file of conversation ids, one a line; blank lines and those that begin with # do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 64  # no id of either side is half as long; what is longer is another kind of file


def read_ids(path: Path) -> tuple[str, ...]:
    """Return the ids of a file, each once; ConfigError for a file of something else."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not text", hint="write one id on each line") from None
    found: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        word = line.strip()
        if not word or word.startswith("#"):
            continue
        if len(word) > LONGEST or not (word.isascii() and word.isalnum()):
            raise ConfigError(f"line {number} of {path} is not an id", hint="write one id on each line")
        found[word] = None
    if not found:
        raise ConfigError(f"{path} names no conversation", hint="write one id on each line")
    return tuple(found)
