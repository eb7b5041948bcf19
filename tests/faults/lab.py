"""A whole connector in this process: both emulators, the real clients and engine, and time that tests move.

Nothing opens a socket. Every request and every commit passes a `point`, where a test may let the process die;
requests can be struck by the sandbox's faults.
"""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import SecretStr

from connector.config.model import Config
from connector.engine.inspect.forecast import Forecast, forecast_sync
from connector.engine.inspect.verify import verify_pair
from connector.engine.recover.rebuild import recover
from connector.engine.run.context import Parties
from connector.engine.sync import sync as engine
from connector.engine.sync.failures import leave_out
from connector.engine.sync.poll import past
from connector.errors import ConnectorError
from connector.helpdesk.port import HistoryQuery
from connector.host.lock import exclusive
from connector.host.spool import Spool, folder_beside
from connector.http.pace import MemoryRequestLog
from connector.sandbox import World
from connector.sandbox.exchange import Request, Response
from connector.wiring import Wiring, open_dashly, open_intercom
from mappings.model import Side
from state import store as states
from tests.keys import KEY
from tests.outcome import outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connector.engine.inspect.verify import Difference
    from connector.engine.run.context import Context
    from connector.helpdesk.port import Helpdesk
    from state.store import Store

D, IC = Side.DASHLY, Side.INTERCOM
BEGIN = 1_800_000_000.0
NORA, NORA_THERE = "151204", "814860"
ILYA, ILYA_THERE = "151377", "814872"
ADDRESSES = {D: "http://127.0.0.1:7001", IC: "http://127.0.0.1:7002"}
ENDLESS = 10**9
MOST_RUNS = 8
PAUSE = 200.0
"""Between two runs: longer than settling takes."""


class Crash(BaseException):
    """The process died here."""


class Time:
    """The one clock of this machine and of both helpdesks."""

    stopped = False

    def __init__(self) -> None:
        self.time = BEGIN
        self.world: World | None = None

    def now(self) -> float:
        """Return the time."""
        return self.time

    def advance(self, seconds: float) -> float:
        """Let the time pass."""
        self.time += max(0.0, seconds)
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once, also for the requests that are still under way."""
        if self.world is not None:
            self.world.advance(max(0.0, seconds))


class Disk(Spool):
    """The files in flight: a process that died removes none of them."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.in_flight)
        self._lab = lab

    def release(self, sha256: str) -> None:
        """Let a file go."""
        if not self._lab.dead:
            super().release(sha256)

    def close(self) -> None:
        """Remove what is left."""
        if not self._lab.dead:
            super().close()


