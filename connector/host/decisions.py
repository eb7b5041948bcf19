"""What people decided, in a file beside the state, so that decisions survive the loss of a state file.

One line of JSON for each, ids only, never a word of a text. A line that a crash cut off is skipped.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.errors import PersonNeeded
from connector.host.rights import open_ours
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from mappings.model import Seconds


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part that is not to be copied, since somebody said so."""

    side: Side
    conversation: str
    part: str

    @property
    def told(self) -> dict[str, object]:
        """Return the decision as it is in the file."""
        return {"left_out": self.part, self.side: self.conversation}


class Tie(StrEnum):
    """What was decided of two conversations."""

    LINKED = "linked"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True)
class PairDecision:
    """Two conversations that somebody linked or unlinked, and when."""

    tie: Tie
    ids: Mapping[Side, str]
    at: Seconds

    @property
    def told(self) -> dict[str, object]:
        """Return the decision as it is in the file."""
        return {self.tie.value: self.at, **{side.value: talk for side, talk in self.ids.items()}}


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions of one pair of workspaces."""

    path: Path

    @staticmethod
    def beside(state: Path) -> Decisions:
        """Return those that belong to a state file."""
        return Decisions(state.with_name(f"{state.stem}.decisions"))

    def add(self, decided: Iterable[LeftOut | PairDecision]) -> None:
        """Write what was decided; PersonNeeded when the file cannot be opened, or is a link."""
        lines = [json.dumps(one.told) for one in decided]
        if not lines:
            return
        descriptor = self._open(os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("".join(f"\n{line}" for line in lines))  # ahead, in case the last line was cut off
            file.flush()
            os.fsync(file.fileno())

    def left_out(self) -> Iterator[LeftOut]:
        """Yield every part that was left out; none when nothing was ever decided."""
        return (one for found in self._lines() for one in _read(found))

    def pairs(self) -> Iterable[PairDecision]:
        """Return what was decided last of every two conversations."""
        read = (one for found in self._lines() for one in _read_pair(found))
        return {tuple(one.ids.values()): one for one in read}.values()

    def _lines(self) -> Iterator[dict[str, object]]:
        if not os.path.lexists(self.path):
            return
        descriptor = self._open(os.O_RDONLY)
        with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
            for line in file:
                with suppress(ValueError):
                    found = json.loads(line)
                    if isinstance(found, dict):
                        yield found

    def _open(self, flags: int) -> int:
        try:
            return open_ours(self.path, flags)
        except OSError as error:
            raise PersonNeeded(
                f"{self.path} cannot be opened: {error.strerror}",
                hint="it must be a file of this user, or not be there",
            ) from error


def _read(found: dict[str, object]) -> Iterator[LeftOut]:
    if isinstance(part := found.get("left_out"), str):
        yield from (LeftOut(side, talk, part) for side in Side if isinstance(talk := found.get(side), str))


def _read_pair(found: dict[str, object]) -> Iterator[PairDecision]:
    ids = {side: talk for side in Side if isinstance(talk := found.get(side), str)}
    for tie in Tie:
        at = found.get(tie)
        if isinstance(at, int | float) and len(ids) == len(Side):
            yield PairDecision(tie, ids, at)
