"""What an ``IntercomHelpdesk`` is told by the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.table import DEFAULT

if TYPE_CHECKING:
    from connector.intercom.versions import Version
    from mappings.table import KindTable


@dataclass(frozen=True, slots=True)
class Settings:
    """Whether copies may notify, which 2.x version tags are written with in 1.x, and the mapping table."""

    loud_mirror: bool = False
    tag_version: Version | None = None
    table: KindTable = DEFAULT
