"""Inline images: what markup says of one, with an address that can be fetched or without.

An image inside the markup itself (``data:``) or in the mail that it came with (``cid:``) has no address.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from mappings.html.links import scheme_of


@dataclass(frozen=True, slots=True)
class Image:
    """An inline image; ``url`` is empty when the markup holds no address that can be fetched."""

    alt: str
    url: str
    content_type: str = ""
    size: int | None = None


def image(alt: str, source: str) -> Image:
    """Return the image that a tag shows; total on any text."""
    _, _, rest = source.partition(":")
    match scheme_of(source):
        case "" | "http" | "https":
            return Image(alt, source)
        case "cid":
            return Image(alt or rest.partition("@")[0], "")
        case "data":
            return _embedded(alt, rest)
        case _:
            return Image(alt, "")


def _embedded(alt: str, rest: str) -> Image:
    head, _, payload = rest.partition(",")
    content_type, *parameters = (piece.strip().casefold() for piece in head.split(";"))
    return Image(alt, "", content_type, _size(payload, packed="base64" in parameters))


def _size(payload: str, *, packed: bool) -> int:
    if not packed:
        return len(unquote_to_bytes(payload))
    digits = "".join(payload.split()).rstrip("=")
    return len(digits) * 3 // 4
