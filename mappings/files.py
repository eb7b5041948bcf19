"""The name under which a file is shown and sent on: as the side says it, completed where it can be."""

from __future__ import annotations

from urllib.parse import unquote

_EXTENSIONS = {
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/zip": "zip",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "text/csv": "csv",
    "text/plain": "txt",
}


def file_name(name: str, url: str, content_type: str = "") -> str:
    """Return the name of a file, or the last part of its address, with the extension of its type."""
    found = name.strip() or name_in(url)
    extension = _EXTENSIONS.get(content_type.partition(";")[0].strip().casefold())
    return found if extension is None or _extension(found) else f"{found}.{extension}"


def name_in(url: str) -> str:
    """Return the last part of an address as a name."""
    path = url.partition("#")[0].partition("?")[0]
    return unquote(path.rpartition("/")[2], errors="replace") or "file"


def _extension(name: str) -> str:
    stem, _, extension = name.rpartition(".")
    return extension if stem and extension.isalnum() else ""
