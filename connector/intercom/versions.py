"""Versions of Intercom's API, the one table of what came with which, and the settings beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from connector.helpdesk.capabilities import Capabilities
from mappings.model import State
from mappings.persons import NOBODY
from mappings.table import DEFAULT

if TYPE_CHECKING:
    from mappings.persons import OurPeople
    from mappings.table import KindTable


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
        return self >= FEATURES[feature].since

    def shortcomings(self, *, loud_mirror: bool = False, tags_elsewhere: bool = False) -> tuple[str, ...]:
        """Return in sentences what a user loses by this version."""
        chosen = {"skip_notifications": loud_mirror, "conversation tags": tags_elsewhere}
        return tuple(
            feature.without
            for name, feature in FEATURES.items()
            if feature.without and not self.has(name) and not chosen.get(name)
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Whether copies may notify, which 2.x version writes tags in 1.x, the table, and who was made by us."""

    loud_mirror: bool = False
    tag_version: Version | None = None
    table: KindTable = DEFAULT
    ours: OurPeople = NOBODY


class Feature(NamedTuple):
    """Something that came with a version, and what a user loses without it; empty when nothing."""

    since: Version
    without: str = ""


FEATURES = {
    "tags in lists": Feature(Version(1, 1)),
    "teams": Feature(Version(1, 4)),
    "search": Feature(Version(2, 0)),
    "conversation tags": Feature(
        Version(2, 0), "Tags are not carried to Intercom, unless tag_api_version names a 2.x version."
    ),
    "attached files": Feature(Version(2, 0), "Files are named in the copies on Intercom, not attached."),
    "lead as author": Feature(Version(2, 6)),
    "redaction": Feature(Version(2, 3), "What is removed on Dashly stays in its copy on Intercom."),
    "admin created_at": Feature(Version(2, 7), "Agents' messages and notes show the time of copying."),
    "create created_at": Feature(Version(2, 11), "Conversations show the time of copying."),
    "contact created_at": Feature(Version(2, 11), "Customers' messages show the time of copying."),
    "deletion": Feature(Version(2, 13)),
    "app_package_code": Feature(Version(2, 13)),
    "skip_notifications": Feature(
        Version(2, 15), "Agents' messages become notes on Intercom, unless loud_mirror lets them notify."
    ),
    "deleted list": Feature(
        Version(2, 16), "A conversation deleted on Intercom is noticed only when it is read next."
    ),
}

_MAX_FILES = 10


def capabilities(version: Version, *, tag_version: Version | None = None) -> Capabilities:
    """Return what the connector can do with this version."""
    return Capabilities(
        silent_messages=version.has("skip_notifications"),
        back_dating=version.has("create created_at"),
        states=frozenset(State),
        tags=version.has("conversation tags") or tag_version is not None,
        teams=True,
        redaction=version.has("redaction"),
        files_per_message=_MAX_FILES if version.has("attached files") else 0,
        max_file_bytes=20 * 1024 * 1024,  # not documented for the API; the limit of an inbound mail
        searched=version.has("search"),
        deletion=version.has("deletion"),
        max_text=20_000,  # not documented; above what Dashly takes, so its messages are never split
    )
