"""What must hold, judged from what both helpdesks really hold and never from what the connector remembers."""

from __future__ import annotations

import re
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.outcome import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connector.sandbox import World

WORD = re.compile(r"w\d+w")
SIDES = ("dashly", "intercom")
MINUTE = 60.0
NAMED = re.compile(r"\((customer|agent|bot|team)\): Hello (w\d+w)")
SPEAKS = {
    "customer": {"customer"},
    "agent": {"agent", "note"},
    "bot": {"bot", "campaign"},
    "team": {"agent", "note"},
}
"""By the role that a label names: who may have said it."""
Truth = dict[str, Any]


class Broken(AssertionError):
    """A promise was broken."""


@dataclass
class Word:
    """One text that somebody wrote: where, as what, how often, and whether it was changed since."""

    side: str
    talk: str
    kind: str
    number: int
    times: int = 1
    changed: bool = False
    unordered: bool = False
    """Written when another part vanished: it may be seen only after what came later."""


@dataclass
class Judge:
    """Knows what people wrote, and looks at both helpdesks."""

    world: World
    words: dict[str, Word] = field(default_factory=dict)
    begun: set[tuple[str, str]] = field(default_factory=set)
    """The conversations that people began, by side."""
    merged: set[str] = field(default_factory=set)
    """The conversations of Intercom that agents merged: their order and their tags are their own."""
    brought: Counter[str] = field(default_factory=Counter)
    """How many copies of each word a merge brought into another conversation."""
    doubled: set[str] = field(default_factory=set)
    """The words that stand in two conversations since a merge: each may have a copy of its own."""
    skipped: set[str] = field(default_factory=set)
    """The words that somebody left out by hand."""
    left_out: set[str] = field(default_factory=set)
    """The parts of which somebody was told that they stay on their side."""

    def safe(self) -> Truth:
        """Raise Broken when something is there that should not be; return what is there."""
        truth = self.world.truth()
        copies = self._counted(truth)
        for name, count in copies.items():
            most = self.words[name].times + (name in self.doubled)
            _hold(count <= most, f"{name} was copied {count} times")
            _hold(name not in self.skipped or not count, f"{name} was left out by hand, and copied")
        self._no_note_leaks(truth)
        self._nobody_speaks_as_another(truth)
        self._nobody_told()
        self._one_to_one(truth)
        return truth

    def complete(self) -> None:
        """Raise Broken when something is missing after all was worked off."""
        truth = self.safe()
        copies = self._counted(truth)
        hidden = _hidden(truth)
        told = {n for _, _, part in _parts(truth) if part["id"] in self.left_out for n in _names(part)}
        due = {
            n: word
            for n, word in self.words.items()
            if not word.changed and (word.side, word.talk) not in hidden and n not in told
        }
        lost = [name for name, word in due.items() if copies[name] < word.times]
        _hold(not lost, f"lost: {lost}")
        self._in_order(truth)
        self._tags_agree(truth)

    def mirrors(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return by conversation where its copies stand."""
        found = {}
        for side, talk, name in self._copies(self.world.truth()):
            word = self.words[name]
            found[word.side, word.talk] = side, talk
        return found

    @contextmanager
    def merging(self, *talks: str) -> Iterator[None]:
        """Watch agents merge two conversations of Intercom: what they bring along was not copied."""
        before, said = self._standing()
        yield
        after, said_now = self._standing()
        self.brought += after - before
        self.doubled |= (said_now - said).keys()
        self.merged |= set(talks)

    def _standing(self) -> tuple[Counter[str], Counter[str]]:
        """Return how often each word stands there as a copy, and as what a person wrote."""
        truth = self.world.truth()
        said = Counter(n for _, _, part in _parts(truth) if part["via"] == "human" for n in _names(part))
        return Counter(name for _side, _talk, name in self._copies(truth)), said

    def _counted(self, truth: Truth) -> Counter[str]:
        return Counter(name for _side, _talk, name in self._copies(truth)) - self.brought

    def words_of(self, truth: Truth, parts: set[str]) -> set[str]:
        """Return the words that stand in these parts."""
        return {name for _side, _talk, part in _parts(truth) if part["id"] in parts for name in _names(part)}

    def copied(self, truth: Truth) -> set[str]:
        """Return the words that were copied."""
        return {name for _side, _talk, name in self._copies(truth)}

    def is_merged(self, talk: str, word: Word) -> bool:
        """Tell whether agents merged the conversation of a word, or that of its copy."""
        return not self.merged.isdisjoint((talk, word.talk))

    def _copies(self, truth: Truth) -> Iterator[tuple[str, str, str]]:
        for side, talk, part in _parts(truth):
            if part["via"] == "api":
                for name in _names(part):
                    _hold(self.words[name].side != side, f"{name} came back")
                    yield side, talk["id"], name

    def _no_note_leaks(self, truth: Truth) -> None:
        for _side, _talk, part in _parts(truth):
            if part["public"]:
                notes = [n for n in _names(part) if self.words[n].kind == "note"]
                _hold(not notes, f"notes are public: {notes}")

    def _nobody_speaks_as_another(self, truth: Truth) -> None:
        for _side, _talk, part in _parts(truth):
            for role, name in NAMED.findall(plain(part["body"])) if part["via"] == "api" else ():
                _hold(self.words[name].kind in SPEAKS[role], f"{name} is told as the words of {role}")

    def _nobody_told(self) -> None:
        told: Counter[tuple[str, str]] = Counter()
        for note in self.world.record.notifications:
            if note.via == "api":
                told.update((note.recipient, name) for name in WORD.findall(plain(note.text)))
        for (_recipient, name), count in told.items():
            word = self.words[name]
            mirror = (word.side, word.talk) not in self.begun
            _hold(word.kind == "agent" and mirror, f"the customer was told of {name}")
            _hold(count == 1, f"the customer was told of {name} {count} times")

    def _one_to_one(self, truth: Truth) -> None:
        pairs: dict[tuple[str, str], set[str]] = {}
        for _side, talk, name in self._copies(truth):
            word = self.words[name]
            if not self.is_merged(talk, word):
                pairs.setdefault((word.side, word.talk), set()).add(talk)
        for (side, talk), mirrors in pairs.items():
            _hold(len(mirrors) == 1, f"{side} {talk} has copies in {sorted(mirrors)}")
        for here in SIDES:
            made = sum(_first(t)["via"] == "api" for t in truth[here]["conversations"])
            began = sum(side != here for side, _talk in self.begun)
            _hold(made <= began, f"{made} mirrors on {here} for {began} conversations")

    def _in_order(self, truth: Truth) -> None:
        written: dict[str, int] = {}
        for _side, _talk, part in _parts(truth):
            if part["via"] == "human":
                written |= dict.fromkeys(_names(part), len(written))
        last: dict[tuple[str, str], int] = {}
        for side, talk, name in self._copies(truth):
            word = self.words[name]
            if word.changed or word.unordered or name not in written or self.is_merged(talk, word):
                continue
            place = last.get((side, talk), -1)
            _hold(place <= written[name], f"{name} stands too late in {side} {talk}")
            last[side, talk] = written[name]

    def _tags_agree(self, truth: Truth) -> None:
        tags = {
            (s, t["id"]): {tag.casefold() for tag in t["tags"]}
            for s in SIDES
            for t in truth[s]["conversations"]
        }
        for side, talk, name in self._copies(truth):
            word = self.words[name]
            if self.is_merged(talk, word):
                continue
            here, there = tags[side, talk], tags[word.side, word.talk]
            _hold(here == there, f"tags of {side} {talk}: {here} and {there}")


def within_limit(world: World, side: str, limit: int) -> None:
    """Raise Broken when a minute held more requests than the limit; forget the ones that were looked at."""
    window: deque[float] = deque()
    for request in world.record.requests:
        if request.side != side:
            continue
        window.append(request.at)
        while window[0] <= request.at - MINUTE:
            window.popleft()
        _hold(len(window) <= limit, f"{len(window)} requests to {side} in one minute")
    world.record.requests.clear()


def _hold(condition: object, otherwise: str) -> None:
    if not condition:
        raise Broken(otherwise)


def _parts(truth: Truth) -> Iterable[tuple[str, dict[str, Any], dict[str, Any]]]:
    for side in SIDES:
        for talk in truth[side]["conversations"]:
            for part in [*([talk["source"]] if "source" in talk else []), *talk["parts"]]:
                if part["body"]:
                    yield side, talk, part


def _hidden(truth: Truth) -> set[tuple[str, str]]:
    """Return what no list shows: a campaign of Dashly that nobody has answered."""
    return {("dashly", talk["id"]) for talk in truth["dashly"]["conversations"] if not talk["replied"]}


def _names(part: dict[str, Any]) -> list[str]:
    return WORD.findall(plain(part["body"]))


def _first(talk: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = talk.get("source") or talk["parts"][0]
    return found
