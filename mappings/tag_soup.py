"""Makes markup such that a sanitiser loses no words of it, whatever people or programs made it of.

Tags that nobody needs are renamed, so that neither foreign content (``<text>`` belongs to SVG) nor templates
take their words along, and neighbours stay apart. What an unclosed tag or comment would swallow up to the end
becomes text. Nothing here makes markup safe: nh3 does that afterwards.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mappings.text_reader import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIDDEN = frozenset({"script", "style"})
_STRUCTURE = frozenset({"html", "head", "body", "thead", "tbody", "tfoot", "caption", "colgroup", "col"})
_KEPT = TAGS | _HIDDEN | _STRUCTURE
_APART = frozenset(
    {"address", "article", "aside", "button", "center", "dd", "details", "dialog", "dir", "dl", "dt"}
    | {"fieldset", "figcaption", "figure", "footer", "form", "header", "legend", "main", "menu", "nav"}
    | {"optgroup", "option", "search", "section", "select", "summary", "textarea", "title"}
)

_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)")
_NO_TAG = re.compile(r"</(?![a-zA-Z])")
_TAG = re.compile(r"<[a-zA-Z/!?](?>[^<>\"']|\"[^\"]*\"|'[^']*')*+[<>]")
_OPENS_TAG = re.compile(r"<[a-zA-Z/!?]")
ANY_TAG = re.compile(r"<[^<>]*>")
_LINE_END = re.compile(r"<(?:br|/p|/div|/li|/tr)\b[^<>]*>", re.IGNORECASE)
_HIDDEN_BORDER = re.compile(r"<(/?)(script|style)\b", re.IGNORECASE)
_END_OF_HIDDEN = re.compile(r"</(?:script|style)", re.IGNORECASE)


def tamed(html: str) -> str:
    """Return the markup with unneeded tags renamed, and with what only looks like a tag as text."""
    html = _NO_TAG.sub("&lt;/", html.replace("<![CDATA[", "").replace("]]>", ""))
    return _NAME.sub(_renamed, "".join(_pieces(html)))


def stripped(html: str) -> str:
    """Return the markup without tags, scripts and styles, read by no parser."""
    return ANY_TAG.sub(" ", _LINE_END.sub("\n", _without_hidden(html)))


def _without_hidden(html: str) -> str:
    kept, end, hidden = [], 0, False
    for tag in _HIDDEN_BORDER.finditer(html):
        if hidden == bool(tag[1]):
            if not hidden:
                kept.append(html[end : tag.start()])
            hidden, end = not hidden, tag.start()
    return "".join(kept) if hidden else "".join(kept) + html[end:]


def _renamed(tag: re.Match[str]) -> str:
    name = tag[2].lower()
    if name in _KEPT:
        return tag[0]
    return f"<{tag[1]}{'div' if name in _APART else 'span'}"


def _pieces(html: str) -> Iterator[str]:
    """Yield the markup again, with every ``<`` escaped that begins no tag, and what is left open stripped."""
    done = at = 0
    while (start := html.find("<", at)) >= 0:
        if html.startswith("<!--", start):
            closed = html.find("-->", start + 2)
            at = closed + 3
        elif (tag := _TAG.match(html, start)) is not None and tag[0].endswith(">"):
            closed, at = tag.end(), _behind(html, tag)
        elif tag is not None:  # another tag begins inside this one
            closed = at = tag.end() - 1
            yield html[done:start] + html[start:at].replace("<", "&lt;")
            done = at
        else:
            closed = -1 if _OPENS_TAG.match(html, start) else start
            at = start + 1
        if closed < 0:
            yield html[done:start]
            yield stripped(html[start:]).replace("<", "&lt;")
            return
    yield html[done:]


def _behind(html: str, tag: re.Match[str]) -> int:
    """Return where to go on behind a whole tag: behind what it hides, if it is a script or style."""
    named = _NAME.match(tag[0])
    if named is None or named[1] or named[2].lower() not in _HIDDEN:
        return tag.end()
    hidden = _END_OF_HIDDEN.search(html, tag.end())
    return hidden.start() if hidden else len(html)
