"""The hints that wait for the next pass of a pair: lines `side id` in a file beside its state file.

Whatever receives pushes leaves them there; the next pass takes them. A lost hint costs only time, so nothing
here is ever waited for or retried.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connector.host.rights import open_private, read_ours
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

Hint = tuple[Side, str]
"""The side of a conversation, and its id."""
ANY = "-"
"""Stands for no conversation: only look."""
MOST = 20
"""So many conversations of a side are fetched by name in one pass; a flood of hints costs no more."""
_LARGEST = 16 * 1024
_LINE = re.compile(r"(dashly|intercom) ([0-9A-Za-z]{1,40})")


def mailbox(state: Path) -> Path:
    """Return where the hints of a pair are."""
    return Path(f"{state}.hints")


def leave(state: Path, side: Side, conversation: str | None) -> None:
    """Leave a hint; OSError when that cannot be done. What is not an id of a conversation is a bare hint."""
    line = f"{side} {conversation}"
    told = line if conversation is not None and _LINE.fullmatch(line) else f"{side} {ANY}"
    descriptor = open_private(mailbox(state), os.O_WRONLY | os.O_APPEND)
    with os.fdopen(descriptor, "ab") as file:
        if os.fstat(descriptor).st_size < _LARGEST:
            file.write(f"{told}\n".encode())


def take(state: Path) -> Mapping[Side, frozenset[str]]:
    """Take all hints away and return which conversations they name, by side."""
    path, taken = mailbox(state), Path(f"{mailbox(state)}.taken")
    named: dict[Side, set[str]] = {side: set() for side in Side}
    with suppress(OSError):
        path.replace(taken)  # whatever comes from now on belongs to the next pass
        for line in read_ours(taken, _LARGEST).decode("ascii", "replace").splitlines():
            if _LINE.fullmatch(line):
                side, _, conversation = line.partition(" ")
                named[Side(side)].add(conversation)
        taken.unlink()
    return {side: frozenset(sorted(ids)[:MOST]) for side, ids in named.items()}


def waits(state: Path) -> bool:
    """Tell whether a hint waits; none does where the file cannot be read."""
    with suppress(OSError):
        return mailbox(state).stat().st_size > 0
    return False
