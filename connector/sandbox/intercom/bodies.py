"""What Intercom makes of a text: sanitised HTML, and plain text on demand."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import nh3

_INLINE = frozenset(["a", "b", "strong", "i", "em", "u", "br", "code", "img"])
_BLOCKS = frozenset(["p", "ul", "ol", "li", "pre", "blockquote"])
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_HAS_BLOCK = re.compile(r"<(p|ul|ol|pre|blockquote|h[1-4])\b", re.IGNORECASE)

REDACTED = "<p><i>This message was deleted</i></p>"


def from_text(text: str) -> str:
    """Escape a plain text and wrap it into paragraphs."""
    return _paragraphs(html.escape(text, quote=False))


def sanitise(body: str, *, note: bool = False, markup: bool = True) -> str:
    """Keep the elements that a message may have, drop the rest; notes may have headings.

    Without ``markup`` only paragraphs and line breaks are left.
    """
    if not markup:
        return _paragraphs(nh3.clean(body, tags={"p", "br"}).strip())
    tags = set(_INLINE | _BLOCKS | (_HEADINGS if note else frozenset()))
    clean = nh3.clean(
        body,
        tags=tags,
        clean_content_tags={"script", "style"},
        attributes={name: set(values) for name, values in _ATTRIBUTES.items()},
        link_rel="nofollow noopener noreferrer",
    ).strip()
    return re.sub(r">\s*\n\s*<", ">\n<", clean) if _HAS_BLOCK.match(clean) else _paragraphs(clean)


def plain(body: str | None) -> str | None:
    """Render HTML as text the way `display_as=plaintext` does."""
    if body is None:
        return None
    reader = _PlainText()
    reader.feed(body)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.pieces)).strip()


def _paragraphs(markup: str) -> str:
    pieces = [piece.strip() for piece in re.split(r"\n\s*\n", markup) if piece.strip()]
    return "\n".join(piece if _HAS_BLOCK.search(piece) else _paragraph(piece) for piece in pieces)


def _paragraph(markup: str) -> str:
    return "<p>" + markup.replace("\n", "<br>") + "</p>"


class _PlainText(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag == "img":
            self.pieces.append(f"[Image {values.get('src') or ''}]")
        elif tag == "a":
            self._links.append(values.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self.pieces.append(f" ({self._links.pop()})")
        elif tag in _BLOCKS or tag in _HEADINGS:
            self.pieces.append("\n\n" if tag != "li" else "")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
