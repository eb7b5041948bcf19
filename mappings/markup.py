"""Between Intercom's HTML and plain text.

Both ways are total on any text and take linear time. ``html_to_text(text_to_html(t))`` is stable after one
pass. nh3 sanitises first, so scripts, styles and comments never reach the reader; markup built to exhaust
a parser is stripped of its tags instead of being parsed.
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from itertools import groupby

import nh3

from mappings.characters import clean, repair
from mappings.inline_images import EMBEDDED_SCHEMES, Image
from mappings.tag_soup import ANY_TAG, stripped, tamed
from mappings.text_reader import TAGS, Reading, TextReader, tidy

__all__ = ["Image", "Reading", "html_to_text", "read_html", "text_to_html"]

_KEPT_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel", *EMBEDDED_SCHEMES}

_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?'()\[\]{}*]")
_SPACES = re.compile(r"\A +| {2,}")

_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNNESTED = frozenset({"p", "li", "td", "th", "tr", "br", "img", "hr", "input", "meta", "link", "wbr"})
_DEEPEST = 300
_MOST_TAGS = 30_000
_MOST_WORDS_IN_TAG = 1_000
_MOST_ENTITIES = 50_000


def html_to_text(html: str) -> str:
    """Return the readable text of HTML; links become ``label (url)``, images are left out."""
    return read_html(html).text


def read_html(html: str) -> Reading:
    """Return text, inline images and whether a layout was lost."""
    html = repair(html)
    if "<" not in html:
        # Plain text, as some webhooks and Twitter notices are: its line breaks are meant.
        return Reading(tidy(entities.unescape(html)))
    if _exhausting(html):
        return Reading(tidy(entities.unescape(stripped(html))), layout=True)
    reader = TextReader()
    reader.feed(
        nh3.clean(
            tamed(html), tags=set(TAGS), attributes=_KEPT_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None
        )
    )
    reader.close()
    return reader.reading()


def text_to_html(text: str) -> str:
    """Return HTML that shows the text: paragraphs, line breaks and linked addresses, everything escaped."""
    lines = [line.rstrip() for line in clean(text).expandtabs(4).split("\n")]
    paragraphs = (list(group) for written, group in groupby(lines, key=bool) if written)
    return "".join(f"<p>{'<br>'.join(map(_line_to_html, lines))}</p>" for lines in paragraphs)


def _line_to_html(line: str) -> str:
    kept = _SPACES.sub(lambda found: "\xa0" * len(found[0]), line)
    pieces, end = [], 0
    for link in _LINK.finditer(kept):
        url = entities.escape(link[0])
        pieces += [entities.escape(kept[end : link.start()], quote=False), f'<a href="{url}">{url}</a>']
        end = link.end()
    return "".join(pieces) + entities.escape(kept[end:], quote=False)


def _exhausting(html: str) -> bool:
    """Return whether parsing would take more than linear time: very deep nesting, or endless entities."""
    if html.count("<") > _MOST_TAGS or html.count("&") > _MOST_ENTITIES:
        return True
    if any(len(tag.split()) > _MOST_WORDS_IN_TAG for tag in ANY_TAG.findall(html)):
        return True
    open_tags: Counter[str] = Counter()
    depth = 0
    for slash, name in _TAG_NAME.findall(html):
        tag = name.lower()
        if tag in _UNNESTED:
            continue
        if slash and open_tags[tag]:
            open_tags[tag] -= 1
            depth -= 1
        elif not slash:
            open_tags[tag] += 1
            depth += 1
        if depth > _DEEPEST:
            return True
    return False
