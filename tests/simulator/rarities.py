"""What happens now and then and shows at once whether it was dealt with."""

from __future__ import annotations

import copy
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from connector.app import quarantine
from connector.engine.inspect.verify import verify_pair
from connector.engine.write.departure import Departures
from connector.errors import PersonNeeded, RemoteError
from connector.sandbox.dashly.model import Sender
from connector.sandbox.intercom.model import Author
from mappings.model import Side
from state.errors import StateError, StateFailed, TakenOver
from tests.faults.lab import NORA, NORA_THERE
from tests.faults.suspended import suspended_in_a_write
from tests.outcome import plain
from tests.simulator.judge import SIDES, WORD, Broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.sandbox.dashly.model import Part as DashlyPart
    from connector.sandbox.intercom.model import Part as IntercomPart
    from tests.faults.lab import Lab
    from tests.simulator.play import Simulation

    Part = DashlyPart | IntercomPart

SNOOZED = 10 * 86_400.0
BETWEEN = 200.0
WRITTEN = "/(reply|conversations|startconversation)$"
"""Where words are posted to, on both sides."""
BOTH = ("dashly-to-intercom", "intercom-to-dashly")
CHANNELS = {True: ("3012", "3014"), False: ("3014",)}
"""Where a conversation moves to: to a mapped channel first, or only to one that no team stands for."""
NOTE_OF_CHANNEL = "Support mailbox"


@dataclass
class Rarities:
    """Troubles and checks that need more than one run."""

    simulation: Simulation
    one_way_only: bool = False
    passed_over: bool = False
    """Whether a transcript tells what was passed over: a rebuilt state takes all before it for told there."""
    planted: tuple[int, str] | None = None

    @property
    def lab(self) -> Lab:
        """Return the connector and its two helpdesks."""
        return self.simulation.lab

    def frozen(self, *, talk: int, side: str, word: int) -> None:
        """Freeze a run in a wait before a write until another one has taken over and done the work."""
        simulation, lab = self.simulation, self.lab
        simulation.people.act("agent_writes", {"talk": talk, "side": side, "word": word})
        lab.world.fault(kind="status", status=429, side=".*", method="POST", path=WRITTEN)

        def meanwhile() -> None:
            simulation.lock.unlink(missing_ok=True)
            lab.world.advance(BETWEEN)
            simulation.sync()

        with patch.object(Departures, "of", Departures.of), patch.object(lab.time, "sleep", lab.time.sleep):
            suspended_in_a_write(lab, meanwhile)
            with suppress(TakenOver):
                simulation.sync()
        simulation.all_told = False

    def cut_off(self, *, talk: int, side: str, word: int, tail: int, longest: int) -> None:
        """Let the process die once the beginning of a long text is there, and a run learn another limit."""
        simulation, lab = self.simulation, self.lab
        simulation.people.act("agent_writes", {"talk": talk, "side": side, "word": word, "tail": tail})
        asked = len(lab.requests)

        def begun(_number: int, what: str, when: str) -> bool:
            written = any(method == "POST" for _side, method, _path in lab.requests[asked:])
            seen = (what, when) == ("commit", "after") and written
            return seen and f"w{word}w" in simulation.judge.copied(lab.world.truth())

        lab.die = begun
        try:
            simulation.sync()
        finally:
            lab.die = None
        with lab.memory() as store:
            for one in Side:
                store.meta.set_max_text(one, longest)
        simulation.all_told = False

    def disk_full(self) -> None:
        """Let the disk be full for one run: that is told as what it is."""
        error: Exception | None
        with _no_room(self.lab):
            try:
                error = self.lab.sync().error
            except StateError as raised:
                error = raised
        self.simulation.all_told = False
        if error is not None and not isinstance(error, StateFailed | RemoteError | PersonNeeded):
            raise Broken(f"a full disk ended a run with {error!r}")

    def one_way(self, *, side: str) -> None:
        """Copy from one side only until the evening."""
        if not self.one_way_only:
            self._turn([way for way in BOTH if way.startswith(side)])
            self.one_way_only = self.passed_over = True

    def both_ways(self) -> None:
        """Copy from both sides again, what was passed over as well."""
        if self.one_way_only:
            self.one_way_only = False
            self.simulation.calm()
            self._turn(list(BOTH))

    def _turn(self, directions: list[str]) -> None:
        lab = self.lab
        sync = lab.config.sync.model_copy(update={"directions": tuple(directions)})
        lab.config = lab.config.model_copy(update={"sync": sync})
        self.simulation.kept = None  # a state of other directions would ask for a person
        lab.accept()
        self.simulation.all_told = False

    def skips(self, *, talk: int, word: int, lost: bool) -> None:
        """Let Intercom refuse what is written for good, and somebody leave out what waits therefore.

        What they decided outlives the state file, which may be ``lost`` then.
        """
        lab, judge = self.lab, self.simulation.judge
        self.simulation.people.act("agent_writes", {"talk": talk, "side": SIDES[0], "word": word})
        lab.world.fault(kind="status", status=422, side="intercom", method="POST", path="/reply$", times=50)
        self.simulation.sync()
        lab.world.clear_faults()
        waiting = quarantine.look(lab.config, lab.environment).items
        lab.skip_all()
        lab.retry_all()
        parts = {item.part for item in waiting if item.part}
        truth = lab.world.truth()
        judge.left_out |= parts
        judge.skipped |= judge.words_of(truth, parts) - judge.copied(truth)
        self.simulation.kept = None  # an older state does not know the decision
        self.simulation.all_told = False
        if lost:
            self.simulation.lose()

    # -- events that the other side cannot show ----------------------------------------------------------

    def wakes(self, *, talk: int) -> None:
        """Snooze a conversation on Intercom and end that by hand: Dashly's agents read of both."""
        here, there = self.simulation.people.places(talk)
        if here is None or there is None:
            return
        desk = self.lab.world.intercom
        self._quietly()
        desk.reopen(there)
        self._quietly()
        desk.snooze(there, self.lab.time.now() + SNOOZED)
        self._quietly()
        before = self._notes(SIDES[0], here)
        desk.reopen(there)
        self._quietly()
        if (told := self._notes(SIDES[0], here) - before) != 1:
            raise Broken(f"an agent's waking of {there} was told {told} times")

    def moves(self, *, talk: int, mapped_first: bool, apart: bool) -> None:
        """Move a conversation of Dashly to another channel: Intercom's agents read of it once.

        Of two moves that are ``apart`` the first is carried over before the second.
        """
        here, there = self.simulation.people.places(talk)
        if here is None or there is None:
            return
        self._quietly()
        before = self._notes(SIDES[1], there)
        for channel in CHANNELS[mapped_first]:
            self.lab.world.dashly.change_channel(here, channel)
            self.lab.world.advance(2)
            if apart:
                self._quietly()
        self._quietly()
        if (told := self._notes(SIDES[1], there) - before) != 1:
            raise Broken(f"a move of {here} was told {told} times")

    def _quietly(self) -> None:
        self.both_ways()
        self.simulation.calm()
        self.simulation.until_quiet()

    def _notes(self, side: str, talk: str) -> int:
        shown = next(one for one in self.lab.world.truth()[side]["conversations"] if one["id"] == talk)
        ours = [part for part in shown["parts"] if part["via"] == "api" and part["body"]]
        return sum(not part["public"] and not WORD.search(plain(part["body"])) for part in ours)

    # -- what verify sees --------------------------------------------------------------------------------

    def plant(self, *, pick: int, how: str) -> None:
        """Let a difference be planted in the evening."""
        self.planted = pick, how

    def verify_what_is_planted(self) -> None:
        """Change a copy behind everybody's back: verify finds it. Then it is as it was."""
        planted, self.planted = self.planted, None
        copies = list(self._copies())
        if planted is None or not copies:
            return
        pick, how = planted
        side, talk, part = copies[pick % len(copies)]
        with _changed(side, talk, part, how):
            if not self._is_found(side, str(talk.id)):
                raise Broken(f"verify does not see another {how} of {plain(part.body or '')[:40]}")

    def _copies(self) -> Iterator[tuple[str, Any, Any]]:
        judge = self.simulation.judge
        for side in SIDES:
            for talk in self.lab.world.desk(side).state.conversations.values():
                for part in talk.parts:
                    names = WORD.findall(plain(part.body or "")) if part.via == "api" else []
                    words = [judge.words[name] for name in names]
                    if words and not any(w.changed or judge.is_merged(str(talk.id), w) for w in words):
                        yield side, talk, part

    def _is_found(self, side: str, talk: str) -> bool:
        with self.lab.verifying() as run:
            pair = run.store.pairs.find(Side(side), talk)
            return pair is not None and any(not one.known for one in verify_pair(run, pair))