class Wire(httpx.BaseTransport):
    """The network between a client and its emulator."""

    def __init__(self, lab: Lab, side: Side) -> None:
        self._lab = lab
        self._side = side

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the emulator does, or fail as the fault says."""
        body = request.read()
        lab, side = self._lab, self._side
        target = request.url.raw_path.decode("ascii")
        asked = Request.parse(request.method, target, request.headers.items(), body)
        if asked.path.startswith("/files/"):
            if lab.away > 0:
                lab.away -= 1
                raise httpx.ConnectError("the host of the files is away", request=request)
            return self._answer(lab.files(request.url.port).serve(asked))
        lab.point("request", "before")
        outcome = lab.world.exchange(side.value, asked)
        lab.requests.append((side, request.method, asked.path))
        lab.point("request", "after")
        match outcome.ending:
            case "reset":
                raise httpx.ConnectError("refused", request=request)
            case "closed":
                raise httpx.ReadTimeout("no answer", request=request)
            case "cut":
                content = outcome.response.body
                return self._answer(outcome.response, content[: len(content) // 2])
            case _:
                return self._answer(outcome.response)

    def _answer(self, found: Response, content: bytes | None = None) -> httpx.Response:
        clock = self._lab.world.desk(self._side.value).state.clock
        headers = {"Content-Type": found.content_type, "Date": clock.http_date(), **found.headers}
        return httpx.Response(
            found.status, content=found.body if content is None else content, headers=headers
        )


@dataclass(frozen=True)
class Ran:
    """How a run ended."""

    code: int
    writes: int
    requests: dict[Side, int]
    attention: tuple[str, ...]
    error: ConnectorError | None = None
    left: bool = False

    @property
    def clean(self) -> bool:
        """Tell whether the run came to its end and left no conversation for a later one."""
        return self.error is None and not self.left


@dataclass
class Lab:
    """A folder, two helpdesks and a connector between them."""

    folder: Path
    world: World
    time: Time
    config: Config
    requests: list[tuple[Side, str, str]] = field(default_factory=list)
    points: int = 0
    die: Callable[[int, str, str], bool] | None = None
    dead: bool = False
    runs: int = 0
    store: Store | None = None
    away: int = 0
    """How often the host of the files will not be reached."""

    # -- the life of the process -----------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """Return where the state file is."""
        return self.config.state.path

    @property
    def in_flight(self) -> Path:
        """Return where the files in flight lie."""
        return folder_beside(self.path)

    def point(self, what: str, when: str) -> None:
        """Pass a moment at which the process may die; after its death nothing goes on."""
        if self.dead:
            raise Crash
        self.points += when == "before"
        if self.die is not None and self.die(self.points, what, when):
            self.dead = True
            raise Crash

    def files(self, port: int | None) -> Any:
        """Return the file store that answers at a port."""
        world = self.world
        return (world.dashly if port == 7001 else world.intercom).state.files

    @contextmanager
    def opened(self, *, read_only: bool = False) -> Iterator[tuple[Store, dict[Side, Helpdesk]]]:
        """Open the state file and both sides as a command does."""
        with ExitStack() as stack:
            store = stack.enter_context(closing(states.open_existing(self.path, key=KEY)))
            watch(store, self)
            self.store = store
            yield store, self.helpdesks(stack, store.budgets, read_only=read_only)

    def helpdesks(self, stack: ExitStack, budgets: Any, *, read_only: bool = False) -> dict[Side, Helpdesk]:
        """Open both sides."""
        tokens = {side: SecretStr(self.world.desk(side.value).state.token) for side in Side}
        spool = None if read_only else Disk(self)
        wiring = {side: Wiring(self.time, read_only, Wire(self, side), spool) for side in Side}
        dashly = open_dashly(self.config, tokens[D], budgets[D], wiring[D])
        stack.callback(dashly.close)
        intercom = open_intercom(self.config, tokens[IC], wiring[IC])
        stack.callback(intercom.close)
        return {D: dashly, IC: intercom}

    # -- commands --------------------------------------------------------------------------------------

    def init(self) -> None:
        """Make the state file and bind it to both sides."""
        budgets = {side: MemoryRequestLog() for side in Side}
        with ExitStack() as stack:
            helpdesks = self.helpdesks(stack, budgets, read_only=True)
            found = engine.identities(helpdesks)
            store = stack.enter_context(closing(states.create(self.path, key=KEY)))
            self._bind(store, found, {side: helpdesks[side].now() for side in Side})
        self.time.sleep(5)

    @staticmethod
    def _bind(store: Store, found: Any, at: dict[Side, float]) -> None:
        with store.transaction():
            for side in Side:
                store.meta.set(f"{side}_workspace", found[side].id)
                if store.watermarks.get(side) is None:
                    store.meta.set(f"{side}_since", repr(at[side]))
                    store.watermarks.reset(side, at[side])

    def sync(self) -> Ran:
        """Do one incremental pass."""
        return self._run("sync", lambda context: engine.sync(context, stopped=_never, progress=_nobody))

    def backfill(self, side: Side) -> Ran:
        """Carry over the past of one side."""

        def work(context: Context) -> None:
            listed = past(context, side, HistoryQuery())
            engine.backfill(context, listed, stopped=_never, progress=_nobody)

        return self._run("backfill", work)

    def _run(self, command: str, work: Callable[[Context], None]) -> Ran:
        self.dead = False
        self.runs += 1
        run = f"run-{self.runs}"
        with exclusive(self.path) as lock, self.opened() as (store, helpdesks):
            lock.take_over(store, run)
            store.runs.begin(run, command, self.time.now())
            error, context = None, None
            try:
                context = engine.begin(
                    Parties(self.config, store, helpdesks, self.time), run=run, command=command
                )
                work(context)
            except ConnectorError as raised:
                error = raised
            code = error.exit_code if error else context.report.exit_code  # type: ignore[union-attr]
            store.runs.finish(run, self.time.now(), code, {})
            return Ran(
                code,
                sum(helpdesks[side].usage.writes for side in Side),
                {side: helpdesks[side].usage.requests for side in Side},
                tuple(context.report.attention) if context else (),
                error,
                bool(context and context.report.blocked)
                or any(item.retry_at is not None for item in store.quarantine.items()),
            )

    def recover(self) -> int:
        """Rebuild the state file from the remotes and return how many pairs were found."""
        budgets = {side: MemoryRequestLog() for side in Side}
        with ExitStack() as stack:
            helpdesks = self.helpdesks(stack, budgets, read_only=True)
            found = engine.identities(helpdesks)
            at = {side: helpdesks[side].now() for side in Side}
            store = (
                states.open_existing(self.path, key=KEY)
                if self.path.exists()
                else states.create(self.path, key=KEY)
            )
            stack.enter_context(closing(store))
            store.meta.set("doubted", "yes")
            parties = Parties(self.config, store, helpdesks, self.time)
            added = recover(engine.begin(parties, run="recover", command="recover"))
            self._bind(store, found, at)
            return added

    def differences(self) -> list[str]:
        """Return what verify counts as differences."""
        return [f"{d.side} {d.part}: {d.what}" for d in self.compared() if not d.settled]

    def compared(self) -> list[Difference]:
        """Return all that verify finds."""
        self.dead = False
        with self.opened(read_only=True) as (store, helpdesks):
            parties = Parties(self.config, store, helpdesks, self.time)
            context = engine.begin(parties, run="verify", command="verify", dry=True)
            pairs = store.pairs.linked_pairs(limit=ENDLESS)
            return [one for pair in pairs for one in verify_pair(context, pair)]

    def retry_all(self) -> None:
        """Take everything out of quarantine."""
        with self.opened() as (store, _):
            for item in store.quarantine.items():
                store.quarantine.release(item.id, due=self.time.now())

    def skip_all(self) -> list[str | None]:
        """Leave everything in quarantine out for good, as far as that can be done."""
        with self.opened() as (store, _):
            return [leave_out(store, item, now=self.time.now()) for item in store.quarantine.items()]

    def planned(self) -> Forecast:
        """Return what a sync would do."""
        with self.opened(read_only=True) as (store, helpdesks):
            parties = Parties(self.config, store, helpdesks, self.time)
            return forecast_sync(engine.begin(parties, run="plan", command="sync", dry=True))

    def lose(self) -> None:
        """Take the state file away with everything beside it."""
        for file in self.folder.glob("connector.db*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()

    def keep(self, name: str) -> Path:
        """Copy the state file as it is now."""
        target = self.folder / name
        with closing(states.open_existing(self.path, key=KEY)) as store:
            store.file.forget_freed()
        shutil.copy(self.path, target)
        return target

    def restore(self, kept: Path) -> None:
        """Put a copy of the state file in its place."""
        for beside in ("", "-wal", "-shm"):  # the lock stays, as when somebody copies one file back
            self.path.with_name(f"{self.path.name}{beside}").unlink(missing_ok=True)
        shutil.copy(kept, self.path)

    # -- running until nothing is left ------------------------------------------------------------------

    def until_clean(self, command: Callable[[], Ran], *, crash: bool = False) -> Ran:
        """Repeat a command until it ends and has nothing more to write."""
        for _ in range(MOST_RUNS):
            try:
                ran = command()
            except Crash:
                assert crash
                self.time.sleep(PAUSE)
                continue
            assert not self.in_flight.exists(), "a file stayed on the disk"
            self.time.sleep(PAUSE)
            if ran.clean and not ran.writes:
                return ran
        raise AssertionError(f"after {MOST_RUNS} runs there is still something to write: {ran}")

    # -- looking ---------------------------------------------------------------------------------------

    def outcome(self) -> list[Any]:
        """Return what both sides hold, without ids, times and what only the path there decides."""
        return outcome(self.world, since=BEGIN)


def watch(store: Store, lab: Lab) -> None:
    """Let every commit of a store be a point, and spare the disk."""
    db = store.file._db
    db.conn.execute("PRAGMA synchronous = OFF")
    commit = db.commit

    def watched() -> None:
        lab.point("commit", "before")
        commit()
        lab.point("commit", "after")

    db.commit = watched


def make(folder: Path, *, settings: dict[str, dict[str, Any]] | None = None, **world: Any) -> Lab:
    """Return a connector without a state file, between two helpdesks without conversations."""
    time = Time()
    made = World(**{"dashly_limit": ENDLESS, "intercom_limit": ENDLESS, **world})
    made.clock.now = time.now  # type: ignore[method-assign]
    made.clock.advance = time.advance  # type: ignore[method-assign]
    time.world = made
    tables: dict[str, dict[str, Any]] = {
        "dashly": {
            "base_url": ADDRESSES[D],
            "app_id": str(made.dashly.state.app_id),
            "requests_per_minute": ENDLESS,
        },
        "intercom": {"base_url": ADDRESSES[IC], "default_admin": NORA_THERE},
        "state": {"path": "connector.db"},
        "sync": {"settle": "120s", "workers": 1},
    }
    for name, more in (settings or {}).items():
        tables[name] = tables.get(name, {}) | more
    for side in Side:
        made.desk(side.value).state.files.base_url = ADDRESSES[side]
    config = Config.model_validate(tables, context={"base": folder})
    return Lab(folder, made, time, config)


def quick_folder() -> str | None:
    """Return where files cost no disk access, or None where there is no such place."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a folder inside it is private


def _never() -> bool:
    return False


def _nobody(_row: int) -> None:
    """Nobody hears of progress."""
