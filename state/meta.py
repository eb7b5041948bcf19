"""Facts about one pair of workspaces, each with its key and its type."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from state.access.transactions import SET_FACT

if TYPE_CHECKING:
    from mappings.model import Seconds, Side
    from state.access.transactions import Transactions


GENERATIONS_KEPT = 8
"""More than one, since a write whose answer was lost may arrive after the next one."""


class Fact(StrEnum):
    """The keys of the table ``meta``; those of a side are completed by ``of``."""

    WORKSPACE = "workspace"
    SINCE = "since"
    MAX_TEXT = "max_text"
    MAPPING = "mapping"
    MAPPING_LINES = "mapping_lines"
    DOUBTED = "doubted"
    TRUSTED_FROM = "trusted_from"
    APP_CODE = "app_code"
    PROBE = "probe"
    RUN = "run_id"
    ERASURE = "erasure"
    CARED = "cared"
    HELD = "held"
    UNREAD = "unread"
    READ_FROM = "read_from"
    DELETIONS_READ = "deletions_read"
    BACKFILL = "backfill"
    VERIFY = "verify"
    GENERATIONS = "generations"
    TECHNICAL = "technical_person"
    LIST = "list"
    FOUND_FILLED = "found_filled"

    def of(self, side: Side) -> str:
        """Return the key of one side's fact."""
        return f"{side}_{self}"


