"""Reads HTML as text by a walk over its tree.

What is not text arrives as ``label (address)``, or is named as left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from justhtml import Comment, Element, Text

from mappings.characters import clean, one_line
from mappings.html.inline_images import Image, image
from mappings.html.lines import Lines
from mappings.html.links import is_same, shown_address
from mappings.html.tree import steps
from mappings.languages import Language, Told, told
from mappings.sentences import Sentence, say

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_PARAGRAPHS = _HEADINGS | {"p", "blockquote", "pre", "ul", "ol", "table", "hr"}
_LINES = frozenset(
    {"address", "article", "aside", "button", "caption", "center", "dd", "details", "dialog", "dir", "div"}
    | {"dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "header", "legend", "li"}
    | {"main", "menu", "nav", "optgroup", "option", "search", "section", "select", "summary", "textarea"}
    | {"title", "tr"}
)
_LAYOUT = _HEADINGS | {"b", "strong", "i", "em", "u", "s", "code", "pre", "table"}
_EMBEDDED = {
    "iframe": (Sentence.EMBEDDED_PAGE, "src"),
    "frame": (Sentence.EMBEDDED_PAGE, "src"),
    "video": (Sentence.VIDEO, "src"),
    "audio": (Sentence.AUDIO, "src"),
    "source": (Sentence.MEDIA, "src"),
    "object": (Sentence.EMBEDDED_OBJECT, "data"),
    "embed": (Sentence.EMBEDDED_OBJECT, "src"),
    "area": (Sentence.LINK, "href"),
}
_PLAYERS = frozenset({"video", "audio"})
_HTML_SPACE = re.compile(r"[ \t\n\r\f]+")
_CDATA = "[CDATA["
# A list that starts at a number of more digits counts nothing.
_LONGEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """What markup says: text, images, whether it had a layout that text cannot show, and what is left out.

    ``told`` is the text in every language: what has no words of its own is called by ours.
    """

    told: Told
    images: tuple[Image, ...] = ()
    layout: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the text, with our own words in English."""
        return self.told.text


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
            case Comment(data=str(data)) if data.startswith(_CDATA):
                reader.text(data.removeprefix(_CDATA).removesuffix("]]"))
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
    """Writes lines while a tree is walked; ``named`` says whether a word of ours stands in them."""

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
        self._layout |= name in _LAYOUT
        self._border(name)
        match name:
            case "br":
                self._lines.line_break()
            case "a":
                self._begin_link(given.get("href", ""))
            case "img":
                self._images.append(image(clean(given.get("alt", "")).strip(), given.get("src", "")))
            case "pre":
                self._preformatted += 1
            case "script" | "style":
                self._hidden += 1
            case _ if name in _EMBEDDED:
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
            case _ if name in _PLAYERS:
                self._end_player()
        self._border(name)

    def _border(self, name: str) -> None:
        if name in _PARAGRAPHS:
            self._lines.border(2, loose=name == "pre")
        elif name in _LINES or name in _EMBEDDED:
            self._lines.border(1, loose=name == "pre")

    def _write(self, text: str) -> None:
        self._lines.write(text)
        if self._link is not None:
            self._link.label.append(text)

    def _begin_link(self, address: str) -> None:
        self._end_link()
        shown = shown_address(address)
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
        word, attribute = _EMBEDDED[name]
        if name == "source" and self._players:
            word = self._players[-1].word
        address = shown_address(given.get(attribute, ""))
        if name in _PLAYERS:
            self._players.append(_Player(word))
        if address:
            label = one_line(given.get("title", "") or given.get("alt", ""))
            self.named |= not label
            self._lines.write(f"{label or say(word, self._language)} ({address})")
            self._lines.border(1)
            if self._players:
                self._players[-1].shown = True
        elif name not in {*_PLAYERS, "source"}:
            self._left_out.append(word)

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
