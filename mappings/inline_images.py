"""Inline images: what markup says of one, with an address that can be fetched or without.

An image inside the markup itself (``data:``) or in the mail that it came with (``cid:``) has no address.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

EMBEDDED_SCHEMES = frozenset({"data", "cid"})


@dataclass(frozen=True, slots=True)
class Image:
    """An inline image; ``url`` is empty when the markup holds no address that can be fetched."""

    alt: str
    url: str
    content_type: str = ""
    size: int | None = None


def is_embedded(address: str) -> bool:
    """Tell whether an address means something that came along, not something that can be fetched."""
    return address.partition(":")[0].strip().casefold() in EMBEDDED_SCHEMES and ":" in address


def image(alt: str, source: str) -> Image:
    """Return the image that a tag shows; total on any text."""
    if not is_embedded(source):
        return Image(alt, source)
    scheme, _, rest = source.partition(":")
    if scheme.strip().casefold() == "cid":
        return Image(alt or rest.partition("@")[0], "")
    head, _, payload = rest.partition(",")
    content_type, *parameters = (piece.strip().casefold() for piece in head.split(";"))
    return Image(alt, "", content_type, _size(payload, packed="base64" in parameters))


def _size(payload: str, *, packed: bool) -> int:
    if not packed:
        return len(unquote_to_bytes(payload))
    digits = "".join(payload.split()).rstrip("=")
    return len(digits) * 3 // 4
