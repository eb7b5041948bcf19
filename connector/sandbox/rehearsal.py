"""A world that holds what was exported from a real side, so that a migration can be rehearsed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from connector.sandbox.dashly.restoring import restore as restore_dashly
from connector.sandbox.exchange import Upload
from connector.sandbox.intercom.restoring import restore as restore_intercom

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.files import FileStore, StoredFile
    from connector.sandbox.world import World

PLAIN = "application/octet-stream"
Line = tuple["JsonObject", "Sequence[JsonObject] | None", "Sequence[JsonObject]", "Mapping[str, JsonObject]"]
"""A conversation, its parts where they stand apart, people, and files by their address."""


def restore(world: World, side: str, account: str, lines: Iterable[Line], folder: Path | None) -> None:
    """Put exported conversations into a staffed world; a KeyError or the like for what cannot be shown."""
    store = world.desk(side).state.files
    if side == "dashly":
        world.dashly.state.app_id = int(account)
    else:
        world.intercom.state.workspace_id = account
    for conversation, parts, people, files in lines:
        kept = Shelf(store, files, folder)
        if side == "dashly":
            restore_dashly(world.dashly.state, conversation, parts or (), people, kept.take)
        else:
            restore_intercom(world.intercom.state, conversation, people, kept.take)


class Shelf:
    """The exported files of one conversation."""

    def __init__(self, store: FileStore, files: Mapping[str, JsonObject], folder: Path | None) -> None:
        self._store = store
        self._files = files
        self._folder = folder
        self._kept: dict[str, StoredFile] = {}

    def take(self, attachment: JsonObject) -> StoredFile:
        """Return an attachment as it is kept; one that was not exported cannot be downloaded."""
        url = str(attachment.get("url", ""))
        name = str(attachment.get("name") or attachment.get("filename") or "file")
        told = self._files.get(url, {})
        kind = str(attachment.get("content_type") or attachment.get("mime_type") or PLAIN)
        content = self._content(str(told.get("sha256", "")))
        digest = hashlib.sha256(url.partition("?")[0].encode()).hexdigest()
        number = int(attachment.get("id") or int(digest[:12], 16))
        created = float(attachment.get("created") or 0)
        stored = self._store.keep(number, Upload(name, content or b"", kind), created)
        if content is None:
            self._store.drop(stored)
        return stored

    def _content(self, sha256: str) -> bytes | None:
        if self._folder is None or not sha256:
            return None
        path = self._folder / sha256
        return path.read_bytes() if path.is_file() else None
