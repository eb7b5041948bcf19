"""Guesses who or what may be the same on the other side: for people to confirm, never to act on."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from mappings.model import Agent, AuthorKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# A suggestion is a comment that a person reads: these are tuned to propose few, and no silly ones.
_LIKELY = 0.7
_CLEARLY_ALIKE = 0.85
_CLEARLY_BETTER = 0.1
_NEVER_EQUAL = 0.89
_PARTS = re.compile(r"[^\W\d_]+")
_BETWEEN_WORDS = re.compile(r"[\s\-_/.,:#]+")
_DIGITS = re.compile(r"\d+")

Item = TypeVar("Item", Agent, str)


def suggest(agents: Iterable[Agent], others: Iterable[Agent]) -> dict[str, Agent]:
    """Return the one likely counterpart of each agent that has one, by the agent's id.

    Nobody is suggested twice, and nobody at all where two are about equally likely.
    """
    people = [agent for agent in agents if agent.kind is AuthorKind.AGENT]
    free = [other for other in others if other.kind is AuthorKind.AGENT]
    best = {agent.id: found for agent in people if (found := _best(agent, free, _likeness, _LIKELY))}
    likeliest = {other.id: _best(other, people, _likeness, _LIKELY) for other in free}
    return {key: other for key, other in best.items() if (back := likeliest[other.id]) and back.id == key}


def suggest_teams(channels: Iterable[Agent], teams: Iterable[Agent]) -> dict[str, Agent]:
    """Return the one team of an equal or clearly similar name, by the channel's id.

    Several channels may lead to one team.
    """
    known = list(teams)
    found = {channel.id: _best(channel, known, _alike_places, _CLEARLY_ALIKE) for channel in channels}
    return {key: team for key, team in found.items() if team is not None}


def suggest_tags(tags: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """Return the one clearly similar tag of the other side, by the tag; none is suggested twice."""
    ours, theirs = sorted(set(tags)), sorted(set(others))
    best = {tag: found for tag in ours if (found := _best(tag, theirs, _alike_names, _CLEARLY_ALIKE))}
    return {
        tag: other for tag, other in best.items() if _best(other, ours, _alike_names, _CLEARLY_ALIKE) == tag
    }


def _best(
    item: Item, others: list[Item], likeness: Callable[[Item, Item], float], least: float
) -> Item | None:
    """Return the most similar of the others, unless another one is about as similar."""
    ranked = sorted(((likeness(item, other), other) for other in others), key=_by_likeness, reverse=True)
    if not ranked or ranked[0][0] < least:
        return None
    alone = len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= _CLEARLY_BETTER
    return ranked[0][1] if alone else None


def _by_likeness(ranked: tuple[float, object]) -> float:
    return ranked[0]


def _likeness(one: Agent, other: Agent) -> float:
    """Return how alike two people's names and addresses are, from 0 to 1."""
    return max((_alike(a, b) for a in _spellings(one) for b in _spellings(other)), default=0.0)


def _spellings(agent: Agent) -> list[tuple[str, ...]]:
    """Return the words of a person's name, and of the local part of the address."""
    texts = (agent.name.partition("@")[0].partition("(")[0], (agent.email or "").partition("@")[0])
    return [words for words in map(_words, texts) if words]


def _words(text: str) -> tuple[str, ...]:
    return tuple(_PARTS.findall(_plain(text)))


def _plain(text: str) -> str:
    """Return a text without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    shorter, longer = sorted((one, other), key=len)
    if all(any(_abbreviates(word, full) for full in longer) for word in shorter):
        return 1.0 if len(shorter) == len(longer) else 0.8
    return SequenceMatcher(None, "".join(sorted(one)), "".join(sorted(other))).ratio()


def _abbreviates(word: str, full: str) -> bool:
    return word == full or (len(word) == 1 and full.startswith(word)) or (len(full) == 1 and word[0] == full)


def _alike_places(one: Agent, other: Agent) -> float:
    return _alike_names(one.name, other.name)


def _alike_names(one: str, other: str) -> float:
    """Return how alike two names of things are: 1 when equal, clearly less when only similar.

    Names with other numbers or another beginning are other things.
    """
    mine, theirs = _name_words(one), _name_words(other)
    if not mine or not theirs:
        return 0.0
    joined, wanted = "".join(mine), "".join(theirs)
    if joined == wanted or sorted(mine) == sorted(theirs):
        return 1.0
    if joined[0] != wanted[0] or _DIGITS.findall(joined) != _DIGITS.findall(wanted):
        return 0.0
    return min(SequenceMatcher(None, joined, wanted).ratio(), _NEVER_EQUAL)


@lru_cache(maxsize=4096)
def _name_words(name: str) -> tuple[str, ...]:
    return tuple(filter(None, _BETWEEN_WORDS.split(_plain(name))))
