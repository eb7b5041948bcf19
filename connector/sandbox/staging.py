"""What staged conversations are made of: moments in the past and small files."""

from __future__ import annotations

import zlib

from connector.sandbox.exchange import Upload

HOUR = 3600.0
DAY = 24 * HOUR


class Timeline:
    """Hands out ever later moments."""

    def __init__(self, start: float) -> None:
        self.at = start

    def after(self, minutes: float) -> float:
        """Return the moment so many minutes later."""
        self.at += minutes * 60
        return self.at


def picture(name: str) -> Upload:
    """Return a tiny valid PNG."""
    return Upload(name, _png(), "image/png")


def text(name: str) -> Upload:
    """Return a small text file."""
    return Upload(name, f"contents of {name}\n".encode(), "text/plain")


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    header = bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])
    pixels = zlib.compress(b"\x00\xff\x66\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
