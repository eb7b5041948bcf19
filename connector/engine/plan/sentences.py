"""The lines by which a conversation of ours is known as a copy: written here, recognised when read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.names import TITLES

if TYPE_CHECKING:
    from mappings.model import Side


def opening_line(source: Side) -> str:
    """Return the neutral line that opens a mirror when no customer's message can."""
    return f"Conversation copied from {TITLES[source]}."


def history_heading(source: Side) -> str:
    """Return the first line of a transcript."""
    return f"History copied from {TITLES[source]}"
