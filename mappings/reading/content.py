"""Words inside structured content whose shape the vendors do not document: articles, buttons, votes.

Everything here looks for likely keys, takes bounded time on any nesting, and never fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mappings.html.markup import html_to_text
from mappings.wire.values import read_text

# Content may be nested and repeated without end; real forms and cards have less than a tenth of this.
_MOST_VALUES = 2_000
_LABELS = ("text", "title", "label", "name", "caption", "value")
_TITLES = frozenset({"title", "name", "header", "subject", "headline"})
_TEXTS = frozenset({"text", "body", "content", "description", "html", "message", "label", "caption"})
_LINKS = frozenset({"url", "link", "href", "article_url"})
_CHOSEN = ("choice", "chosen", "answer", "button", "select", "action", "value", "text")
_SCORES = ("vote", "rating", "score", "value", "mark", "stars")
_REMARKS = ("comment", "remark", "text", "message", "feedback")

Leaf = tuple[str, str]


def leaves(value: object) -> Iterator[Leaf]:
    """Yield the texts and numbers of nested content in order, each with the last key above it."""
    waiting: list[tuple[str, object]] = [("", value)]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        key, inner = waiting.pop()
        match inner:
            case Mapping():
                items = list(inner.items())[:_MOST_VALUES]
                waiting.extend((str(name).casefold(), below) for name, below in reversed(items))
            case list():
                waiting.extend((key, below) for below in reversed(inner[:_MOST_VALUES]))
            case _:
                if text := read_text(inner).strip():
                    yield key, text


def words(content: Mapping[str, object]) -> str:
    """Return the title, the text and the link of structured content in paragraphs; empty when it has none."""
    title, link = "", ""
    texts: list[str] = []
    for key, text in leaves(content):
        if key in _LINKS:
            link = link or text
        elif key in _TITLES and not title:
            title = text
        elif key in _TEXTS | _TITLES:
            texts.append(html_to_text(text) if "<" in text else text)
    return "\n\n".join(piece for piece in (title, *texts, link) if piece)


def choices(actions: list[dict[str, object]]) -> tuple[str, ...]:
    """Return the labels of buttons and fields that a bot offered."""
    return tuple(label for label in map(_label, actions) if label)


def _label(action: Mapping[str, object]) -> str:
    found = dict(reversed(list(leaves(action))))
    named = next((found[key] for key in _LABELS if key in found), "")
    return named or found.get("data", "")


def chosen(meta: Mapping[str, object]) -> str:
    """Return what the customer chose or typed in a bot's reply."""
    return ", ".join(dict.fromkeys(text for key, text in leaves(meta) if _like(key, _CHOSEN)))


def rating(meta: Mapping[str, object]) -> str:
    """Return the score and the remark of a vote in one line; empty where there is none."""
    found = list(leaves(meta))
    score = next((text for key, text in found if _like(key, _SCORES) and text.isdecimal()), "")
    remark = next((text for key, text in found if _like(key, _REMARKS) and not text.isdecimal()), "")
    return score_line(score, remark)


def score_line(score: str, remark: str) -> str:
    """Return a score and a remark in one line; empty when both are."""
    return " \N{EN DASH} ".join(filter(None, (score, " ".join(remark.split()))))


def _like(key: str, hints: tuple[str, ...]) -> bool:
    return any(hint in key for hint in hints)
