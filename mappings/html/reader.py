"""Reads HTML as text by a walk over its tree.

What is not text arrives as ``label (address)``, or is named as left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from justhtml import Element, Text

from mappings.characters import clean, one_line
from mappings.html.elements import (
    EMBEDDED,
    LAYOUT,
    LINES,
    PARAGRAPHS,
    PLAYERS,
    address_of,
    place_of,
    source_of,
    written_in,
)
from mappings.html.inline_images import Image, image
from mappings.html.lines import Lines
from mappings.html.links import is_same, shown_address
from mappings.html.reading import Reading
from mappings.html.tree import steps
from mappings.languages import Language, Told, told
from mappings.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Mapping

_HTML_SPACE = re.compile(r"[ \t\n\r\f]+")
# A list that starts at a number of more digits counts nothing.
_LONGEST_NUMBER = 6


def read(html: str) -> Reading:
    """Return the reading of any markup."""
    reader = _walked(html, Language.ENGLISH)
    if not reader.named:
        return reader.reading()
    others = (_walked(html, one).reading().text for one in Language if one is not Language.ENGLISH)
    reading = reader.reading()
    return replace(reading, told=Told((reading.text, *others)))


def _walked(html: str, language: Language) -> _Reader:
    reader = _Reader(language)
    for step in steps(html):
        match step.node:
            case Text(data=str(data)):
                reader.text(data)
            case Element() if step.begins:
                reader.begin(step.name, _attributes(step.node))
            case Element():
                reader.end(step.name)
    return reader


def _attributes(element: Element) -> dict[str, str]:
    return {name: value or "" for name, value in element.attrs.items()}


def _first_number(start: str) -> int:
    return int(start) if start.isdecimal() and len(start) <= _LONGEST_NUMBER else 1


class _Reader:
    """Writes lines while a tree is walked; ``named`` says whether a word of ours is in them."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self.named = False
        self._lines = Lines()
        self._images: list[Image] = []
        self._left_out: list[Sentence] = []
        self._layout = False
        self._hidden = 0
        self._preformatted = 0
        self._link: _Link | None = None
        self._players: list[_Player] = []
        self._base = ""

    def reading(self) -> Reading:
        """Return what was read."""
        left_out = tuple(say(word, Language.ENGLISH) for word in dict.fromkeys(self._left_out))
        return Reading(told(self._lines.text()), tuple(self._images), self._layout, left_out)

    def text(self, data: str) -> None:
        """Write text; white space counts only inside ``pre``."""
        if self._hidden:
            return
        text = clean(data)
        if not self._preformatted:
            self._write(_HTML_SPACE.sub(" ", text))
            return
        first, *others = text.expandtabs(4).replace(" ", "\xa0").split("\n")
        self._write(first)
        for line in others:
            self._lines.line_break()
            self._write(line)

    def begin(self, name: str, given: Mapping[str, str]) -> None:
        """Begin an element: a link, list, quote, row, paragraph, or something with an address."""
        self._layout |= name in LAYOUT
        self._border(name)
        match name:
            case "br":
                self._lines.line_break()
            case "a":
                self._begin_link(address_of(given))
            case "img":
                self._image(given)
            case "input":
                self._field(given)
            case "base":
                self._base = self._base or shown_address(address_of(given))
            case "pre":
                self._preformatted += 1
            case "script" | "style":
                self._hidden += 1
            case _ if name in EMBEDDED:
                self._embed(name, given)
            case _:
                self._begin_block(name, given)

    def _begin_block(self, name: str, given: Mapping[str, str]) -> None:
        match name:
            case "ul":
                self._lines.open_list(None)
            case "ol":
                self._lines.open_list(_first_number(given.get("start", "")))
            case "li":
                self._lines.open_item()
            case "blockquote":
                self._lines.open_quote()
            case "tr":
                self._lines.open_row()
            case "td" | "th":
                self._lines.cell()
            case _ if place := place_of(name, given):
                self._write_place(Sentence.LINK, given, self._shown(place))

    def end(self, name: str) -> None:
        """End what the element began."""
        match name:
            case "a":
                self._end_link()
            case "ul" | "ol":
                self._lines.close_list()
            case "li" | "blockquote":
                self._lines.close_indent()
            case "pre":
                self._preformatted -= 1
            case "script" | "style":
                self._hidden -= 1
            case "tr":
                self._lines.close_row()
            case _ if name in PLAYERS:
                self._end_player()
        self._border(name)

    def _border(self, name: str) -> None:
        if name in PARAGRAPHS:
            self._lines.border(2, loose=name == "pre")
        elif name in LINES or name in EMBEDDED:
            self._lines.border(1, loose=name == "pre")

    def _write(self, text: str) -> None:
        self._lines.write(text)
        if self._link is not None:
            self._link.label.append(text)

    def _begin_link(self, address: str) -> None:
        self._end_link()
        shown = self._shown(address)
        if address and not shown:
            self._left_out.append(Sentence.LINK)
        self._link = _Link(shown)

    def _end_link(self) -> None:
        """Write the address of the open link; in HTML no link goes on inside another."""
        if self._link is None:
            return
        link, self._link = self._link, None
        written = "".join(link.label)
        label = written.strip()
        if link.address and not is_same(label, link.address):
            self._lines.write(f" ({link.address})" if label else link.address)
            if written.endswith(" "):
                self._lines.write(" ")

    def _embed(self, name: str, given: Mapping[str, str]) -> None:
        """Write where something is to be seen or heard, on a line of its own."""
        word, attribute = EMBEDDED[name]
        if name == "source" and self._players:
            word = self._players[-1].word
        address = self._shown(given.get(attribute, ""))
        if name in PLAYERS:
            self._players.append(_Player(word))
        if address:
            self._write_place(word, given, address)
            if self._players:
                self._players[-1].shown = True
        elif name not in {*PLAYERS, "source"}:
            self._left_out.append(word)

    def _write_place(self, word: Sentence, given: Mapping[str, str], address: str) -> None:
        if not address:
            self._left_out.append(word)
            return
        label = one_line(given.get("title", "") or given.get("alt", ""))
        self.named |= not label
        self._lines.border(1)
        self._lines.write(f"{label or say(word, self._language)} ({address})")
        self._lines.border(1)

    def _image(self, given: Mapping[str, str]) -> None:
        found = image(clean(given.get("alt", "")).strip(), source_of(given))
        self._images.append(replace(found, url=self._whole(found.url)))

    def _field(self, given: Mapping[str, str]) -> None:
        if given.get("type", "").strip().casefold() == "image":
            self._image(given)
        if written := one_line(written_in(given)):
            self._write(f"{written} ")

    def _shown(self, address: str) -> str:
        return self._whole(shown_address(address))

    def _whole(self, address: str) -> str:
        """Return an address as it is read where the markup itself says to what it is relative."""
        if not address or not self._base:
            return address
        try:
            return urljoin(self._base, address)
        except ValueError:
            return address

    def _end_player(self) -> None:
        player = self._players.pop()
        if not player.shown:
            self._left_out.append(player.word)


@dataclass(slots=True)
class _Link:
    address: str
    label: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Player:
    """A video or audio that is open; ``shown`` says whether an address of it was written."""

    word: Sentence
    shown: bool = False
