"""What an ``IntercomHelpdesk`` is told by the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.persons import NOBODY
from mappings.table import DEFAULT

if TYPE_CHECKING:
    from connector.intercom.versions import Version
    from mappings.persons import OurPeople
    from mappings.table import KindTable


@dataclass(frozen=True, slots=True)
class Settings:
    """Whether copies may notify, which 2.x version writes tags in 1.x, the table, and who was made by us."""

    loud_mirror: bool = False
    tag_version: Version | None = None
    table: KindTable = DEFAULT
    ours: OurPeople = NOBODY
