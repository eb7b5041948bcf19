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
STAFF_AND_CUSTOMERS = ("merge", "customer_merged", "customer_deleted", "agent_leaves")
FILE = "https://downloads.intercomcdn.com/i/o/1/manual.pdf"
FILLER = "\n\n" + "and so on, " * 130 + "\n\n"
"""Longer than two of the shortest pieces."""
EVERYBODY = 4
"""How many agents each side begins with."""


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
    tails: dict[int, int] = field(default_factory=dict)
    """By the word at the beginning of a long text: the word at its end."""
    links: dict[int, tuple[str, str]] = field(default_factory=dict)
    """By word: conversation and part of what shows a file of Intercom by its address."""
    signed: int = 0
    out_of_sight: bool = False
    """Whether nothing leads from a lost state to a mirror: people merged, or in Intercom 1.x deleted."""
    mailing: int = 0
    """The message of Intercom's mailing, once there is one."""

    def act(self, name: str, given: dict[str, Any]) -> None:
        """Let somebody act."""
        if "known" in given:
            self._start(name, **given)
        elif name in STAFF_AND_CUSTOMERS:
            getattr(self, name)(**given)
        elif "of" in given:
            self._change(name, **given)
        elif talk := self._talk(given["talk"], given["side"]):
            self._go_on(name, talk, **{key: given[key] for key in given if key != "talk"})

    def places(self, number: int) -> tuple[str | None, str | None]:
        """Return the conversation of a person on Dashly, and on Intercom."""
        return self._talk(number, SIDES[0]), self._talk(number, SIDES[1])

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
        if name == "operator_starts":
            made, kind = desk.campaign_starts(who, _text(word), agent=desk.agents()[0]), "agent"
        elif name == "customer_starts":
            made, kind = desk.customer_starts(who, _text(word)), "customer"
        else:
            made, kind = desk.campaign_starts(who, _text(word)), "campaign"
        if name == "mailing_starts":
            self._share_message(side, made)
        self.judge.begun.add((side, made))
        self.origins[talk] = (side, made)
        self._note_word(word, Word(side, made, kind, word))

    def _share_message(self, side: str, made: str) -> None:
        """Let a conversation have begun by the message of the mailing before it, as Intercom shows that."""
        if side == SIDES[1]:
            source = self.lab.world.intercom._talk(made).source
            self.mailing = source.id = self.mailing or source.id

    # -- what befalls people -----------------------------------------------------------------------------

    def merge(self, *, talk: int, into: int) -> None:
        """Merge two conversations that customers began on Intercom."""
        desk = self.lab.world.intercom
        ours = {n: made for n, (side, made) in self.origins.items() if side == SIDES[1]}
        if talk == into or not {talk, into} <= ours.keys() or desk._talk(ours[talk]).merged_into:
            return
        if desk._talk(ours[into]).merged_into:
            return
        with self.judge.merging(ours[talk], ours[into]):
            desk.merge_conversations(ours[talk], ours[into])

    def customer_merged(self, *, talk: int, side: str) -> None:
        """Merge the customer of a conversation into somebody new; nobody merges Dashly's silent stand-ins."""
        found = self._talk(talk, side)
        if found is None or (side == SIDES[0] and (side, found) not in self.judge.begun):
            return
        self.out_of_sight = True
        if side == SIDES[0]:
            panel = self.lab.world.dashly
            was = panel.state.user(panel._talk(found).user)
            if was.merged_into is None:
                panel.merge_users(str(was.id), panel.customer(f"P{talk} again"))
        else:
            inbox = self.lab.world.intercom
            contact = inbox.state.contacts[inbox._talk(found).contacts[0]]
            if contact.merged_into is None and not contact.deleted:
                inbox.merge_contacts(contact.id, inbox.customer(f"P{talk} again"))

    def customer_deleted(self, *, talk: int) -> None:
        """Delete the contact of a mirror on Intercom."""
        found = self._talk(talk, SIDES[1])
        if found is not None and (SIDES[1], found) not in self.judge.begun:
            inbox = self.lab.world.intercom
            contact = inbox.state.contacts[inbox._talk(found).contacts[0]]
            contact.archived = contact.deleted = True
            self.out_of_sight |= self.lab.config.intercom.api_version.startswith("1.")

    def agent_leaves(self, *, side: str, agent: int) -> None:
        """Let an agent go, one on each side at most."""
        desk = self._desk(side)
        if len(desk.agents()) == EVERYBODY:
            desk.agent_leaves(desk.agents()[agent])

    # -- what people do in a conversation ----------------------------------------------------------------

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
                self._write(name, side, talk, word, **given)
            case "customer_writes_nothing":
                desk.customer_writes(talk, given["text"])
            case "agent_links":
                self._link(side, talk, word)
            case "signed_anew":
                self._sign_anew()
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

    def _write(
        self, name: str, side: str, talk: str, word: int, tail: int | None = None, agent: int | None = None
    ) -> None:
        desk, more = self._desk(side), {}
        if agent is not None:
            more["agent"] = desk.agents()[agent]
        kind = {"agent_notes": "note"}.get(name, name.partition("_")[0])
        words = [word] if tail is None else [word, tail]
        part = getattr(desk, name)(talk, FILLER.join(map(_text, words)), **more)
        for one in words:
            self._note_word(one, Word(side, talk, kind, word))
        self.written[word] = talk, part
        if tail is not None:
            self.tails[word] = tail

    def _link(self, side: str, talk: str, word: int) -> None:
        """Let an agent show a file by its address, which Intercom signs anew now and then."""
        part = self._desk(side).agent_writes(talk, _linked(word, 0))
        self._note_word(word, Word(side, talk, "agent", word))
        if side == SIDES[1]:
            self.links[word] = talk, part

    def _sign_anew(self) -> None:
        self.signed += 1
        for word, (talk, part) in self.links.items():
            self.lab.world.intercom.edit_part(talk, part, _linked(word, self.signed))

    def _tag(self, name: str, side: str, talk: str, tag: str) -> None:
        shown = next(t for t in self._desk(side).truth()["conversations"] if t["id"] == talk)
        if (name == "untag") == (tag in shown["tags"]):
            getattr(self._desk(side), name)(talk, tag)

    def _change(self, name: str, *, of: int, word: int, then: int | None = None) -> None:
        if of not in self.written:
            return
        talk, part = self.written.pop(of)
        before = self.judge.words[f"w{of}w"]
        if of in self.tails:
            self.judge.words[f"w{self.tails[of]}w"].changed = True
        if name == "remove":
            self._desk(before.side).remove_part(talk, part)
        elif then is not None:
            self._desk(before.side).remove_part(talk, part)
            for one in (word, then):
                self._write("agent_writes", before.side, talk, one)
                self.judge.words[f"w{one}w"].unordered = True
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


def _linked(word: int, signed: int) -> str:
    return f'<p>{_text(word)} <a href="{FILE}?expires={signed}&amp;signature={signed}f">the manual</a></p>'
