"""Breaking a long line for a terminal: between words, and in no command that somebody will copy. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a person marks and copies must not hold a line break.
_WORDS = re.compile(r"\S*`[^`]*`\S*|\bconnector(?: [a-z]+){1,2}(?: --[a-z-]+(?: [^\s-]\S*)?)*\S*|\S+")
_HEAD = re.compile(r"(?:.{0,28}  )?(?:- |-> |[Nn]ext: )?")
"""What stands in front of a text: a margin, the name of a fact in its column, or a mark."""
_COMMAND = re.compile(r"(?:connector (?:[a-z]+|-)|export |sudo |systemctl |loginctl |chmod |chown |\* \* )")
"""How a text begins that is to be copied to its end."""


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield a line in as many as are needed, each beginning under the first word of the text.

    A word that is longer than the terminal stays whole, and so does a line that is a command.
    """
    from rich.cells import cell_len  # noqa: PLC0415 - help is told without it

    found = _HEAD.match(text)
    head = found.group() if found else ""
    if cell_len(text) <= width or _COMMAND.match(text, len(head)):
        yield text
        return
    margin = " " * cell_len(head)
    line = head
    for word in _WORDS.findall(text[len(head) :]):
        if line.strip() and line not in {head, margin} and cell_len(f"{line} {word}") > width:
            yield line
            line = margin
        line += word if line in {head, margin} else f" {word}"
    yield line
