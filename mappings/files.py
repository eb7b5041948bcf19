"""The name under which a file is shown and sent on, and the line that stands for one that is not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from mappings.characters import clean
from mappings.html.links import bracketed
from mappings.names import shown_file_name
from mappings.sentences import Sentence, beginnings
from mappings.text import comparison_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mappings.model import Attachment
    from mappings.wording import Wording

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
_NOT_COPIED = beginnings(Sentence.FILE_NOT_COPIED)
_KILO = 1024


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


def not_copied(file: Attachment, wording: Wording) -> str:
    """Return the line that names a file which does not travel, with size and link where it has them."""
    return wording.say(Sentence.FILE_NOT_COPIED, file=_described(file, wording))


def travels(file: Attachment, wording: Wording) -> str:
    """Return the line of a transcript that names a file which travels beside it, with size and link."""
    return wording.say(Sentence.FILE, file=_described(file, wording))


def _described(file: Attachment, wording: Wording) -> str:
    size = "" if file.size is None else shown_size(file.size, wording)
    return ", ".join(filter(None, (shown_file_name(file.name), size, bracketed(file.url))))


def with_not_copied(text: str, files: tuple[Attachment, ...], wording: Wording) -> str:
    """Return a text that also names the files which do not travel with it."""
    lines = (not_copied(file, wording) for file in files)
    return "\n".join([text, *lines]).strip("\n") if files else text


def without_not_copied(text: str) -> str:
    """Return a text without the lines that name files."""
    return "\n".join(line for line in text.split("\n") if not line.startswith(_NOT_COPIED))


def is_named_in(text: str, name: str) -> bool:
    """Tell whether a line of a text names this file as one that did not travel."""
    return any(
        f"{begun}{shown}{end}" in text
        for begun in _NOT_COPIED
        for shown in (shown_file_name(name), _formerly_shown(name))
        for end in (", ", "]")
    )


def listed(names: Iterable[str]) -> str:
    """Return names of files as the text of a message that has no other."""
    return ", ".join(map(shown_file_name, names))


def lists(text: str, names: Collection[str]) -> bool:
    """Tell whether a text says nothing but the name of one of these files, or of all."""
    formerly = {*names, ", ".join(sorted(names))}
    return text in {
        comparison_text(line) for line in (*formerly, *map(shown_file_name, names), listed(sorted(names)))
    }


def _formerly_shown(name: str) -> str:
    """Return a name as lines that the first version wrote show it."""
    return " ".join(clean(name).split())


def shown_size(size: int, wording: Wording) -> str:
    """Return a number of bytes as people read it."""
    if size < _KILO:
        return wording.say(Sentence.BYTES, size=str(size))
    if size < _KILO * _KILO:
        return wording.say(Sentence.KILOBYTES, size=f"{size / _KILO:.0f}")
    return wording.say(Sentence.MEGABYTES, size=f"{size / _KILO / _KILO:.1f}")
