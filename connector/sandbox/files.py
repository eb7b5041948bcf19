"""Attachment bytes of one helpdesk, and the addresses that serve them."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from connector.sandbox.exchange import Request, Response, Upload

if TYPE_CHECKING:
    from connector.sandbox.clock import SideClock

SIGNED_FOR = 30 * 60
"""Seconds after which a signed address dies."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One kept attachment."""

    id: int
    key: str
    name: str
    content_type: str
    content: bytes
    created: float


class FileStore:
    """Keeps attachments and answers downloads, by signed addresses when `signed`."""

    def __init__(self, clock: SideClock, *, signed: bool) -> None:
        self.base_url = "http://127.0.0.1"
        self.peer: FileStore | None = None
        self.secret = ""
        """When there is one, downloads must carry it as their token."""
        self._clock = clock
        self._signed = signed
        self._files: dict[str, StoredFile] = {}

    def keep(self, file_id: int, upload: Upload, created: float) -> StoredFile:
        """Store one file under an address that cannot be guessed."""
        key = hashlib.sha256(f"{file_id}/{upload.filename}".encode()).hexdigest()[:24]
        guessed = mimetypes.guess_type(upload.filename)[0]
        plain = upload.content_type == "application/octet-stream"
        kind = guessed if plain and guessed else upload.content_type
        stored = StoredFile(file_id, key, upload.filename, kind, upload.content, created)
        self._files[key] = stored
        return stored

    def drop(self, stored: StoredFile) -> None:
        """Forget a file for good."""
        self._files.pop(stored.key, None)

    def url(self, stored: StoredFile) -> str:
        """Return the file's address; a signed one is valid for half an hour from now."""
        address = f"{self.base_url}/files/{stored.key}/{quote(stored.name)}"
        if not self._signed:
            return address
        expires = int(self._clock.now()) + SIGNED_FOR
        return f"{address}?expires={expires}&signature={_signature(stored.key, expires)}"

    def find(self, url: str) -> StoredFile | None:
        """Return the stored file behind one of this store's addresses, or its peer's."""
        if url.startswith(f"{self.base_url}/files/"):
            return self._files.get(unquote(urlsplit(url).path).split("/")[2])
        return None if self.peer is None else self.peer.find(url)

    def serve(self, request: Request) -> Response:
        """Answer a download."""
        if self.secret and self.secret not in request.headers.get("authorization", ""):
            return Response(403, b"no access", "text/plain")
        stored = self._files.get(request.path.split("/")[2])
        if stored is None:
            return Response(404, b"not found", "text/plain")
        if self._signed and not self._valid(stored, request):
            return Response(403, b"link expired", "text/plain")
        return Response(200, stored.content, stored.content_type)

    def _valid(self, stored: StoredFile, request: Request) -> bool:
        expires = request.query.get("expires", "0")
        signature = request.query.get("signature")
        return (
            expires.isdigit()
            and int(expires) > self._clock.now()
            and signature == _signature(stored.key, expires)
        )


def _signature(key: str, expires: int | str) -> str:
    return hashlib.sha256(f"sandbox:{key}:{expires}".encode()).hexdigest()[:32]
