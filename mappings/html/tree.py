"""The tree of a piece of HTML5, whatever people or programs made it of.

The parser is justhtml, which takes linear time on any nesting and any number of attributes. What HTML5 itself
makes grow or vanish is read as ordinary elements: formatting, which is copied into every later block while it
is not closed; and content that a browser takes as raw text or leaves out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from justhtml import Comment, JustHTML, Text

if TYPE_CHECKING:
    from justhtml import Node

_PREFIX = "x-"
_ORDINARY = re.compile(
    r"<(/?)(?=(?:a|b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
    r"|frame|iframe|noembed|noframes|noscript|plaintext|textarea|title|xmp"
    r"|frameset|math|select|svg|template)(?:[\s/>]|\Z))",
    re.IGNORECASE,
)
# What begins no tag, or stops being one where another begins or the input ends; an address between angle
# brackets, as mail programs write it; a word behind an exclamation mark.
_NO_TAG = re.compile(
    r"<(?:(?![a-zA-Z!?]|/[a-zA-Z])|(?=[a-zA-Z/][^<>\"'=]*(?:<|\Z))"
    r"|(?=[a-zA-Z][^\s<>\"'=/@]*(?:@|://)[^<>]*>)|(?=!(?!doctype\b)[a-z]))",
    re.IGNORECASE,
)
_END = "x-end-of-input"

_TAG = re.compile(r"</?[a-zA-Z](?>=\s*\"[^\"]*\"|=\s*'[^']*'|=(?!\s*[\"'])|[^>=])*+>")
_HIDING = re.compile(r"<(script|style)(?=[\s/>])", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1\b[^<>]*>?|\Z)", re.IGNORECASE | re.DOTALL)
_ANY_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)


class Step(NamedTuple):
    """A node, and whether it begins or ends."""

    node: Node | Text
    begins: bool = True

    @property
    def name(self) -> str:
        """Return the name that an element has in HTML; that of other nodes starts with ``#`` or ``!``."""
        return self.node.name.removeprefix(_PREFIX)


def steps(html: str) -> list[Step]:
    """Return a walk over the tree: every element when it begins and when it ends, every other node once.

    Words that a tag or comment without an end would swallow are text.
    """
    html = _NO_TAG.sub("&lt;", _without_sections(html))
    walk, whole = _walk(html)
    return walk if whole else _walk(_closed(html))[0]


def _without_sections(html: str) -> str:
    """Return the markup without the marks of CDATA sections, which in HTML would hide what is in them."""
    before, *sections = html.split("<![CDATA[")
    return "".join([before, *(section.replace("]]>", "", 1) for section in sections)])


def _walk(html: str) -> tuple[list[Step], bool]:
    """Return the walk, and whether the input ended outside of any tag, comment or script."""
    markup = _ORDINARY.sub(rf"<\1{_PREFIX}", html)
    root = JustHTML(f"{markup}<{_END}>", sanitize=False, fragment=True).root
    walk: list[Step] = []
    whole = False
    waiting: list[Step] = [Step(root)]
    while waiting:
        step = waiting.pop()
        walk.append(step)
        whole |= step.node.name == _END
        if step.begins and not isinstance(step.node, Text | Comment):
            waiting.append(Step(step.node, begins=False))
            waiting += [Step(child) for child in reversed(step.node.children or ())]
    return walk, whole


def _closed(html: str) -> str:
    """Return the markup with everything from the first token without an end on as text and addresses."""
    at = 0
    while (start := html.find("<", at)) >= 0:
        at = _end_of_token(html, start)
        if at < 0:
            rest = _ANY_TAG.sub(_addresses_of, _HIDDEN.sub("", html[start:]))
            return html[:start] + rest.replace("<", "&lt;")
    return html


def _addresses_of(tag: re.Match[str]) -> str:
    return f" {' '.join(_ADDRESS.findall(tag[0]))} "


def _end_of_token(html: str, start: int) -> int:
    """Return where a tag, comment or script ends that begins here; -1 when it never does."""
    if html.startswith("<!--", start):
        if html.startswith((">", "->"), start + 4):
            return start + 5
        return max(html.find("-->", start + 4), html.find("--!>", start + 4))
    if html.startswith(("<!", "<?"), start):
        return html.find(">", start)
    tag = _TAG.match(html, start)
    if tag is None:
        return -1
    hiding = _HIDING.match(html, start)
    if hiding is None:
        return tag.end()
    closing = re.compile(rf"</{hiding[1]}(?=[\s/>])", re.IGNORECASE).search(html, tag.end())
    return closing.start() if closing else len(html)
