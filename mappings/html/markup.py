"""Between Intercom's HTML and plain text.

Both ways are total on any text and take linear time; ``html_to_text(text_to_html(t))`` is stable after one
pass.
"""

from __future__ import annotations

import html as entities
import re
from itertools import groupby

from mappings.characters import clean, repair
from mappings.html.inline_images import Image
from mappings.html.lines import tidy
from mappings.html.links import addresses
from mappings.html.reading import Reading
from mappings.languages import told

__all__ = ["Image", "Reading", "html_to_text", "read_html", "text_to_html"]

_SPACES = re.compile(r"\A +| {2,}")


def html_to_text(html: str) -> str:
    """Return the readable text of HTML; links become ``label (url)``, images are left out."""
    return read_html(html).text


def read_html(html: str) -> Reading:
    """Return what markup says; see ``Reading``."""
    html = repair(html)
    if "<" not in html:
        # Plain text, as some webhooks and Twitter notices are: its line breaks are meant.
        return Reading(told(tidy(entities.unescape(html))))
    from mappings.html.reader import read  # noqa: PLC0415 - a parser is a tenth of a start; most passes read none

    return read(html)


def text_to_html(text: str) -> str:
    """Return HTML that shows the text: paragraphs, line breaks and linked addresses, everything escaped."""
    lines = [line.rstrip() for line in clean(text).expandtabs(4).split("\n")]
    paragraphs = (list(group) for written, group in groupby(lines, key=bool) if written)
    return "".join(f"<p>{'<br>'.join(map(_line_to_html, lines))}</p>" for lines in paragraphs)


def _line_to_html(line: str) -> str:
    kept = _SPACES.sub(lambda found: "\xa0" * len(found[0]), line)
    pieces, end = [], 0
    for start, stop in addresses(kept):
        url = entities.escape(kept[start:stop])
        pieces += [entities.escape(kept[end:start], quote=False), f'<a href="{url}">{url}</a>']
        end = stop
    return "".join(pieces) + entities.escape(kept[end:], quote=False)
