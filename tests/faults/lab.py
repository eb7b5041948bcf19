"""A whole connector in this process: both emulators, the real clients and engine, and time that tests move.

Nothing opens a socket. Every request and every commit passes a `point`, where a test may let the process die;
requests can be struck by the sandbox's faults.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
from pydantic import SecretStr

from connector.app import binding, inspecting, passes, quarantine, recovering
from connector.app.machine.environment import Environment
from connector.app.runs import dry_run
from connector.config.model import Config
from connector.config.place import place_of
from connector.engine.inspect.verify import verify_pair
from connector.errors import ConfigError, ConnectorError
from connector.helpdesk.query import HistoryQuery
from connector.host.progress import Work
from connector.host.replaced import Network
from connector.host.spool import Spool, folder_beside
from connector.sandbox import World
from connector.sandbox.exchange import Request, Response
from mappings.model import Side
from state import store as states
from state.access.place import Schema
from state.file.db import StateFile
from tests.clock import BEGIN, VirtualClock
from tests.keys import KEY
from tests.outcome import outcome
from tests.postgres import dropped, dumped, freed, restored
from tests.stores import file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from connector.app.runs import RunResult
    from connector.engine.inspect.forecast import Forecast
    from connector.engine.inspect.verify import Difference
    from connector.engine.plan.notices import Notice
    from connector.engine.sync.run import Run
    from state.access.place import Place
    from state.access.transactions import Connection
    from state.store import Store
    from tests.postgres import Server

D, IC = Side.DASHLY, Side.INTERCOM
NORA, NORA_THERE = "151204", "814860"
ILYA, ILYA_THERE = "151377", "814872"
ADDRESSES = {D: "http://127.0.0.1:7001", IC: "http://127.0.0.1:7002"}
ENDLESS = 10**9
MOST_RUNS = 8
PAUSE = 200.0
"""Between two runs: longer than settling takes."""


class Crash(BaseException):
    """The process died here."""


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
    notices: tuple[Notice, ...] = ()

    @property
    def clean(self) -> bool:
        """Tell whether the run came to its end and left no conversation for a later one."""
        return self.error is None and not self.left


@dataclass
class Lab:
    """A folder, two helpdesks and a connector between them."""

    folder: Path
    world: World
    time: VirtualClock
    config: Config
    requests: list[tuple[Side, str, str]] = field(default_factory=list)
    points: int = 0
    die: Callable[[int, str, str], bool] | None = None
    dead: bool = False
    runs: int = 0
    store: Store | None = None
    away: int = 0
    """How often the host of the files will not be reached."""
    parts_told: int = 0
    """How many parts the reports of all runs counted."""
    all_told: bool = True
    """Whether every run told what it did, and no state file was lost."""

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
            self.dead, self.all_told = True, False
            raise Crash

    def files(self, port: int | None) -> Any:
        """Return the file store that answers at a port."""
        world = self.world
        return (world.dashly if port == 7001 else world.intercom).state.files

    @property
    def environment(self) -> Environment:
        """Return what the use cases take from this machine."""
        return Environment(
            clock=self.time,
            token=lambda side: SecretStr(self.world.desk(side.value).state.token),
            network=Network({side: Wire(self, side) for side in Side}, lambda _folder: Disk(self)),
            open_state=lambda place: self._watched(states.open_existing(place, key=KEY)),
            create_state=lambda place: self._watched(created(place)),
            recover_state=self._recover_state,
            key=lambda: KEY,
            new_run_id=self._next_run,
            again="connector sync",
        )

    def _recover_state(self, place: Place) -> Store:
        there = states.exists(place)
        return self._watched(states.open_existing(place, key=KEY) if there else created(place))

    def _watched(self, store: Store) -> Store:
        watch(store, self)
        self.store = store
        return store

    def _next_run(self) -> str:
        self.runs += 1
        return f"run-{self.runs}"

    @contextmanager
    def memory(self) -> Iterator[Store]:
        """Open the state between two commands."""
        with closing(states.open_existing(place_of(self.config), key=KEY)) as store:
            yield store

    # -- commands --------------------------------------------------------------------------------------

    def init(self) -> None:
        """Make the state file and bind it to both sides."""
        binding.initialise(self.config, self.environment)
        self.time.sleep(5)

    def sync(self) -> Ran:
        """Do one incremental pass."""
        return self._ran(lambda: passes.sync(self.config, self.environment, strict=True))

    def accept(self) -> Ran:
        """Do one pass that accepts what changed and what is held."""
        return self._ran(lambda: passes.sync(self.config, self.environment, accept=True))

    def backfill(self, side: Side) -> Ran:
        """Carry over the past of one side."""
        choice = passes.Choice(side, HistoryQuery())
        return self._ran(lambda: passes.backfill(self.config, self.environment, choice))

    def _ran(self, command: Callable[[], RunResult]) -> Ran:
        place = place_of(self.config)
        if self.dead and isinstance(place, Schema):
            freed(place)
        self.dead = False
        result = command()
        self.parts_told += result.report.parts.total()
        with self.memory() as store:
            retried = any(item.retry_at is not None for item in store.quarantine.items())
        return Ran(
            result.exit_code,
            sum(result.writes.values()),
            dict(result.requests),
            tuple(result.report.attention),
            result.error,
            bool(result.report.blocked) or retried,
            tuple(result.report.notices),
        )

    def recover(self) -> int:
        """Rebuild the state file from the remotes and return how many pairs were found."""
        return recovering.recover(self.config, self.environment).added

    def differences(self) -> list[str]:
        """Return what verify counts as differences."""
        return [f"{d.side} {d.part}: {d.what}" for d in self.compared() if not d.known]

    def compared(self) -> list[Difference]:
        """Return all that verify finds, also of pairs that are not kept in step any more."""
        with self.verifying() as run:
            pairs = run.store.pairs.linked_pairs(limit=ENDLESS)
            return [one for pair in pairs for one in verify_pair(run, pair)]

    def verifying(self) -> AbstractContextManager[Run]:
        """Begin to compare both sides."""
        self.dead = False
        return dry_run(self.config, self.environment, Work.VERIFY)

    def retry_all(self) -> None:
        """Take everything out of quarantine."""
        for item in quarantine.look(self.config, self.environment).items:
            quarantine.retry(self.config, self.environment, item.id)

    def skip_all(self) -> list[str | None]:
        """Leave everything in quarantine out for good, as far as that can be done."""
        return [self._skip(item.id) for item in quarantine.look(self.config, self.environment).items]

    def _skip(self, item: int) -> str | None:
        with suppress(ConfigError):
            return quarantine.skip(self.config, self.environment, item)
        return None

    def planned(self) -> Forecast:
        """Return what a sync would do."""
        return inspecting.plan_sync(self.config, self.environment).forecast

    def lose(self) -> None:
        """Take the state file away with everything beside it."""
        self.all_told = False
        for file in self.folder.glob(f"{self.path.name}*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
        place = place_of(self.config)
        if isinstance(place, Schema):
            dropped(place)

    def keep(self, name: str) -> Path:
        """Copy the state as it is now."""
        target, place = self.folder / name, place_of(self.config)
        if isinstance(place, Schema):
            target.write_bytes(pickle.dumps(dumped(place)))
            return target
        with closing(states.open_existing(self.path, key=KEY)) as store:
            store.file.forget_freed()
        shutil.copy(self.path, target)
        return target

    def restore(self, kept: Path) -> None:
        """Put a copy of the state in its place."""
        self.all_told, place = False, place_of(self.config)
        if isinstance(place, Schema):
            restored(place, pickle.loads(kept.read_bytes()))  # noqa: S301 - written by us
            return
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


def created(place: Place) -> Store:
    """Create a state as the product does, a file from a copy: the migrations have tests of their own."""
    if isinstance(place, Schema) or os.path.lexists(place):
        return states.create(place, key=KEY)  # it says what is wrong
    place.touch(mode=0o600)
    place.write_bytes(_new_file())
    return states.open_existing(place, key=KEY)


@cache
def _new_file() -> bytes:
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        path = Path(folder) / "new.db"
        states.create(path, key=KEY).close()
        return path.read_bytes()


def watch(store: Store, lab: Lab) -> None:
    """Let every commit of a store be a point, and spare the disk."""
    if isinstance(store.file, StateFile):
        file_of(store)._db.execute("PRAGMA synchronous = OFF")
    store.file._db = cast("Any", Watched(store.file._db, lab))


class Watched:
    """A connection each of whose commits is a point."""

    def __init__(self, db: Connection, lab: Lab) -> None:
        self._db = db
        self._lab = lab

    def __getattr__(self, name: str) -> Any:
        """Return what the connection has."""
        return getattr(self._db, name)

    def commit(self) -> None:
        """Commit, between two points."""
        self._lab.point("commit", "before")
        self._db.commit()
        self._lab.point("commit", "after")


def kept_in(database: Server, folder: Path) -> dict[str, Any]:
    """Return the settings of a pair whose state is in a schema of its own."""
    place = database.place(folder)
    (folder / "address").write_text(place.url)
    return {"path": place.path.name, "url_file": "address"}


def make(
    folder: Path,
    *,
    settings: dict[str, dict[str, Any]] | None = None,
    database: Server | None = None,
    **world: Any,
) -> Lab:
    """Return a connector without a state, between two helpdesks without conversations."""
    time = VirtualClock()
    made = World(**{"dashly_limit": ENDLESS, "intercom_limit": ENDLESS, **world})
    time.drive(made)
    tables: dict[str, dict[str, Any]] = {
        "dashly": {
            "base_url": ADDRESSES[D],
            "app_id": str(made.dashly.state.app_id),
            "requests_per_minute": ENDLESS,
        },
        "intercom": {"base_url": ADDRESSES[IC], "default_admin": NORA_THERE},
        "state": {"path": "connector.db"} if database is None else kept_in(database, folder),
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
