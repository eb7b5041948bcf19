"""The core scenario: everything that people do on both sides, told in few conversations.

Each text carries a word of its own, so that the truth of both sides can be searched for it: a message must be
on each side exactly once, a secret nowhere in public, and no customer may hear of a copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connector.helpdesk.query import HistoryQuery
from connector.sandbox.exchange import Upload
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.kit.stage import Stage

HOUR = 3600.0
NORA, ILYA = "151204", "151377"
NORA_IC, ILYA_IC = "814860", "814872"
PICTURE = Upload("rows.png", b"\x89PNG\r\n\x1a\n made up", "image/png")
LOG = Upload("log.txt", b"one\ntwo\n", "text/plain")


@dataclass
class Story:
    """What was said, by the word that marks it, and who should have been told."""

    stage: Stage
    once: set[str] = field(default_factory=set)
    secret: set[str] = field(default_factory=set)
    delivered: list[tuple[str, str]] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    _words: int = 0

    def says(self, text: str) -> str:
        """Return a message's text with a word of its own."""
        self._words += 1
        word = f"word{self._words:03}x"
        self.once.add(word)
        return f"{text} {word}"

    def whispers(self, text: str) -> str:
        """Return a note's text with a word of its own."""
        said = self.says(text)
        self.secret.add(said.split()[-1])
        return said

    def delivers(self, side: Side, text: str) -> str:
        """Return the text of an agent's message in the mirror, which reaches the customer on a side."""
        said = self.says(text)
        self.delivered.append((side.value, said.split()[-1]))
        return said

    def play(self) -> None:
        """Let it all happen: history, a first day, answers in the mirrors, and a quiet end."""
        self._history()
        self.stage.world.advance(60)
        self.stage.init()
        for side in Side:
            self.stage.backfill(side, HistoryQuery())
        self.stage.world.advance(60)
        self._day()
        late = bool(self.stage.world.intercom.state.switches.search_delay)
        for _ in range(1 + late):
            self.stage.sync()
            self.stage.world.advance(90)
        self._answers()
        self.stage.sync()
        self.stage.world.advance(90)
        self._second_thoughts()
        for _ in range(2 + late):
            self.stage.sync()
            self.stage.world.advance(30)

    def _history(self) -> None:
        world, now = self.stage.world, self.stage.clock.now()
        dashly, intercom = world.dashly, world.intercom
        eva = dashly.customer(
            "Eva Lindholm", email="eva@example.org", user_id="acct-31007", created=now - 9 * HOUR
        )
        old = dashly.customer_starts(eva, self.says("The invoice is wrong"), created=now - 9 * HOUR)
        dashly.agent_writes(old, self.says("Which line?"), agent=NORA, created=now - 8 * HOUR)
        dashly.agent_notes(old, self.whispers("She is on the old plan"), agent=NORA, created=now - 8 * HOUR)
        dashly.tag(old, "vip", agent=NORA, created=now - 7 * HOUR)
        dashly.assign(old, NORA, agent=NORA, created=now - 7 * HOUR)
        dashly.close(old, agent=NORA, created=now - 6 * HOUR)
        ines = intercom.customer("Ines Okafor", email="ines@example.net", role="lead", created=now - 9 * HOUR)
        rows = intercom.customer_starts(
            ines, self.says("The export stops"), attachments=[PICTURE], created=now - 9 * HOUR
        )
        intercom.agent_writes(
            rows, f"<p>{self.says('Which browser?')}</p>", agent=NORA_IC, take=True, created=now - 8 * HOUR
        )
        intercom.agent_notes(
            rows, f"<p>{self.whispers('Known bug')}</p>", agent=ILYA_IC, created=now - 8 * HOUR
        )
        intercom.tag(rows, "bug", agent=NORA_IC, created=now - 7 * HOUR)
        intercom.close(rows, agent=NORA_IC, created=now - 6 * HOUR)

    def _day(self) -> None:
        dashly, intercom = self.stage.world.dashly, self.stage.world.intercom
        old = next(iter(self.pairs()))
        dashly.customer_writes(old, self.says("It is wrong again"), attachments=[LOG])
        kim = dashly.customer("Kim", email="kim@example.org")
        fresh = dashly.customer_starts(kim, self.says("Hello, who is there?"), attachments=[PICTURE])
        dashly.tag(fresh, "billing", agent=ILYA)
        dashly.assign(fresh, ILYA, agent=ILYA)
        dashly.agent_writes(fresh, self.says("Me!"), agent=ILYA, attachments=[LOG])
        dashly.agent_notes(fresh, self.whispers("Sounds angry"), agent=ILYA)
        dashly.snooze(fresh, self.stage.clock.now() + 30 * HOUR, agent=ILYA)
        intercom.agent_writes(
            self.pairs()[old], f"<p>{self.delivers(Side.DASHLY, 'Corrected, see')}</p>", agent=ILYA_IC
        )
        intercom.agent_notes(self.pairs()[old], f"<p>{self.whispers('Refund her')}</p>", agent=ILYA_IC)
        intercom.untag(self.pairs()[old], "vip", agent=ILYA_IC)
        maks = intercom.customer("Maks Brand", email="maks@example.org", user_id="acct-77")
        begun = intercom.customer_starts(maks, self.says("I am signed out every hour"))
        intercom.tag(begun, "VIP", agent=ILYA_IC)
        intercom.assign(begun, ILYA_IC, agent=ILYA_IC)
        intercom.agent_notes(begun, f"<p>{self.whispers('Third report')}</p>", agent=ILYA_IC)
        campaign = intercom.campaign_starts(maks, f"<p>{self.says('Any questions?')}</p>", agent=NORA_IC)
        intercom.customer_writes(campaign, self.says("Yes, one"))

    def _answers(self) -> None:
        dashly, intercom = self.stage.world.dashly, self.stage.world.intercom
        begun = self._mirror_of("signed out")
        dashly.agent_writes(begun, self.delivers(Side.INTERCOM, "Please update"), agent=NORA)
        dashly.agent_notes(begun, self.whispers("He will not"), agent=NORA)
        dashly.untag(begun, "VIP", agent=NORA)
        before = self.stage.clock.now() - 60  # long enough before the closing to be told apart from it
        intercom.customer_writes(self.pairs()[begun], self.says("Done, and it works"), created=before)
        old = next(iter(self.pairs()))
        intercom.close(self.pairs()[old], agent=ILYA_IC)
        intercom.assign(self.pairs()[old], None, agent=ILYA_IC)
        dashly.customer_writes(old, self.says("Thank you"))
        dashly.close(begun, agent=NORA)

    def _second_thoughts(self) -> None:
        intercom = self.stage.world.intercom
        begun = self.pairs()[self._mirror_of("signed out")]
        intercom.reopen(begun, agent=ILYA_IC)
        intercom.snooze(begun, self.stage.clock.now() + 40 * HOUR, agent=ILYA_IC)

    def pairs(self) -> dict[str, str]:
        """Return which Intercom conversation belongs to which Dashly one."""
        found = self.stage.store.pairs.linked_pairs(limit=1000)
        return {pair.ids[Side.DASHLY]: pair.ids[Side.INTERCOM] for pair in found}

    def _mirror_of(self, words: str) -> str:
        by_intercom = {intercom: dashly for dashly, intercom in self.pairs().items()}
        talks = self.stage.world.truth()["intercom"]["conversations"]
        return next(by_intercom[talk["id"]] for talk in talks if words in str(talk["source"]["body"]))

    def faults(self) -> Iterator[str]:
        """Yield everything that is not as promised."""
        truth = self.stage.world.truth()
        for side in ("dashly", "intercom"):
            parts = list(_parts(truth[side]))
            texts = [str(part["body"]) for part in parts]
            for word in sorted(self.once):
                times = sum(text.count(word) for text in texts)
                if times != 1:
                    yield f"{word} is {times} times on {side}"
            for word in sorted(self.secret):
                if any(part["public"] and word in str(part["body"]) for part in parts):
                    yield f"the note {word} is public on {side}"
        yield from self._wrongly_told()
        if any(self.stage.told[-1]["writes"].values()):
            yield f"the last sync wrote {self.stage.told[-1]['writes']}"
        if self.stage.world.record.crashes:
            yield f"the sandbox crashed: {self.stage.world.record.crashes[0]}"

    def _wrongly_told(self) -> Iterator[str]:
        told = [
            (note.side, match[0] if (match := re.search(r"word\d+x", note.text)) else note.text[:40])
            for note in self.stage.world.notifications(via="api")
        ]
        for item in self.delivered:
            if told.count(item) != 1:
                yield f"{item} was delivered {told.count(item)} times"
        for item in told:
            if item not in self.delivered:
                yield f"a customer was told of a copy: {item}"


def _parts(dump: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for talk in dump["conversations"]:
        yield from talk["parts"]
        if talk.get("source"):
            yield talk["source"]
