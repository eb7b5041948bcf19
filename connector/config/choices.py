"""What a configuration may choose between, as the planner knows it. Pure."""

from __future__ import annotations

from enum import StrEnum


class HistoryMode(StrEnum):
    """How old parts arrive on a side."""

    NATIVE = "native"
    TRANSCRIPT = "transcript"
    NONE = "none"


class Edits(StrEnum):
    """What becomes of an edited part."""

    NOTE = "note"
    IGNORE = "ignore"


class Removals(StrEnum):
    """What becomes of the copy of a removed part."""

    REDACT = "redact"
    NOTE = "note"
    IGNORE = "ignore"


class Prefer(StrEnum):
    """Who wins when both sides changed a register differently."""

    NEWER = "newer"
    DASHLY = "dashly"
    INTERCOM = "intercom"
    MANUAL = "manual"


class MatchEmail(StrEnum):
    """Whether an equal e-mail address may link two people."""

    NEVER = "never"
    USERS = "users"


class Backup(StrEnum):
    """When the state file is backed up automatically."""

    DAILY = "daily"
    NEVER = "never"
