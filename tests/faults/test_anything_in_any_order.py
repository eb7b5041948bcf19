"""Anything in any order: people act on both sides, runs come and go, die, lose answers, lose their memory.

Every text that a person writes has a word of its own, so that each copy can be counted.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connector.config.place import place_of
from connector.errors import Hanging, Locked, PersonNeeded, RemoteError
from connector.host.holder import Holder
from connector.host.lock import exclusive
from connector.sandbox.switches import DashlySwitches, IntercomSwitches
from mappings.model import Side
from tests.faults import lab as laboratory
from tests.faults.lab import IC, Crash
from tests.outcome import plain

if TYPE_CHECKING:
    from tests.postgres import Server

SIDES = st.sampled_from(list(Side))
PICK = st.integers(0, 50)
LONG = 400.0
QUIET_READS = 12
MOST_TALKS = 3
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "drop_before", "method": "POST|DELETE|PUT"},
    {"kind": "drop_after", "method": "POST|DELETE|PUT"},
    {"kind": "late", "seconds": 30.0, "method": "POST|DELETE|PUT"},
    # No later than `settle`: nothing is promised of what takes longer.
    {"kind": "late", "after_requests": 2, "seconds": 60.0, "method": "POST|DELETE|PUT"},
    {"kind": "status", "applied": True},
    {"kind": "status", "status": 429},
    {"kind": "truncate"},
    {"kind": "html", "applied": True},
    {"kind": "refuse", "times": 5},
)


@dataclass
class Word:
    """One text that people wrote: where, how, and how often its copy is due."""

    side: Side
    talk: str
    kind: str
    times: int = 1
    loose: bool = False


def told(talk: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a conversation with its opening."""
    return [*([talk["source"]] if "source" in talk else []), *talk["parts"]]


