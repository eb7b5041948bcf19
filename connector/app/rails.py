"""A changed mapping is checked before anybody accepts it: an entry that cannot work is never accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.engine.inspect.gaps import read_shown
from connector.engine.inspect.map_faults import faults, unworkable
from connector.engine.sync.identity import check_identity, identities
from connector.engine.sync.mapping_change import MappingChanged, changes, is_changed
from connector.errors import ConnectorError

if TYPE_CHECKING:
    from connector.engine.sync.run import Parties


def explained(parties: Parties, changed: MappingChanged) -> ConnectorError:
    """Return the rail's error with what cannot work in the new mapping, where both sides can be asked."""
    try:
        return MappingChanged(changed.changes, _unworkable(parties))
    # The sides cannot be asked; that the mapping changed is still what stops the run.
    except ConnectorError:
        return changed


def change_of(parties: Parties) -> MappingChanged | None:
    """Return what would stop the next run: a mapping that was not accepted yet."""
    config, meta = parties.config, parties.store.meta
    return MappingChanged(changes(config, meta), _unworkable(parties)) if is_changed(config, meta) else None


def refuse_unworkable(parties: Parties) -> None:
    """Raise MappingChanged when a changed mapping has an entry that cannot work."""
    config, meta = parties.config, parties.store.meta
    if not is_changed(config, meta):
        return
    # Ids are looked up in a workspace: it must be the right one before an entry is called wrong.
    check_identity(parties.store, identities(parties.helpdesks))
    faults = _unworkable(parties)
    if faults:
        raise MappingChanged(changes(config, meta), faults)


def _unworkable(parties: Parties) -> tuple[str, ...]:
    return unworkable(faults(parties.config.map, read_shown(parties.store, parties.helpdesks)))
