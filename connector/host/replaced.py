"""What replaces the network of a side, for whoever opens both; nothing of the network is loaded for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.host.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import httpx

    from mappings.model import Side


@dataclass(frozen=True, slots=True)
class Network:
    """What replaces the network of a side, and where files in flight lie; nothing is replaced by default."""

    transports: Mapping[Side, httpx.BaseTransport] = field(default_factory=dict)
    spool: Callable[[Path], Spool] = Spool