class Helpdesks(RuleBasedStateMachine):
    """Both helpdesks, their people, and a connector that anything may happen to."""

    server: Server | None = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=laboratory.quick_folder())
        self.words: dict[str, Word] = {}
        self.origins: dict[tuple[Side, str], str] = {}
        self.parts: list[tuple[Side, str, str, str]] = []
        self.kept: Path | None = None
        self.kept_words: set[str] = set()
        self.troubled = False
        self.in_doubt = False
        self.number = 0
        self.typed: dict[str, tuple[Side, int]] = {}

    @initialize(
        auto=st.booleans(),
        reopens=st.booleans(),
        moves=st.booleans(),
        delay=st.sampled_from([0.0, 40.0]),
    )
    def begin(self, *, auto: bool, reopens: bool, moves: bool, delay: float) -> None:
        """Open both helpdesks with the open questions answered one way or another."""
        self.lab = laboratory.make(
            Path(self.folder.name),
            settings={"limits": {"breaker_writes": 1000}},
            database=self.server,
            dashly_switches=DashlySwitches(
                admin_reply_auto_assigns=auto,
                panel_reply_auto_assigns=auto,
                admin_reply_reopens=reopens,
                edit_moves_last_update=moves,
                reopen_moves_last_update=moves,
            ),
            intercom_switches=IntercomSwitches(
                edit_moves_updated_at=moves, admin_reply_reopens=reopens, search_delay=delay
            ),
        )
        self.lab.init()

    # -- people ----------------------------------------------------------------------------------------

    def word(self, side: Side, talk: str, kind: str) -> str:
        """Return a text that nobody wrote before."""
        self.number += 1
        word = f"w{self.number}w"
        self.words[word] = Word(side, talk, kind)
        return f"Hello {word} there"

    def talks(self, side: Side) -> list[str]:
        """Return the conversations of a side that a person began there."""
        return [talk for (where, talk) in self.origins if where is side]

    def any_talk(self, side: Side, pick: int) -> str | None:
        """Return a conversation of a side, begun there or mirrored."""
        found = [talk["id"] for talk in self.lab.world.truth()[side.value]["conversations"]]
        return found[pick % len(found)] if found else None

    @precondition(lambda self: len(self.origins) < MOST_TALKS)
    @rule(side=SIDES, known=st.booleans())
    def customer_starts(self, side: Side, *, known: bool) -> None:
        """A customer begins a conversation, one who has a name elsewhere or not."""
        desk = self.lab.world.desk(side.value)
        number = len(self.origins)
        person = desk.customer(f"P{number}", user_id=f"acct-{number}" if known else None)
        text = self.word(side, "", "customer")
        talk = desk.customer_starts(person, text)
        self.words[f"w{self.number}w"].talk = talk
        self.origins[side, talk] = text

    @rule(side=SIDES, pick=PICK)
    def customer_writes(self, side: Side, pick: int) -> None:
        """A customer goes on."""
        talks = self.talks(side)
        if talks:
            talk = talks[pick % len(talks)]
            part = self.lab.world.desk(side.value).customer_writes(talk, self.word(side, talk, "customer"))
            self.parts.append((side, talk, part, f"w{self.number}w"))

    @rule(side=SIDES, pick=PICK, times=st.integers(2, 3))
    def customer_repeats(self, side: Side, pick: int, times: int) -> None:
        """A customer writes the very same several times in one second."""
        talks = self.talks(side)
        if talks:
            talk = talks[pick % len(talks)]
            text = self.word(side, talk, "customer")
            self.words[f"w{self.number}w"].times = times
            for _ in range(times):
                self.lab.world.desk(side.value).customer_writes(talk, text)

    def an_agent_wrote(self, side: Side) -> None:
        """Note when; of two words of one second at two helpdesks an old state cannot tell which is a copy.

        Then a word is told and left out rather than doubled.
        """
        word, second = f"w{self.number}w", int(self.lab.time.now())
        for other, (where, at) in self.typed.items():
            if where is not side and at == second:
                self.words[other].loose = self.words[word].loose = True
        self.typed[word] = (side, second)

    @rule(side=SIDES, pick=PICK, agent=st.integers(0, 3))
    def agent_writes(self, side: Side, pick: int, agent: int) -> None:
        """An agent answers, on the customer's side or in the mirror."""
        talk = self.any_talk(side, pick)
        if talk:
            desk = self.lab.world.desk(side.value)
            part = desk.agent_writes(talk, self.word(side, talk, "agent"), agent=desk.agents()[agent])
            self.an_agent_wrote(side)
            self.parts.append((side, talk, part, f"w{self.number}w"))

    @rule(side=SIDES, pick=PICK)
    def agent_notes(self, side: Side, pick: int) -> None:
        """An agent leaves a note."""
        talk = self.any_talk(side, pick)
        if talk:
            part = self.lab.world.desk(side.value).agent_notes(talk, self.word(side, talk, "note"))
            self.an_agent_wrote(side)
            self.parts.append((side, talk, part, f"w{self.number}w"))

    @rule(side=SIDES, pick=PICK, name=st.sampled_from(["VIP", "bug", "new"]), gone=st.booleans())
    def tags(self, side: Side, pick: int, name: str, *, gone: bool) -> None:
        """An agent attaches or detaches a tag."""
        talk = self.any_talk(side, pick)
        if talk:
            desk = self.lab.world.desk(side.value)
            shown = self.shown(side, talk)["tags"]
            if gone == (name in shown):
                (desk.untag if gone else desk.tag)(talk, name)

    @rule(side=SIDES, pick=PICK, what=st.sampled_from(["close", "reopen", "snooze", "assign", "nobody"]))
    def registers(self, side: Side, pick: int, what: str) -> None:
        """An agent closes, opens, snoozes or assigns."""
        talk = self.any_talk(side, pick)
        if not talk:
            return
        desk = self.lab.world.desk(side.value)
        match what:
            case "snooze":
                desk.snooze(talk, self.lab.time.now() + 5_000)
            case "assign":
                desk.assign(talk, desk.agents()[pick % 3])
            case "nobody":
                desk.assign(talk, None)
            case _:
                getattr(desk, what)(talk)

    @rule(pick=PICK, removed=st.booleans())
    def changes(self, pick: int, *, removed: bool) -> None:
        """Somebody edits or removes what they wrote."""
        if not self.parts:
            return
        side, talk, part, word = self.parts.pop(pick % len(self.parts))
        desk, old = self.lab.world.desk(side.value), self.words[word]
        if removed:
            desk.remove_part(talk, part)
        elif side is IC and old.kind != "note":
            return
        else:
            desk.edit_part(talk, part, self.word(side, talk, old.kind))
        old.loose = True

    @rule(seconds=st.sampled_from([1.0, 10.0, LONG, 6_000.0]))
    def time_passes(self, seconds: float) -> None:
        """Time passes."""
        self.lab.world.advance(seconds)

    # -- the connector ---------------------------------------------------------------------------------

    @rule()
    def sync(self) -> None:
        """A run, disturbed only by what was planned before."""
        ran = self.lab.sync()
        expected = (RemoteError,) * self.troubled + (PersonNeeded,) * self.in_doubt
        assert ran.error is None or isinstance(ran.error, expected), ran

    @rule(steps=st.integers(1, 120), moment=st.sampled_from(["before", "after"]))
    def dies(self, steps: int, moment: str) -> None:
        """A run in which the process dies."""
        self.lab.points = 0
        self.lab.die = lambda number, _what, when: (number, when) == (steps, moment)
        try:
            self.lab.sync()
        except Crash:
            pass
        finally:
            self.lab.die = None

    @rule(fault=st.sampled_from(FAULTS), side=SIDES, nth=st.integers(1, 6))
    def trouble(self, fault: dict[str, Any], side: Side, nth: int) -> None:
        """A later request will fail."""
        self.lab.world.fault(**fault, side=side.value, nth=nth)
        self.troubled = True

    @rule()
    def second_process(self) -> None:
        """Another process holds the lock: nothing is sent."""
        before = len(self.lab.requests)
        with exclusive(place_of(self.lab.config)), pytest.raises((Locked, Hanging)):
            self.lab.sync()
        assert len(self.lab.requests) == before

    @rule()
    def keeps(self) -> None:
        """Somebody makes a backup."""
        self.kept = self.lab.keep("kept.db")

    @precondition(lambda self: self.kept is not None)
    @rule()
    def restores(self) -> None:
        """The backup takes the state file's place, when nothing is under way."""
        self.lab.world.clear_faults()
        self.lab.world.advance(LONG)
        assert self.kept is not None
        self.lab.restore(self.kept)

    @precondition(lambda self: self.kept is not None)
    @rule()
    def puts_a_folder_back(self) -> None:
        """The whole folder is put back, its lock too: the first run that would write says so and ends."""
        self.restores()
        with self.lab.memory() as store:
            run = store.meta.run()
        lock = self.lab.path.with_name(f"{self.lab.path.name}.lock")
        lock.write_text(Holder("1", run, self.lab.time.now()).text())
        self.in_doubt = True

    @precondition(lambda self: self.origins)
    @rule()
    def loses(self) -> None:
        """The state file is lost after a quiet moment, and recovered."""
        self.settle()
        self.lab.lose()
        self.lab.recover()
        self.kept = None

    # -- what always holds -----------------------------------------------------------------------------

    def shown(self, side: Side, talk: str) -> dict[str, Any]:
        """Return a conversation as it is."""
        return next(t for t in self.lab.world.truth()[side.value]["conversations"] if t["id"] == talk)

    @invariant()
    def nothing_doubled_leaked_or_echoed(self) -> None:
        """Copies are never more than their sources, never nearer, never more public."""
        if not hasattr(self, "lab"):
            return
        copies: Counter[tuple[str, Side]] = Counter()
        for side in Side:
            for talk in self.lab.world.truth()[side.value]["conversations"]:
                for part in told(talk):
                    self.check(side, part, copies)
        for (name, side), count in (+copies).items():
            word = self.words[name]
            assert side is not word.side, f"{name} came back"
            assert count <= word.times, f"{name} is there {count} times"
        self.check_notifications()

    def check(self, side: Side, part: dict[str, Any], copies: Counter[tuple[str, Side]]) -> None:
        """Check one part and count what it copies."""
        for name in re.findall(r"w\d+w", plain(part["body"])):
            copies[name, side] += part["via"] == "api"
            assert not (self.words[name].kind == "note" and part["public"]), f"the note {name} is public"

    def check_notifications(self) -> None:
        """Only what an agent typed in a mirror reaches a customer through us, and once."""
        told: Counter[str] = Counter()
        for note in self.lab.world.notifications(via="api"):
            told.update(re.findall(r"w\d+w", plain(note.text)))
        for name, count in told.items():
            word = self.words[name]
            assert word.kind == "agent", f"the customer was told of {name}"
            assert (word.side, word.talk) not in self.origins, f"the customer was told of a copy of {name}"
            assert count == 1, f"the customer was told of {name} {count} times"

    @invariant()
    def pairs_are_one_to_one(self) -> None:
        """No conversation has two mirrors, and no mirror has a mirror."""
        if not hasattr(self, "lab"):
            return
        truth = self.lab.world.truth()
        made = {
            side: sum(
                (t.get("source") or t["parts"][0])["via"] == "api" for t in truth[side.value]["conversations"]
            )
            for side in Side
        }
        for side in Side:
            assert made[side.other] <= len(self.talks(side))

    def settle(self) -> None:
        """Run until nothing is left."""
        self.lab.world.clear_faults()
        self.lab.world.advance(LONG)
        self.lab.until_clean(self.lab.sync)
        self.troubled = self.in_doubt = False

    def teardown(self) -> None:
        """At the end: quiet, all carried, nothing differs."""
        try:
            if hasattr(self, "lab") and sys.exc_info()[0] is None:
                self.ends_quietly()
        finally:
            self.folder.cleanup()

    def ends_quietly(self) -> None:
        """Run until nothing is left; then everything is there and a run costs next to nothing."""
        self.settle()
        last = self.lab.sync()
        assert (last.writes, last.error) == (0, None)
        assert max(last.requests.values()) <= QUIET_READS
        assert not [line for line in last.attention if "quarantine" in line], last.attention
        self.nothing_doubled_leaked_or_echoed()
        copies: Counter[str] = Counter()
        truth = self.lab.world.truth()
        for side in Side:
            for talk in truth[side.value]["conversations"]:
                for part in told(talk):
                    if part["via"] == "api":
                        copies.update(re.findall(r"w\d+w", plain(part["body"])))
        lost = {
            name: word for name, word in self.words.items() if not word.loose and copies[name] != word.times
        }
        assert lost == {}
        assert self.lab.differences() == []
        with self.lab.memory() as store:
            known = sum(store.ledger.counts().values())
        assert not self.lab.all_told or self.lab.parts_told == known