@contextmanager
def _changed(side: str, talk: Any, part: Any, how: str) -> Iterator[None]:
    before, parts = copy.copy(part), list(talk.parts)
    try:
        match how:
            case "word":
                part.body = part.body.replace("Hello", "Planted", 1)
            case "drop":
                talk.parts = [one for one in parts if one is not part]
            case "form":
                _other_form(side, part)
            case _:
                _other_voice(side, talk, part)
        yield
    finally:
        talk.parts = parts
        for field in fields(before):
            setattr(part, field.name, getattr(before, field.name))


def _other_form(side: str, part: Any) -> None:
    if side == SIDES[1]:
        note = part.part_type == "note"
        part.part_type, part.author = "comment" if note else "note", Author("admin", NORA_THERE)
    else:
        note = part.type == "note"
        part.type, part.sender = "reply_admin" if note else "note", Sender("admin", int(NORA), "Nora Field")


def _other_voice(side: str, talk: Any, part: Any) -> None:
    """Let the customer have said it, or Nora what the customer said."""
    if side == SIDES[1]:
        customer = part.author.is_contact
        part.author = Author("admin", NORA_THERE) if customer else Author("user", talk.contacts[0])
        part.part_type = "comment"
    else:
        customer = part.sender.kind == "user"
        part.sender = Sender("admin", int(NORA), "Nora Field") if customer else Sender("user", talk.user)
        part.type = "reply_admin" if customer else "reply_user"


@contextmanager
def _no_room(lab: Lab) -> Iterator[None]:
    """Let the state file grow no more."""
    connect = sqlite3.connect
    with closing(connect(lab.path)) as file:
        most = int(file.execute("PRAGMA page_count").fetchone()[0])

    def limited(*given: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*given, **more)
        connection.execute(f"PRAGMA max_page_count = {most}")
        return connection

    with patch.object(sqlite3, "connect", limited):
        yield
