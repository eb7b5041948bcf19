"""Reads sanitised HTML as text, line by line, the way people would write it in a plain message.

A break is only written when more text follows it, so that text never starts or ends with one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import groupby

from mappings.characters import clean
from mappings.inline_images import Image, image, is_embedded

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = _HEADINGS | {"p", "blockquote", "pre", "ul", "ol", "table", "hr"}
_LINES = frozenset({"div", "li", "tr"})
_CELLS = frozenset({"td", "th"})
_LAYOUT = _HEADINGS | {"b", "strong", "i", "em", "u", "s", "code", "pre", "table"}
_HTML_SPACE = re.compile(r"[ \t\n\r\f]+")
_SCHEME = re.compile(r"\A(?:https?://|mailto:|tel:)")
TAGS = _PARAGRAPHS | _LINES | _CELLS | _LAYOUT | {"a", "br", "img"}
_CELL_BORDER = " | "
_LONGEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """What markup says: its text, its images, and whether it had a layout that text cannot show."""

    text: str
    images: tuple[Image, ...] = ()
    layout: bool = False


def tidy(text: str) -> str:
    """Return the text with single blank lines at most and no space at the ends of lines."""
    lines = [line.replace("\xa0", " ").rstrip() for line in clean(text).expandtabs(4).split("\n")]
    paragraphs = ("\n".join(group) for written, group in groupby(lines, key=bool) if written)
    return "\n\n".join(paragraphs)


def _same(label: str, url: str) -> bool:
    """Return whether a label only repeats its address, as when the side linked a bare address by itself."""
    return _SCHEME.sub("", label).rstrip("/") == _SCHEME.sub("", url).rstrip("/")


def _first_number(start: str) -> int:
    return int(start) if start.isdecimal() and len(start) <= _LONGEST_NUMBER else 1


class TextReader(HTMLParser):
    """Takes markup and gives its reading; lists, quotes and rows are stacks of what is open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._breaks = 0
        self._indents: list[list[str]] = []
        self._counters: list[int | None] = []
        self._rows: list[bool] = []
        self._preformatted = 0
        self._links: list[tuple[str, list[str]]] = []
        self._images: list[Image] = []
        self._layout = False

    def reading(self) -> Reading:
        """Return what was read."""
        self._end_line()
        return Reading(tidy("\n".join(self._lines)), tuple(self._images), self._layout)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a link, list, quote, row or paragraph."""
        given = {name: value or "" for name, value in attrs}
        self._layout |= tag in _LAYOUT
        self._break(tag)
        match tag:
            case "br":
                self._breaks = 2 if self._breaks or not self._line else 1
            case "a":
                href = given.get("href", "")
                self._links.append(("" if is_embedded(href) else href, []))
            case "img":
                self._images.append(image(clean(given.get("alt", "")).strip(), given.get("src", "")))
            case "ul" | "ol":
                self._counters.append(_first_number(given.get("start", "")) if tag == "ol" else None)
            case "li":
                self._indents.append(self._bullet())
            case "blockquote":
                self._indents.append(["> ", "> "])
            case "pre":
                self._preformatted += 1
            case "tr":
                self._rows.append(False)
            case "td" | "th" if self._rows:
                self._cell()

    def handle_endtag(self, tag: str) -> None:
        """Close what the tag opened."""
        match tag:
            case "a" if self._links:
                self._end_link(*self._links.pop())
            case "ul" | "ol" if self._counters:
                self._counters.pop()
            case "li" | "blockquote" if self._indents:
                self._indents.pop()
            case "pre":
                self._preformatted = max(0, self._preformatted - 1)
            case "tr" if self._rows:
                self._rows.pop()
        self._break(tag)

    def handle_data(self, data: str) -> None:
        """Write text; white space counts only inside ``pre``."""
        text = clean(data)
        if not self._preformatted:
            self._write(_HTML_SPACE.sub(" ", text))
            return
        first, *others = text.expandtabs(4).replace(" ", "\xa0").split("\n")
        self._write(first)
        for line in others:
            self._breaks = 2 if self._breaks or not self._line else 1
            self._write(line)

    def _write(self, text: str) -> None:
        if self._breaks or not self._line or self._line[-1].endswith(" "):
            text = text.lstrip(" ")
        if not text:
            return
        if self._breaks:
            self._end_line()
        if not self._line:
            self._line.append(self._prefix())
        self._line.append(text)
        for _, label in self._links:
            label.append(text)
        if self._rows:
            self._rows[-1] = True

    def _end_line(self) -> None:
        if self._line:
            self._lines.append("".join(self._line))
            if self._breaks > 1:
                self._lines.append("")
        self._line = []
        self._breaks = 0

    def _break(self, tag: str) -> None:
        wanted = 1 if tag in _LINES else 2 if tag in _PARAGRAPHS else 0
        tight = (self._counters or self._rows) and tag != "pre"
        if wanted and self._line and self._line[-1] != _CELL_BORDER:
            self._breaks = max(self._breaks, 1 if tight else wanted)

    def _prefix(self) -> str:
        prefix = "".join(first for first, _ in self._indents)
        for indent in self._indents:
            indent[0] = indent[1]
        return prefix

    def _bullet(self) -> list[str]:
        counter = self._counters[-1] if self._counters else None
        if counter is None:
            return ["- ", "\xa0\xa0"]
        self._counters[-1] = counter + 1
        bullet = f"{counter}. "
        return [bullet, "\xa0" * len(bullet)]

    def _cell(self) -> None:
        if self._rows[-1] and self._line:
            self._breaks = 0
            self._line.append(_CELL_BORDER)

    def _end_link(self, url: str, label: list[str]) -> None:
        shown = "".join(label).strip()
        if url and not _same(shown, url):
            self._write(f" ({url})" if shown else url)