QUICK: dict[str, Any] = {"max_examples": 20, "stateful_step_count": 18, "derandomize": True, "database": None}
SWEEP: dict[str, Any] = {"max_examples": 800, "stateful_step_count": 40}


FEW: dict[str, Any] = {**QUICK, "max_examples": 5}
MANY: dict[str, Any] = {**SWEEP, "max_examples": 100}


@pytest.mark.long
@pytest.mark.parametrize(
    "effort", [pytest.param(FEW, id="quick"), pytest.param(MANY, id="sweep", marks=pytest.mark.sweep)]
)
def test_anything_in_any_order_over_postgres(postgres: Server, effort: dict[str, Any]) -> None:
    """The same where the state is in a database."""
    run_state_machine_as_test(
        type("OverPostgres", (Helpdesks,), {"server": postgres}),
        settings=settings(
            settings.default, **effort, suppress_health_check=list(HealthCheck), print_blob=True
        ),
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "effort", [pytest.param(QUICK, id="quick"), pytest.param(SWEEP, id="sweep", marks=pytest.mark.sweep)]
)
def test_anything_in_any_order(effort: dict[str, Any]) -> None:
    """The promises hold after every step, and in the end all is quiet."""
    run_state_machine_as_test(
        Helpdesks,
        settings=settings(
            settings.default,
            **effort,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
