"""Hashes and ids that need a secret: without the key nobody finds a text by its hash, or makes an id of ours.

Pure: the key comes from whoever read it. Texts are compared as ``text_hash`` compares them.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from hashlib import sha256

from mappings.text import text_hash

HASH_BYTES = 16
ID_PREFIX = "sync-"
_NAME_BYTES, _CHECK_BYTES = 10, 5
_NAME_LENGTH, _CHECK_LENGTH = _NAME_BYTES * 8 // 5, _CHECK_BYTES * 8 // 5


def keyed_hash(key: bytes, text: str) -> str:
    """Return the keyed hash of a text in hex: HMAC-SHA-256 of its ``text_hash``, 16 bytes."""
    return keyed(key, text_hash(text))


def keyed(key: bytes, digest: str) -> str:
    """Return the keyed form of a ``text_hash``; what is keyed already comes back as it is."""
    if len(digest) == 2 * HASH_BYTES:
        return digest
    return hmac.digest(key, digest.encode(), "sha256")[:HASH_BYTES].hex()


def keyed_id(key: bytes, kind: str, original: str) -> str:
    """Return the id under which a person of one side is known on the other; nobody can guess it.

    It is short, lower case and safe in a URL, and carries a check by which ``is_keyed_id`` knows its key.
    """
    name = _base32(hmac.digest(key, f"{kind}\0{original}".encode(), "sha256")[:_NAME_BYTES])
    return f"{ID_PREFIX}{name}{_check(key, kind, name)}"


def is_keyed_id(key: bytes, kind: str, found: str) -> bool:
    """Tell whether an id was made by ``keyed_id`` with this key for this kind, whatever it stands for."""
    if not looks_keyed(found):
        return False
    rest = found.removeprefix(ID_PREFIX)
    return hmac.compare_digest(_check(key, kind, rest[:_NAME_LENGTH]), rest[_NAME_LENGTH:])


def looks_keyed(found: str) -> bool:
    """Tell whether an id has the form of ``keyed_id``; anybody can write such a one, so it proves nothing."""
    rest = found.removeprefix(ID_PREFIX)
    return (
        found.startswith(ID_PREFIX)
        and len(rest) == _NAME_LENGTH + _CHECK_LENGTH
        and _ALPHABET.issuperset(rest)
    )


def key_mark(key: bytes) -> str:
    """Return what tells one key from another and nothing about it."""
    return hmac.digest(key, b"connector.key", sha256)[:HASH_BYTES].hex()


_ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz234567")


def _check(key: bytes, kind: str, name: str) -> str:
    return _base32(hmac.digest(key, f"check\0{kind}\0{name}".encode(), "sha256")[:_CHECK_BYTES])


def _base32(digest: bytes) -> str:
    return b32encode(digest).decode().lower()
