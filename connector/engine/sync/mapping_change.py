"""What the configuration says about the mapping, line by line, and how it differs from what was accepted."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import BaseModel

from connector.errors import RailTripped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.config.model import Config, HistoryConfig
    from state.meta import Meta

_MOST_TOLD = 5  # enough to recognise one's own edit
_ACCEPT = "look at `connector plan`, then accept it once with: connector sync --accept"
_CORRECT = (
    "correct these lines (`connector mapping check` prints the ids that exist), then: connector sync --accept"
)


class MappingChanged(RailTripped):
    """The mapping is not the accepted one: it affects everything that comes, so a person looks first."""

    def __init__(self, changes: Sequence[str], faults: Sequence[str] = ()) -> None:
        told = f": {_listed(changes)}" if changes else ""
        broken = f"; this cannot work: {_listed(faults)}" if faults else ""
        self.change = f"the mapping or the directions changed since the last run{told}{broken}"
        super().__init__(f"{self.change}; nothing was written", hint=_CORRECT if faults else _ACCEPT)
        self.changes = tuple(changes)
        self.can_work = not faults


def is_changed(config: Config, meta: Meta) -> bool:
    """Tell whether the mapping differs from the accepted one; a first one differs from nothing."""
    return meta.mapping() not in (None, _digest(config))


def accept_mapping(config: Config, meta: Meta) -> None:
    """Remember the mapping as the accepted one."""
    if meta.mapping() != _digest(config) or meta.mapping_lines() is None:
        meta.set_mapping(_digest(config), json.dumps(_lines(config)))


def changes(config: Config, meta: Meta) -> tuple[str, ...]:
    """Return what differs from the accepted mapping; nothing where only its digest is known."""
    known = meta.mapping_lines()
    return () if known is None else tuple(_differences(json.loads(known), _lines(config)))


def _digest(config: Config) -> str:
    parts = (config.map, _history(config), config.sync.directions, config.dashly.contact_details)
    words = "".join(part.model_dump_json() if isinstance(part, BaseModel) else repr(part) for part in parts)
    return hashlib.sha256(words.encode()).hexdigest()


def _history(config: Config) -> HistoryConfig:
    """Return how the past arrives; the time zone in which it is told affects nothing that was copied."""
    return config.history.model_copy(update={"timezone": "UTC"})


def _lines(config: Config) -> dict[str, str]:
    """Return the values by where they are in the configuration file."""
    tables = config.map.model_dump(mode="json")
    found = {
        f'[map.{table}] "{key}"': str(value) for table, row in tables.items() for key, value in row.items()
    }
    past = _history(config).model_dump(mode="json")
    history = {f"[history] {key}": str(value) for key, value in past.items()}
    return {
        **found,
        **history,
        "[sync] directions": " and ".join(config.sync.directions),
        "[dashly] contact_details": config.dashly.contact_details,
    }


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for line in dict.fromkeys((*before, *now)):
        was, stands = before.get(line), now.get(line)
        if was == stands:
            continue
        if was is None:
            yield f'{line} = "{stands}" is new'
        elif stands is None:
            yield f'{line} = "{was}" is gone'
        else:
            yield f'{line} was "{was}" and is now "{stands}"'


def _listed(told: Sequence[str]) -> str:
    more = len(told) - _MOST_TOLD
    return "; ".join(told[:_MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")
