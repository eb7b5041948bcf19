"""Attachment bytes of one helpdesk, and the addresses that serve them."""

from __future__ import annotations

import hashlib
import html
import itertools
import mimetypes
import re
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
        self._reads = itertools.count(1)

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
        """Return the file's address; a signed one is new each time and valid for half an hour from now."""
        address = f"{self.base_url}/files/{stored.key}/{quote(stored.name)}"
        if not self._signed:
            return address
        expires = int(self._clock.now()) + SIGNED_FOR
        read = next(self._reads)
        return f"{address}?expires={expires}&read={read}&signature={_signature(stored.key, expires, read)}"

    def signed_anew(self, markup: str) -> str:
        """Return HTML in which the addresses of this store's files are fresh."""
        own = re.compile(re.escape(f"{self.base_url}/files/") + r"[^\s\"'<>]+")

        def fresh(match: re.Match[str]) -> str:
            stored = self.find(html.unescape(match[0]))
            return match[0] if stored is None else html.escape(self.url(stored))

        return own.sub(fresh, markup)

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
        read = request.query.get("read", "")
        return (
            expires.isdigit()
            and int(expires) > self._clock.now()
            and signature == _signature(stored.key, expires, read)
        )


def _signature(key: str, expires: int | str, read: int | str) -> str:
    return hashlib.sha256(f"sandbox:{key}:{expires}:{read}".encode()).hexdigest()[:32]
