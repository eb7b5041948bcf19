"""Versions of Intercom's API and the one table of what came with which."""

from __future__ import annotations

from typing import NamedTuple

from connector.ports import Abilities
from mappings.model import State


class Version(NamedTuple):
    """A version such as 2.16; compared as numbers, so 2.9 is older than 2.16."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Return the version that a text such as ``2.16`` names."""
        major, minor = text.split(".")
        return cls(int(major), int(minor))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @property
    def legacy(self) -> bool:
        """Tell whether this is the generation of users, leads and page numbers."""
        return self.major == 1

    def has(self, feature: str) -> bool:
        """Tell whether this version knows a feature of the table."""
        return self >= FEATURES[feature]


FEATURES = {
    "tags in lists": Version(1, 1),
    "e-mail finds many": Version(1, 1),
    "teams": Version(1, 4),
    "search": Version(2, 0),
    "conversation tags": Version(2, 0),
    "attached files": Version(2, 0),
    "redaction": Version(2, 3),
    "admin created_at": Version(2, 7),
    "create created_at": Version(2, 11),
    "contact created_at": Version(2, 11),
    "app_package_code": Version(2, 13),
    "skip_notifications": Version(2, 15),
    "deleted list": Version(2, 16),
}

_MAX_FILES = 10


def abilities(version: Version, *, tag_version: Version | None = None) -> Abilities:
    """Return what the connector can do with this version."""
    return Abilities(
        silent_messages=version.has("skip_notifications"),
        back_dating=version.has("create created_at"),
        states=frozenset(State),
        tags=version.has("conversation tags") or tag_version is not None,
        teams=True,
        files_per_message=_MAX_FILES if version.has("attached files") else 0,
        max_file_bytes=20 * 1024 * 1024,  # not documented for the API; the limit of an inbound mail
        max_text=20_000,  # not documented; above what Dashly takes, so its messages are never split
    )
