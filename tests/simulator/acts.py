"""What people do, by the names that a script uses; a conversation has the number of its person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulator.judge import SIDES, WORD, Judge, Word

if TYPE_CHECKING:
    from connector.sandbox.dashly.panel import DashlyPanel
    from connector.sandbox.intercom.inbox import IntercomInbox
    from tests.faults.lab import Lab

SNOOZED = 3_000.0


@dataclass
class People:
    """Acts as customers, agents and bots, and lets the judge know what was written.

    Nothing happens where there is nothing to act on, so that a script may lose any of its acts.
    """

    lab: Lab
    judge: Judge
    written: dict[int, tuple[str, str]] = field(default_factory=dict)
    """By word: conversation and part of what may still be changed."""
    origins: dict[int, tuple[str, str]] = field(default_factory=dict)
    mirrors: dict[int, tuple[str, str]] = field(default_factory=dict)

    def act(self, name: str, given: dict[str, Any]) -> None:
        """Let somebody act."""
        if "known" in given:
            self._start(name, **given)
        elif "of" in given:
            self._change(name, **given)
        elif talk := self._talk(given["talk"], given["side"]):
            self._go_on(name, talk, **{key: given[key] for key in given if key != "talk"})

    def named(self, told: str) -> frozenset[int]:
        """Return the people in whose conversations something happened, by the words and ids in a sentence."""
        words = [self.judge.words[name] for name in WORD.findall(told) if name in self.judge.words]
        begun = {(word.side, word.talk) for word in words}
        places = [(n, talk) for known in (self.origins, self.mirrors) for n, talk in known.items()]
        return frozenset(n for n, talk in places if talk in begun or talk[1] in told)

    def _desk(self, side: str) -> DashlyPanel | IntercomInbox:
        return self.lab.world.desk(side)

    def _start(self, name: str, *, talk: int, side: str, known: bool, word: int) -> None:
        desk = self._desk(side)
        who = desk.customer(f"P{talk}", user_id=f"acct-{talk}" if known else None)
        made = getattr(desk, name)(who, _text(word))
        kind = "customer" if name == "customer_starts" else "campaign"
        self.judge.begun.add((side, made))
        self.origins[talk] = (side, made)
        self._note_word(word, Word(side, made, kind, word))

    def _talk(self, number: int, side: str) -> str | None:
        """Return the conversation of a person on a side, once there is one."""
        origin = self.origins.get(number)
        if origin is None:
            return None
        if origin[0] == side:
            return origin[1]
        if number not in self.mirrors:
            found = self.judge.mirrors()
            self.mirrors |= {n: found[talk] for n, talk in self.origins.items() if talk in found}
        return self.mirrors[number][1] if number in self.mirrors else None

    def _go_on(self, name: str, talk: str, *, side: str, word: int, **given: Any) -> None:
        desk = self._desk(side)
        match name:
            case "customer_writes" | "agent_writes" | "agent_notes" | "bot_writes":
                part = getattr(desk, name)(talk, _text(word))
                kind = {"agent_notes": "note"}.get(name, name.partition("_")[0])
                self._note_word(word, Word(side, talk, kind, word))
                self.written[word] = talk, part
            case "customer_repeats":
                self._note_word(word, Word(side, talk, "customer", word, times=2))
                for _ in range(2):
                    desk.customer_writes(talk, _text(word))
            case "tag" | "untag":
                self._tag(name, side, talk, **given)
            case "snooze":
                desk.snooze(talk, self.lab.time.now() + SNOOZED)
            case "assign":
                desk.assign(talk, (None, *desk.agents())[given["agent"]])
            case _:
                getattr(desk, name)(talk)

    def _tag(self, name: str, side: str, talk: str, tag: str) -> None:
        shown = next(t for t in self._desk(side).truth()["conversations"] if t["id"] == talk)
        if (name == "untag") == (tag in shown["tags"]):
            getattr(self._desk(side), name)(talk, tag)

    def _change(self, name: str, *, of: int, word: int) -> None:
        if of not in self.written:
            return
        talk, part = self.written.pop(of)
        before = self.judge.words[f"w{of}w"]
        if name == "remove":
            self._desk(before.side).remove_part(talk, part)
        elif before.side == SIDES[1] and before.kind != "note":
            return  # Intercom lets nobody change a message
        else:
            self._note_word(word, Word(before.side, talk, before.kind, word, changed=True))
            self._desk(before.side).edit_part(talk, part, _text(word))
        before.changed = True

    def _note_word(self, number: int, word: Word) -> None:
        self.judge.words[f"w{number}w"] = word


def _text(word: int) -> str:
    return f"Hello w{word}w there"
