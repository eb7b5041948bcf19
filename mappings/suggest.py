"""Guesses who an agent may be on the other side: for people to confirm, never to act on."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from mappings.model import Agent, AuthorKind

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIKELY = 0.7
_CLEARLY_BETTER = 0.1
_PARTS = re.compile(r"[^\W\d_]+")


def suggest(agents: Iterable[Agent], others: Iterable[Agent]) -> dict[str, Agent]:
    """Return the one likely counterpart of each agent that has one, by the agent's id.

    Nobody is suggested twice, and nobody at all where two are about equally likely.
    """
    people = [agent for agent in agents if agent.kind is AuthorKind.AGENT]
    free = [other for other in others if other.kind is AuthorKind.AGENT]
    best = {agent.id: found for agent in people if (found := _best(agent, free))}
    likeliest = {other.id: _best(other, people) for other in free}
    return {key: other for key, other in best.items() if (back := likeliest[other.id]) and back.id == key}


def _best(agent: Agent, others: list[Agent]) -> Agent | None:
    ranked = [(_likeness(agent, other), other) for other in others]
    ranked.sort(key=lambda found: (found[0], found[1].id), reverse=True)
    if not ranked or ranked[0][0] < _LIKELY:
        return None
    alone = len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= _CLEARLY_BETTER
    return ranked[0][1] if alone else None


def _likeness(one: Agent, other: Agent) -> float:
    """Return how alike two people's names and addresses are, from 0 to 1."""
    return max((_alike(a, b) for a in _spellings(one) for b in _spellings(other)), default=0.0)


def _spellings(agent: Agent) -> list[tuple[str, ...]]:
    """Return the words of a person's name, and of the local part of the address."""
    texts = (agent.name.partition("@")[0].partition("(")[0], (agent.email or "").partition("@")[0])
    return [words for words in map(_words, texts) if words]


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return tuple(_PARTS.findall("".join(c for c in plain if not unicodedata.combining(c))))


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    shorter, longer = sorted((one, other), key=len)
    if all(any(_abbreviates(word, full) for full in longer) for word in shorter):
        return 1.0 if len(shorter) == len(longer) else 0.8
    return SequenceMatcher(None, "".join(sorted(one)), "".join(sorted(other))).ratio()


def _abbreviates(word: str, full: str) -> bool:
    return word == full or (len(word) == 1 and full.startswith(word)) or (len(full) == 1 and word[0] == full)
