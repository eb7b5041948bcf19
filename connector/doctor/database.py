"""The state in a database: there, of a known version, with its key, and as durable as it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connector.config.key import key_path, read_key
from connector.config.place import schema_of
from connector.doctor.findings import Finding, fail, failed, ok, warn
from connector.errors import ConnectorError
from connector.host.lock import held_by
from connector.host.rights import is_readable_by_everybody
from state import store as states
from state.errors import StateError
from state.migrations.version import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from state.access.place import Place, Schema
    from state.store import Store

_DURABLE = ("fsync", "full_page_writes")
_ADVICE = "nothing in a test; otherwise set it to on in postgresql.conf: a crash can lose what was written"


def examine_database(state: Path, url_file: Path, path: Path) -> tuple[list[Finding], Store | None]:
    """Look at the state in a database; ``path`` is the configuration beside which its key is."""
    try:
        place = schema_of(state, url_file)
        version = states.version_of(place)
        if version < LATEST:
            told = f"its schema is {version}, this program's is {LATEST}"
            return [warn("state schema", told, "back the database up: the next run updates it")], None
        key = read_key(path)
        if key is None:
            lost = fail("state key", f"there is none at {key_path(path)}", "put it back")
            return [lost], None
        store = states.open_existing(place, key=key)
    except (ConnectorError, StateError) as error:
        return [failed("state", error)], None
    shown = [_open_to_all(place, url_file)] if is_readable_by_everybody(url_file) else []
    there = ok("state", f"{place}: there, schema {version}, and its key fits")
    return [there, *shown, _holder(place), *_durability(store)], store


def _open_to_all(place: Schema, url_file: Path) -> Finding:
    remedy = f"chmod 600 {url_file}"
    if urlsplit(place.url).password is None:
        return warn("address of the database", f"everybody may read {url_file}; it holds no password", remedy)
    return fail("address of the database", f"everybody may read {url_file}, with its password", remedy)


def _holder(place: Place) -> Finding:
    held = held_by(place)
    return ok("lock of the database", "free" if held is None else f"held by {held}: a run is at work")


def _durability(store: Store) -> Iterator[Finding]:
    for name in _DURABLE:
        if store.file.read(f"SHOW {name}")[0][0] != "on":
            yield fail("durability", f"{name} is off", _ADVICE)
    if not store.file.read("SHOW synchronous_standby_names")[0][0]:
        told = "no synchronous standby: the last writes are lost with the database's own disk"
        yield warn("durability", told, "set synchronous_standby_names; else recover after such a loss")
    else:
        yield ok("durability", "each commit waits for a standby")
