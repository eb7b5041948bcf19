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
_BYTE_ORDER = b"\xef\xbb\xbf"
# Nothing is given back on the way: comments without end would keep the search busy for years.
_BEGINS = rb"\s*+(?:<!--(?>.*?-->)\s*+)*+"
_PAGE = re.compile(_BEGINS + rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(_BEGINS + rb"<(?:[a-z]|[!?][a-z])", re.IGNORECASE | re.DOTALL)
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_WORDS = re.compile(r"text/.+|.+/(?:json|xml|.+\+(?:json|xml))")
UNKNOWN = "application/octet-stream"
# It is put into the header of a request that sends the file on.
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
    if _is_page(received, announced):
        return "a page came instead of it"
    return "a text came instead of it" if _is_text(received, announced) else None


def kind(received: Received, announced: Attachment) -> str:
    """Return the type to send a file under: what its first bytes show, else what was said of it."""
    said = received.host_says if received.host_says != UNKNOWN else ""
    return named(_shown(received.head) or said or _announced(announced))


def named(said: str) -> str:
    """Return the name of a type if it is one by its form."""
    return said if _TYPE.fullmatch(said) else UNKNOWN


def _is_page(received: Received, announced: Attachment) -> bool:
    expected = _announced(announced)
    if _WORDS.fullmatch(expected):
        return received.host_says in _PAGE_TYPES and expected not in _PAGE_TYPES
    return received.host_says in _PAGE_TYPES or _PAGE.match(_bare(received.head)) is not None


def _is_text(received: Received, announced: Attachment) -> bool:
    """Tell whether an image was announced and a host's words came, as about a link that expired."""
    expected = _announced(announced)
    if not expected.startswith("image/") or _WORDS.fullmatch(expected) or _shown(received.head):
        return False
    says_so = _WORDS.fullmatch(received.host_says) is not None
    return says_so or _MARKUP.match(_bare(received.head)) is not None


def _bare(head: bytes) -> bytes:
    return head.removeprefix(_BYTE_ORDER)


def _announced(attachment: Attachment) -> str:
    said = (attachment.content_type or "").partition(";")[0].strip().lower()
    return said if said and said != UNKNOWN else mimetypes.guess_type(attachment.name)[0] or ""


def _shown(head: bytes) -> str | None:
    import filetype  # noqa: PLC0415 - most runs fetch no file

    found = filetype.guess_mime(head)
    is_document = found is not None and (found == "application/pdf" or "officedocument" in found)
    return found if found is not None and (found.startswith("image/") or is_document) else None
