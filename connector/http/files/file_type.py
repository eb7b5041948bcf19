"""What a file is, by the host's word and by its first bytes, and whether it can be the one announced.

``filetype`` looks at the first bytes only, knows images, PDF and the office formats, and tells a document
from any other archive; larger libraries take every archive for a document.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.model import Attachment

LOOKED_AT = 8192
_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_MARKUP_TYPES = ("text/html", "application/xhtml+xml")
UNKNOWN = "application/octet-stream"
# It stands in the head of a request that sends the file on.
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came: its size, the type that its host gave it, and its first bytes."""

    size: int
    host_says: str
    head: bytes


def fault(received: Received, announced: Attachment) -> str | None:
    """Return why this cannot be the announced file, or None."""
    if not received.size:
        return "nothing came" if announced.size != 0 else None
    if announced.size is not None and received.size < announced.size:
        return f"{received.size} bytes came instead of {announced.size}"
    return "a page came instead of it" if _is_markup(received, announced) else None


def kind(received: Received, announced: Attachment) -> str:
    """Return the type to send a file under: what its first bytes show, else what was said of it."""
    said = received.host_says if received.host_says != UNKNOWN else ""
    return named(_shown(received.head) or said or _announced(announced))


def named(said: str) -> str:
    """Return the name of a type if it is one by its form."""
    return said if _TYPE.fullmatch(said) else UNKNOWN


def _is_markup(received: Received, announced: Attachment) -> bool:
    expected = _announced(announced)
    if expected.startswith("text/") or "xml" in expected:
        return received.host_says in _MARKUP_TYPES and expected not in _MARKUP_TYPES
    return received.host_says in _MARKUP_TYPES or _MARKUP.match(received.head) is not None


def _announced(attachment: Attachment) -> str:
    said = (attachment.content_type or "").partition(";")[0].strip().lower()
    return said if said and said != UNKNOWN else mimetypes.guess_type(attachment.name)[0] or ""


def _shown(head: bytes) -> str | None:
    import filetype  # noqa: PLC0415 - most runs fetch no file

    found = filetype.guess_mime(head)
    is_document = found is not None and (found == "application/pdf" or "officedocument" in found)
    return found if found is not None and (found.startswith("image/") or is_document) else None
