"""The elements of HTML: which ones begin a line, and where they keep an address or words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
PARAGRAPHS = HEADINGS | {"p", "blockquote", "pre", "ul", "ol", "table", "hr"}
LINES = frozenset(
    {"address", "article", "aside", "button", "caption", "center", "dd", "details", "dialog", "dir", "div"}
    | {"dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "header", "legend", "li"}
    | {"listing", "main", "marquee", "menu", "nav", "optgroup", "option", "plaintext", "search", "section"}
    | {"select", "summary", "textarea", "title", "tr", "xmp"}
)
LAYOUT = (
    HEADINGS
    | {"b", "strong", "i", "em", "u", "s", "code", "pre", "table"}
    | {"del", "ins", "math", "strike", "sub", "sup"}
)
EMBEDDED = {
    "iframe": (Sentence.EMBEDDED_PAGE, "src"),
    "frame": (Sentence.EMBEDDED_PAGE, "src"),
    "video": (Sentence.VIDEO, "src"),
    "audio": (Sentence.AUDIO, "src"),
    "source": (Sentence.MEDIA, "src"),
    "object": (Sentence.EMBEDDED_OBJECT, "data"),
    "embed": (Sentence.EMBEDDED_OBJECT, "src"),
    "area": (Sentence.LINK, "href"),
}
PLAYERS = frozenset({"video", "audio"})
_PLACES = ("src", "href", "action", "formaction")
_NO_PLACES = frozenset({"base", "link", "meta", "script", "style", "use"})
_UNWRITTEN = frozenset({"hidden", "password", "file", "color", "range", "image"})
_BOXES = frozenset({"checkbox", "radio"})


def address_of(given: Mapping[str, str]) -> str:
    """Return where a link leads, in HTML or in a drawing."""
    return given.get("href") or given.get("xlink:href") or ""


def source_of(given: Mapping[str, str]) -> str:
    """Return where an image lies: its source, else the first of its sizes; in a drawing it is a link."""
    sizes = given.get("srcset", "").split()
    return given.get("src") or address_of(given) or (sizes[0].rstrip(",") if sizes else "")


def place_of(name: str, given: Mapping[str, str]) -> str:
    """Return the address that any other element has; none where it leads to a place in the same text."""
    found = next((given[place] for place in _PLACES if given.get(place)), "")
    return "" if name in _NO_PLACES or found.startswith("#") else found


def written_in(given: Mapping[str, str]) -> str:
    """Return what a field of a form shows to its reader."""
    kind = given.get("type", "").strip().casefold()
    if kind in _BOXES:
        return "[x]" if "checked" in given else "[ ]"
    return "" if kind in _UNWRITTEN else given.get("value") or given.get("placeholder", "")