class Meta:
    """Reads and writes facts."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def workspace(self, side: Side) -> str | None:
        """Return the workspace that a side is bound to, or None before `init`."""
        return self.get(Fact.WORKSPACE.of(side))

    def bind(self, side: Side, workspace: str) -> None:
        """Bind a side to a workspace."""
        self.set(Fact.WORKSPACE.of(side), workspace)

    def since(self, side: Side) -> Seconds:
        """Return from when on a side's conversations are a sync's work; what is older is a backfill's."""
        return float(self.get(Fact.SINCE.of(side)) or 0.0)

    def set_since(self, side: Side, at: Seconds) -> None:
        """Remember from when on a side's conversations are a sync's work."""
        self.set(Fact.SINCE.of(side), repr(at))

    def max_text(self, side: Side) -> int | None:
        """Return the length of text that a side was found to take, or None while no text was refused."""
        length = self.get(Fact.MAX_TEXT.of(side))
        return None if length is None else int(length)

    def set_max_text(self, side: Side, length: int) -> None:
        """Remember the length of text that a side takes."""
        self.set(Fact.MAX_TEXT.of(side), str(length))

    def mapping(self) -> str | None:
        """Return the digest of the mapping that was accepted last."""
        return self.get(Fact.MAPPING)

    def mapping_lines(self) -> str | None:
        """Return the lines of the accepted mapping as JSON; None where an earlier program accepted it."""
        return self.get(Fact.MAPPING_LINES)

    def set_mapping(self, digest: str, lines: str) -> None:
        """Remember the digest and the lines of an accepted mapping."""
        with self._file.write():
            self.set(Fact.MAPPING, digest)
            self.set(Fact.MAPPING_LINES, lines)

    def unread(self, side: Side) -> bool:
        """Tell whether nothing was copied from a side in the last run."""
        return bool(self.get(Fact.UNREAD.of(side)))

    def set_unread(self, side: Side, *, unread: bool) -> None:
        """Remember whether anything is copied from a side."""
        if unread != self.unread(side):
            self.set(Fact.UNREAD.of(side), "yes" if unread else "")

    def read_from(self, side: Side) -> Seconds:
        """Return from when on what happens on a side is live; what is older was passed over before."""
        return float(self.get(Fact.READ_FROM.of(side)) or 0.0)

    def set_read_from(self, side: Side, at: Seconds) -> None:
        """Remember from when on what happens on a side is live."""
        self.set(Fact.READ_FROM.of(side), repr(at))

    def deletions_read(self, side: Side) -> Seconds | None:
        """Return when a side was last asked what was deleted, by its clock."""
        at = self.get(Fact.DELETIONS_READ.of(side))
        return None if at is None else float(at)

    def set_deletions_read(self, side: Side, at: Seconds) -> None:
        """Remember when a side was asked what was deleted."""
        self.set(Fact.DELETIONS_READ.of(side), repr(at))

    def found_filled(self, side: Side) -> Seconds | None:
        """Return when a side was last asked whether it shows any conversation, and did, by its clock."""
        at = self.get(Fact.FOUND_FILLED.of(side))
        return None if at is None else float(at)

    def set_found_filled(self, side: Side, at: Seconds) -> None:
        """Remember when a side that listed no change was found to show conversations."""
        self.set(Fact.FOUND_FILLED.of(side), repr(at))

    def held(self) -> list[tuple[str, int, int]]:
        """Return what limits hold: the key of the limit, how high it was, and the row of the conversation."""
        return [
            (str(key), int(limit), int(row)) for key, limit, row in json.loads(self.get(Fact.HELD) or "[]")
        ]

    def set_held(self, held: list[tuple[str, int, int]]) -> None:
        """Remember what limits hold."""
        self.set(Fact.HELD, json.dumps(held))

    def doubted(self) -> bool:
        """Tell whether this state file may be an older one that was restored."""
        return bool(self.get(Fact.DOUBTED))

    def doubt(self) -> None:
        """Remember that this state file may be an older one."""
        self.set(Fact.DOUBTED, "yes")

    def trusted_from(self) -> Seconds:
        """Return from when on the state file has missed nothing."""
        return float(self.get(Fact.TRUSTED_FROM) or 0.0)

    def was_rebuilt(self) -> bool:
        """Tell whether this state file was restored or rebuilt, and so may have missed something."""
        return self.doubted() or bool(self.trusted_from())

    def trust_from(self, at: Seconds) -> None:
        """Remember that the state file may have missed what is older than a time; that ends the doubt."""
        with self._file.write():
            self.set(Fact.TRUSTED_FROM, repr(at))
            self.set(Fact.DOUBTED, "")

    def generations(self, side: Side) -> list[str]:
        """Return the generations that this file knows of a side, the newest last."""
        return [str(known) for known in json.loads(self.get(Fact.GENERATIONS.of(side)) or "[]")]

    def set_generation(self, side: Side, generation: str) -> None:
        """Remember a generation that is recorded on a side, or is about to be."""
        with self._file.write():
            known = [one for one in self.generations(side) if one != generation]
            newest = [*known, generation][-GENERATIONS_KEPT:]
            self.set(Fact.GENERATIONS.of(side), json.dumps(newest))

    def technical_person(self, side: Side) -> str | None:
        """Return the side's own id of the person on whom the generation is kept, once it is known."""
        return self.get(Fact.TECHNICAL.of(side))

    def set_technical_person(self, side: Side, person: str) -> None:
        """Remember the side's own id of the person on whom the generation is kept."""
        self.set(Fact.TECHNICAL.of(side), person)

    def app_code(self) -> str | None:
        """Return how Intercom marks what our token wrote, where that is known."""
        return self.get(Fact.APP_CODE)

    def set_app_code(self, code: str) -> None:
        """Remember how Intercom marks what our token wrote."""
        self.set(Fact.APP_CODE, code)

    def probe(self) -> str | None:
        """Return the answers of the last `doctor --probe` as JSON, or None."""
        return self.get(Fact.PROBE)

    def set_probe(self, answers: str) -> None:
        """Remember the answers of `doctor --probe` as JSON."""
        self.set(Fact.PROBE, answers)

    def backfill(self) -> str | None:
        """Return how far the last backfill came as JSON, or None when there was none."""
        return self.get(Fact.BACKFILL)

    def set_backfill(self, progress: str) -> None:
        """Remember how far a backfill came, as JSON."""
        self.set(Fact.BACKFILL, progress)

    def verify(self) -> str | None:
        """Return how far a verify came that did not end, as JSON, or None."""
        return self.get(Fact.VERIFY) or None

    def set_verify(self, progress: str) -> None:
        """Remember how far a verify came, as JSON; the empty text when it ended."""
        self.set(Fact.VERIFY, progress)

    def run(self) -> str | None:
        """Return the run that holds the state file, or held it last."""
        return self.get(Fact.RUN)

    def erasure_waits(self) -> bool:
        """Tell whether erased words may still be in the file's write-ahead log, since somebody read it."""
        return bool(self.get(Fact.ERASURE))

    def set_erasure_waits(self, *, waits: bool) -> None:
        """Remember whether the file's log must still be emptied."""
        if waits != self.erasure_waits():
            self.set(Fact.ERASURE, "waits" if waits else "")

    def cared(self) -> Seconds:
        """Return when the state file was last backed up and tidied."""
        return float(self.get(Fact.CARED) or 0.0)

    def set_cared(self, at: Seconds) -> None:
        """Remember when the state file was last backed up and tidied."""
        self.set(Fact.CARED, repr(at))

    def get(self, key: str) -> str | None:
        """Return a fact, or None."""
        row = self._file.first("SELECT value FROM meta WHERE key = ?", [key])
        return row["value"] if row else None

    def set(self, key: str, value: str) -> None:
        """Record a fact."""
        with self._file.write() as db:
            db.execute(SET_FACT, [key, value])
