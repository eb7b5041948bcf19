"""A whole run inside one process: a sandbox world behind a transport that judges every exchange."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import SecretStr

from connector.app.binding import bind
from connector.config.model import Config
from connector.engine.inspect.verify import verify_pair
from connector.engine.past.choice import Choice
from connector.engine.sync import sync as engine
from connector.engine.sync.beginning import begin
from connector.engine.sync.identity import identities
from connector.engine.sync.run import Parties
from connector.engine.write.departure import Departures
from connector.host.clock import SteadyClock
from connector.http.pace import MemoryRequestLog
from connector.sandbox.exchange import Request
from connector.wiring import Wiring, open_dashly, open_intercom
from mappings.model import Side
from mappings.persons import OurPeople
from state import store as states
from tests.clock import VirtualClock
from tests.contract.kit.contract import Judge, dashly, intercom
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from connector.engine.sync.run import Run
    from connector.helpdesk.port import Helpdesk
    from connector.helpdesk.query import HistoryQuery
    from connector.sandbox import World
    from mappings.model import Seconds

DASHLY = "http://127.0.0.1:7001"
INTERCOM = "http://127.0.0.1:7002"


class Wire(httpx.BaseTransport):
    """Carries requests to a world without sockets, and shows each exchange to whoever asked for it."""

    def __init__(self, world: World, seen: Callable[[httpx.Request, httpx.Response], None]) -> None:
        self._world = world
        self._seen = seen
        world.dashly.state.files.base_url = DASHLY
        world.intercom.state.files.base_url = INTERCOM

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request; downloads are no API requests."""
        side = "dashly" if request.url.port == httpx.URL(DASHLY).port else "intercom"
        content = request.read()
        target = request.url.raw_path.decode("ascii")
        asked = Request.parse(request.method, target, request.headers.items(), content)
        if asked.path.startswith("/files/"):
            given = self._world.download(side, asked).response
            return httpx.Response(
                given.status, headers={"Content-Type": given.content_type}, content=given.body
            )
        outcome = self._world.exchange(side, asked)
        if outcome.ending != "answered":
            raise httpx.ReadError(outcome.ending, request=request)
        desk = self._world.dashly if side == "dashly" else self._world.intercom
        headers = {"Content-Type": outcome.response.content_type, "Date": desk.state.clock.http_date()}
        response = httpx.Response(
            outcome.response.status,
            headers={**headers, **outcome.response.headers},
            content=outcome.response.body,
        )
        self._seen(request, response)
        return response


@dataclass
class Stage:
    """Both sides, the state file and the judge of a scenario."""

    world: World
    config: Config
    store: states.Store
    helpdesks: dict[Side, Helpdesk]
    judge: Judge
    wire: Wire
    clock: VirtualClock
    runs: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)

    def init(self, *, since: Seconds | None = None) -> None:
        """Bind both workspaces as `init` does."""
        found = identities(self.helpdesks)
        at = {side: self.helpdesks[side].now() if since is None else since for side in Side}
        bind(self.store, found, at, again=True)

    def sync(self) -> dict[str, Any]:
        """Run `sync` once and return its report."""
        return self._run("sync", engine.sync)

    def backfill(self, source: Side, query: HistoryQuery) -> dict[str, Any]:
        """Run `backfill` once and return its report."""
        return self._run("backfill", lambda run: engine.backfill(run, Choice(source, query)))

    def differences(self) -> list[str]:
        """Return what `verify` counts as differences."""
        run = self._begin("verify", dry=True)
        return [
            f"{d.side} {d.part}: {d.what}"
            for pair in self.store.pairs.linked_pairs(limit=1000)
            for d in verify_pair(run, pair)
            if not d.known
        ]

    def _run(self, command: str, work: Callable[[Run], None]) -> dict[str, Any]:
        before = {side: (desk.usage.requests, desk.usage.writes) for side, desk in self.helpdesks.items()}
        run = self._begin(command)
        work(run)
        usage = {side: desk.usage for side, desk in self.helpdesks.items()}
        report = run.report.summary(
            finished=self.clock.now(),
            exit_code=run.report.exit_code,
            requests={side.value: usage[side].requests - before[side][0] for side in Side},
            writes={side.value: usage[side].writes - before[side][1] for side in Side},
        )
        self.told.append(report)
        return report

    def _begin(self, command: str, *, dry: bool = False) -> Run:
        self.runs += 1
        name = f"run-{self.runs}"
        self.store.file.take_over(name)
        self.store.runs.begin(name, command, self.clock.now())
        departures = Departures(self.store, self.clock)
        parties = Parties(self.config, self.store, self.helpdesks, SteadyClock(self.clock), departures)
        return begin(parties, name, command, dry=dry)


def configuration(version: str, **sections: dict[str, Any]) -> Config:
    """Return a configuration for the sandbox; sections are laid over the defaults."""
    base: dict[str, Any] = {
        "dashly": {"base_url": DASHLY, "app_id": "48213", "requests_per_minute": 5_000},
        "intercom": {"base_url": INTERCOM, "api_version": version, "default_admin": "814860"},
        "sync": {"settle": "2s"},
    }
    for name, values in sections.items():
        base[name] = base.get(name, {}) | values
    return Config.model_validate(base)


@contextmanager
def staged(folder: Path, world: World, config: Config) -> Generator[Stage]:
    """Open both sides over a world; every exchange is judged."""
    judge = Judge()

    def seen(request: httpx.Request, response: httpx.Response) -> None:
        to_intercom = request.url.port == httpx.URL(INTERCOM).port
        version = request.headers.get("Intercom-Version", "")
        judge.exchange(intercom(version) if to_intercom else dashly(), request, response)

    clock = VirtualClock(world.clock.now())
    clock.drive(world)
    wire = Wire(world, seen)
    wiring = Wiring(clock, transport=wire, ours=OurPeople(KEY))
    dashly_token, intercom_token = world.dashly.state.token, world.intercom.state.token
    helpdesks: dict[Side, Helpdesk] = {
        Side.DASHLY: open_dashly(config, SecretStr(dashly_token), MemoryRequestLog(), wiring),
        Side.INTERCOM: open_intercom(config, SecretStr(intercom_token), wiring),
    }
    store = states.create(folder / "state.file.db", key=KEY)
    try:
        yield Stage(world, config, store, helpdesks, judge, wire, clock)
    finally:
        store.close()
