"""What a side can do in the configured version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.model import State


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a side can do in the configured version.

    ``searched`` says that a customer's conversations are found by a search, which may lag behind.
    """

    silent_messages: bool
    back_dating: bool
    states: frozenset[State]
    tags: bool
    teams: bool
    redaction: bool
    files_per_message: int
    max_file_bytes: int
    max_text: int
    searched: bool = False
    file_types: frozenset[str] | None = None
    deletion: bool = False
