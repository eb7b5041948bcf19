"""Plays a script in virtual time, in one process, and asks the judge after each day."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

from connector.engine.plan.notices import NoticeKind
from connector.engine.sync import sweep
from connector.errors import ConnectorError, PersonNeeded, RemoteError
from connector.sandbox.switches import DashlySwitches, IntercomSwitches
from mappings.model import LossKind, Side
from state.records import COPIED_ALONE
from tests.clock import BEGIN, WrongClock
from tests.faults import lab as laboratory
from tests.faults.lab import ENDLESS, ILYA, ILYA_THERE, NORA, NORA_THERE, Crash, Ran
from tests.simulator.acts import People
from tests.simulator.judge import SIDES, Broken, Judge, within_limit
from tests.simulator.rarities import WRITTEN, Rarities
from tests.simulator.script import DAY
from tests.simulator.weather import CHOSEN_INTERCOM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from state.records import LedgerRow
    from tests.clock import VirtualClock
    from tests.simulator.script import Act, Script

MAPPED, TEAM = "3012", "9001"
HOUR = 3_600.0
LONGEST_RUN = 4 * HOUR
"""However slow a side is, and however often it turns a run away."""
TAGS_VERSION = {"1": "2.16", "2": ""}
QUIET = 400.0
EVENING = 3_600.0
"""Before the judge looks: longer than a snooze, so that none runs out while he does."""
MOST_RUNS = 15
FIRST_SPARE = 1_000_000
"""The number of the first conversation that no opening of the script has."""
WHOLE = 200
"""A sweep that reads every pair again in one pass."""
LEFT_OUT = (NoticeKind.MAYBE_OURS, NoticeKind.NO_COPY_FOUND)
"""What a run tells of words that may be ours since an older state was put back."""
QUIET_RUNS = 2
QUIET_READS = 24
"""Lists whose every other page is empty cost twice."""


def play(script: Script) -> None:
    """Play a script to its end; Broken when a promise did not hold."""
    if (found := failure_of(script)) is not None:
        raise Broken(found.told)


@dataclass
class Simulation:
    """Two helpdesks, their people, a connector, and a judge."""

    script: Script
    folder: Path
    kept: tuple[Path, bytes] | None = None
    told: int = 0
    known: int = 0
    all_told: bool = True
    """Whether every run since the last evening told what it did."""
    remembers: bool = True
    """Whether the state file is the one that saw every copy being made."""
    day: int = field(default=0)

    def __post_init__(self) -> None:
        setting = self.script.setting
        self.lab = laboratory.make(
            self.folder,
            settings={
                "limits": {"breaker_writes": 1000},
                "map": {"admins": {NORA: NORA_THERE, ILYA: ILYA_THERE}, "channels": {MAPPED: TEAM}},
                "state": {"backup": "never"},
                "sync": {"sweep": setting.sweep},
                "dashly": {"requests_per_minute": setting.limit},
                "intercom": {
                    "api_version": setting.version,
                    "tag_api_version": TAGS_VERSION[setting.version[:1]],
                },
            },
            dashly_switches=DashlySwitches(**setting.dashly),
            intercom_switches=IntercomSwitches(**setting.intercom | _chosen(setting.intercom)),
        )
        self.judge = Judge(self.lab.world)
        self.people = People(self.lab, self.judge)
        self.rarities = Rarities(self)

    def run(self) -> None:
        """Play all days."""
        self._begin()
        acts = iter([*self.script.acts, None])
        act = next(acts)
        for day in range(1, self.script.days + 1):
            while act is not None and act.at < day * DAY:
                self._wait_for(act.at)
                self._carry_out(act)
                act = next(acts)
            self._evening()

    def _begin(self) -> None:
        try:
            self.lab.init()
        except ConnectorError as error:
            raise Broken(f"init ended with {error!r}") from error
        if (longest := self.script.setting.longest) is not None:
            with self.lab.memory() as store:
                for side in Side:
                    store.meta.set_max_text(side, longest)

    def _wait_for(self, at: float) -> None:
        self.lab.world.advance(max(0.0, BEGIN + at - self.lab.time.now()))

    def _carry_out(self, act: Act) -> None:
        given = act.given
        match act.name:
            case "sync":
                self.sync()
            case "dies":
                self._die(**given)
            case "fault":
                self.lab.world.fault(**given)
            case "date_ahead":
                self._date_ahead(**given)
            case "host_ahead":
                self._host_ahead(**given)
            case "keep":
                self.kept = self.lab.keep("kept.db"), self.lock.read_bytes() if self.lock.exists() else b""
            case name if hasattr(self.rarities, name):
                getattr(self.rarities, name)(**given)
            case "restore_file" | "restore_folder":
                self._restore(folder=act.name == "restore_folder")
            case "lose":
                self.lose()
            case _:
                self.people.act(act.name, given)

    @property
    def lock(self) -> Path:
        """Return where the lock is."""
        return self.lab.path.with_name(f"{self.lab.path.name}.lock")

    def sync(self) -> Ran | None:
        """Do one pass; None when the process died."""
        before, began = self.lab.parts_told, self.lab.world.clock.now()
        try:
            ran = self.lab.sync()
        except Crash:
            self.all_told = False
            return None
        self.told += self.lab.parts_told - before
        self.judge.left_out |= {notice.part for notice in ran.notices if notice.kind in LEFT_OUT}
        allowed = ran.error is None or isinstance(ran.error, RemoteError | PersonNeeded)
        if not allowed:
            raise Broken(f"a run ended with {ran.error!r}")
        if (took := self.lab.world.clock.now() - began) > LONGEST_RUN:
            raise Broken(f"a run took {took / HOUR:.0f} hours")
        return ran

    def _die(self, *, step: int, moment: str) -> None:
        self.lab.points = 0
        self.lab.die = lambda number, _what, when: (number, when) == (step, moment)
        try:
            self.sync()
        finally:
            self.lab.die = None

    def _date_ahead(self, *, side: str, seconds: float, word: int, unanswered: bool) -> None:
        """Let the `Date` of a side be apart from its records when a conversation is begun there."""
        other = next(one for one in SIDES if one != side)
        begun = {"talk": FIRST_SPARE + word, "side": other, "known": True, "word": word}
        self.people.act("customer_starts", begun)
        self.lab.world.skew(side, 0, date=seconds)
        self._unanswered(side, unanswered)
        self.sync()
        self.lab.world.skew(side, 0)

    def _host_ahead(self, *, seconds: float, talk: int, side: str, word: int, unanswered: bool) -> None:
        """Let a busy pass go by a clock that is wrong, and the next one by one that was set right."""
        self.people.act("agent_writes", {"talk": talk, "side": side, "word": word})
        self._unanswered(next(one for one in SIDES if one != side), unanswered)
        true = self.lab.time
        self.lab.time = cast("VirtualClock", WrongClock(true, seconds))
        try:
            with self._reading_everything():
                self.sync()
        finally:
            self.lab.time = true
        self.sync()

    def _unanswered(self, side: str, unanswered: bool) -> None:  # noqa: FBT001 - as the script says
        """Let what is written to a side next be lost to us, but not to the side."""
        if unanswered:
            self.lab.world.fault(kind="drop_after", side=side, method="POST", path=WRITTEN)

    def _restore(self, *, folder: bool) -> None:
        self.rarities.both_ways()
        if self.kept is None:
            return
        self.calm()
        file, lock = self.kept
        self.lab.restore(file)
        if folder:
            self.lock.write_bytes(lock)
        self.all_told = self.remembers = False

    def lose(self) -> None:
        """Lose the state file once all is done, and rebuild it."""
        if not self.judge.begun or self.people.out_of_sight or self.rarities.passed_over:
            return
        self.rarities.both_ways()
        self._settle()
        self.lab.lose()
        self.lab.world.advance(QUIET)
        self.lab.recover()
        self.kept, self.all_told, self.remembers = None, False, False

    def calm(self) -> None:
        """Let nothing go wrong any more, and what is under way arrive."""
        self.lab.world.clear_faults()
        self.lab.world.advance(QUIET)

    def _settle(self) -> None:
        """Sync until two passes that looked at everything had nothing to do, nor a usual one after them."""
        self.calm()
        with self._reading_everything():
            self.until_quiet()
        asked = len(self.lab.requests)
        last = self.sync()
        if last is None or last.writes or max(last.requests.values()) > QUIET_READS:
            raise Broken(f"a quiet run did {last}: {self._did(asked)}")

    @contextmanager
    def _reading_everything(self) -> Iterator[None]:
        usual = self.lab.config
        whole = usual.sync.model_copy(update={"sweep": WHOLE})
        self.lab.config = usual.model_copy(update={"sync": whole})
        try:
            with patch.object(sweep, "READS_A_SIDE", WHOLE * 8):
                yield
        finally:
            self.lab.config = usual

    def _did(self, asked: int) -> list[str]:
        """Return what was written since so many requests, or read where nothing was."""
        did = [f"{method} {path}" for _side, method, path in self.lab.requests[asked:]]
        return [line for line in did if not line.startswith("GET")] or did

    def until_quiet(self) -> None:
        """Do passes until two had nothing to do."""
        quiet = 0
        for _ in range(MOST_RUNS):
            asked = len(self.lab.requests)
            ran = self.sync()
            self.lab.world.advance(200)
            quiet = quiet + 1 if ran is not None and ran.clean and not ran.writes else 0
            if quiet >= QUIET_RUNS:
                return
        raise Broken(f"after {MOST_RUNS} runs there is still something to do: {ran}: {self._did(asked)}")

    def _evening(self) -> None:
        self.day += 1
        self.rarities.both_ways()
        self.lab.world.advance(EVENING)
        self._settle()
        self.judge.complete()
        within_limit(self.lab.world, "dashly", self.script.setting.limit)
        self._sums()
        self._late_ones_are_told()
        self._dry_run()
        self.rarities.verify_what_is_planted()

    def _sums(self) -> None:
        with self.lab.memory() as store:
            known = sum(store.ledger.counts().values())
            marks = [store.watermarks.get(side) or 0.0 for side in Side]
        if max(marks) > self.lab.time.now():
            raise Broken("a watermark is in the future")
        if self.all_told and self.told != known - self.known:
            raise Broken(f"runs told of {self.told} parts, the ledger grew by {known - self.known}")
        self.told, self.known, self.all_told = 0, known, True

    def _late_ones_are_told(self) -> None:
        """Raise Broken when the ledger does not say of a copy that newer words were copied before it."""
        if not self.remembers:
            return
        with self.lab.memory() as store:
            for pair in store.pairs.linked_pairs(limit=ENDLESS):
                for rows in store.ledger.of(pair.row).values():
                    if (silent := _late_and_silent(rows.values())) is not None:
                        raise Broken(f"nothing says that {silent} of {pair.ids} was copied late")

    def _dry_run(self) -> None:
        before: dict[str, Any] = self.lab.world.truth()
        self.lab.planned()
        if found := [one for one in self.lab.compared() if not one.known]:
            told = [f"{d.what} ({d.side} {d.part} of {d.dashly} and {d.intercom})" for d in found[:5]]
            raise Broken(f"verify finds {told}")
        if self.lab.world.truth() | {"now": 0} != before | {"now": 0}:
            raise Broken("a dry run changed something")


def _number_of_copy(row: LedgerRow) -> int:
    """Return when a copy was made among the others; an opening is the first."""
    number = row.counterpart or ""
    return int(number) if number.isdigit() else 0


def _late_and_silent(rows: Iterable[LedgerRow]) -> str | None:
    """Return a part that was copied after newer ones without a word; copies are numbered as they are made."""
    copied = [row for row in rows if not row.ours and row.disposition in COPIED_ALONE and row.counterpart]
    newest = 0
    for row in sorted(copied, key=_number_of_copy):
        if int(row.created) < newest and not any(loss.kind is LossKind.TIME for loss in row.losses):
            return row.id
        newest = max(newest, int(row.created))
    return None


def _chosen(switches: dict[str, Any]) -> dict[str, Any]:
    """Return the switches of more than two values, which a script names by their values."""
    return {name: kind(switches[name]) for name, kind in CHOSEN_INTERCOM.items() if name in switches}


@dataclass(frozen=True)
class Failure:
    """What broke, in which conversations as far as it names them, and how far the script had been played."""

    told: str
    talks: frozenset[int]
    at: float


def failure_of(script: Script) -> Failure | None:
    """Return what broke, or None."""
    with tempfile.TemporaryDirectory(dir=laboratory.quick_folder()) as folder:
        simulation = Simulation(script, Path(folder))
        try:
            simulation.run()
        except AssertionError as broken:
            told = str(broken) or "an assertion"
            return Failure(told, simulation.people.named(told), simulation.lab.time.now() - BEGIN)
    return None
