"""What people decided, in a file beside the state: a state file that is lost takes no decision with it.

One line of JSON for each, ids only, never a word of a text. A line that a crash cut off is passed over.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.errors import PersonNeeded
from connector.host.rights import open_ours
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part that is not to be copied, since somebody said so."""

    side: Side
    conversation: str
    part: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions of one pair of workspaces."""

    path: Path

    @staticmethod
    def beside(state: Path) -> Decisions:
        """Return those that belong to a state file."""
        return Decisions(state.with_name(f"{state.stem}.decisions"))

    def add(self, parts: Iterable[LeftOut]) -> None:
        """Write parts that are left out; PersonNeeded when the file cannot be opened, or is a link."""
        lines = [json.dumps({"left_out": one.part, one.side: one.conversation}) for one in parts]
        if not lines:
            return
        descriptor = self._open(os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("".join(f"\n{line}" for line in lines))  # ahead, in case the last line was cut off
            file.flush()
            os.fsync(file.fileno())

    def left_out(self) -> Iterator[LeftOut]:
        """Yield every part that was left out; none when nothing was ever decided."""
        if not os.path.lexists(self.path):
            return
        descriptor = self._open(os.O_RDONLY)
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
            for line in file:
                yield from _read(line)

    def _open(self, flags: int) -> int:
        try:
            return open_ours(self.path, flags)
        except OSError as error:
            raise PersonNeeded(
                f"{self.path} cannot be opened: {error.strerror}",
                hint="it must be a file of this user, or not be there",
            ) from error


def _read(line: str) -> Iterator[LeftOut]:
    try:
        found = json.loads(line)
    except ValueError:
        return
    if not isinstance(found, dict) or not isinstance(part := found.get("left_out"), str):
        return
    yield from (LeftOut(side, found[side], part) for side in Side if isinstance(found.get(side), str))
