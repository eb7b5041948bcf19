"""Carries out plans with the real executor, protocol and clients on the sandbox; shows what came of it."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx

from connector.config.model import Config
from connector.dashly.client import DashlyClient
from connector.dashly.helpdesk import _CAPABILITIES, DashlyHelpdesk
from connector.engine.inspect.copies import Copies
from connector.engine.plan.actions import PostWords
from connector.engine.plan.planner import plan
from connector.engine.plan.policy import AgentMap, Policy
from connector.engine.plan.snapshot import Snapshot
from connector.engine.read.reader import Reader
from connector.engine.run.limits import Limits
from connector.engine.run.report import Report
from connector.engine.sync.run import Parties, Run
from connector.engine.write.departure import Departures
from connector.errors import ConnectorError
from connector.helpdesk.port import StartConversation
from connector.host.clock import SteadyClock
from connector.http.adaptive import HeaderPace
from connector.http.files.download import Downloader
from connector.http.files.hosts import FileHosts
from connector.http.pace import MemoryRequestLog, WindowPace
from connector.http.server_time import ServerTime
from connector.http.service import Service, is_read
from connector.http.stack import Meters, build_client
from connector.intercom.client import IntercomClient
from connector.intercom.helpdesk import IntercomHelpdesk
from connector.intercom.versions import Settings, Version, capabilities
from connector.sandbox import World
from connector.sandbox.dashly import truth as dashly_truth
from connector.sandbox.exchange import Request
from connector.sandbox.intercom import truth as intercom_truth
from connector.sandbox.intercom.bodies import plain
from mappings.keyed import keyed_id
from mappings.model import OPEN, Customer, Part, Registers, Side, State
from mappings.persons import FOR_CONTACT, OurPeople
from mappings.text import text_hash
from state import store as states
from state.records import Disposition, LedgerRow, Pair, PairState, Queue, row_of
from tests.clock import VirtualClock
from tests.golden.raws import CONTACT, NOW, USER
from tests.keys import KEY
from tests.stores import file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Wrap = Callable[[httpx.BaseTransport, Side], Any]

    from connector.engine.plan.actions import Plan
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Conversation

D, IC = Side.DASHLY, Side.INTERCOM
ENDLESS = 10**9
MOST_PLAYED = 40
LIMITS = {"dashly": 10**6, "intercom": 10**9}
CUSTOMERS = {
    D: Customer(USER, external_id="acct-20917", name="Dana Ortiz"),
    IC: Customer(CONTACT, keyed_id(KEY, FOR_CONTACT, CONTACT), name="Dana Ortiz"),
}
_MADE = re.compile(r"\b(?:21\d{17}|69b0[0-9a-f]{20})\b")
_NAMES = {"user": "the customer", "default_admin": "the default sender"}


class Wire(httpx.BaseTransport):
    """Hands requests to an emulator in this process and remembers those that change something."""

    def __init__(self, world: World, side: Side) -> None:
        self.sent: list[httpx.Request] = []
        self._world = world
        self._side = side

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the emulator does."""
        body = request.read()
        if not is_read(request):
            self.sent.append(request)
        asked = Request.parse(
            request.method, str(request.url.raw_path, "ascii"), request.headers.items(), body
        )
        found = self._world.exchange(self._side.value, asked).response
        clock = self._world.desk(self._side.value).state.clock
        headers = {"Content-Type": found.content_type, "Date": clock.http_date(), **found.headers}
        return httpx.Response(found.status, content=found.body, headers=headers)


def _files(request: httpx.Request) -> httpx.Response:
    kind = "image/heic" if request.url.path.endswith("heic") else "application/pdf"
    return httpx.Response(200, content=b"bytes", headers={"Content-Type": kind})


@dataclass(frozen=True)
class Scene:
    """Where a part is met: which way it goes, whether it is the customer's home side, and when it is seen."""

    source: Side
    origin: Side
    version: str
    seen: str = "live"  # live, backfill, or late: by a sync, after more than max_age
    first: bool = False
    shadow: bool = True
    before: Registers = field(default_factory=Registers)

    @property
    def target(self) -> Side:
        """The side that is written to."""
        return self.source.other

    @property
    def title(self) -> str:
        """The scene in words."""
        way = f"{self.source.title()} → {self.target.title()}"
        home = "to the copy" if self.source is self.origin else "to the side where the customer is reached"
        when = {"live": "live", "backfill": "history (backfill)", "late": "seen too late by a sync"}[
            self.seen
        ]
        known = "" if self.shadow else "; on Dashly the customer is a real user"
        first = "; it begins the conversation" if self.first else ""
        return f"{way} {home}, {when}{first}{known}; Intercom {self.version}"


def abilities_of(version: str) -> dict[Side, Any]:
    """Return what both sides can do."""
    return {D: _CAPABILITIES, IC: capabilities(Version.parse(version), tag_version=Version(2, 16))}


def policy_of(version: str) -> Policy:
    """Nora is mapped; Ilya speaks for the unmapped and Mika for bots on Intercom."""
    return Policy(
        key=KEY,
        app="48213",
        workspace="ws1",
        agents=AgentMap({D: {"151204": "814860"}, IC: {"814860": "151204"}}),
        capabilities=abilities_of(version),
        default_agent={D: "default_admin", IC: "814872"},
        bot_agent={D: "default_admin", IC: "814885"},
        channels={"3014": "9001"},
    )


class Stage:
    """One target side with its memory; every case gets a conversation of its own there."""

    def __init__(self, folder: Path, version: str, target: Side, *, wrap: Wrap | None = None) -> None:
        self._stack = ExitStack()
        self.target = target
        self.policy = policy_of(version)
        self.clock = VirtualClock(NOW)
        self.world = World(dashly_limit=ENDLESS, intercom_limit=ENDLESS)
        self.clock.drive(self.world)
        self.wires = {side: Wire(self.world, side) for side in Side}
        self.spoilers = {side: wrap(wire, side) if wrap else wire for side, wire in self.wires.items()}
        self.helpdesks = self._desks(version)
        self.store = states.create(folder / f"{version}-{target}.db", key=KEY)
        file_of(self.store)._db.execute("PRAGMA synchronous = OFF")
        self._stack.callback(self.store.close)
        self._count = 0

    @property
    def crowded(self) -> bool:
        """Tell whether so much was played here that a fresh stage is quicker."""
        return self._count >= MOST_PLAYED

    def close(self) -> None:
        """Close everything."""
        self._stack.close()

    def _desks(self, version: str) -> dict[Side, Helpdesk]:
        return {D: self._dashly(), IC: self._intercom(version)}

    def _dashly(self) -> Helpdesk:
        state = self.world.dashly.state
        service = Service(
            "https://api.dashly.app", "dashly", "T", headers={"Authorization": f"Token {state.token}"}
        )
        meters = Meters(ServerTime(self.clock))
        pace = WindowPace(MemoryRequestLog(), limit=ENDLESS, clock=self.clock)
        http = build_client(service, pace=pace, clock=self.clock, meters=meters, transport=self.spoilers[D])
        self._stack.callback(http.close)
        return DashlyHelpdesk(
            DashlyClient(http, service, app_id="48213"),
            self._downloader(service),
            meters,
            ours=OurPeople(KEY),
        )

    def _intercom(self, version: str) -> Helpdesk:
        state = self.world.intercom.state
        token = {"Authorization": f"Bearer {state.token}"}
        service = Service("https://api.intercom.io", "intercom", "T", headers=token)
        meters = Meters(ServerTime(self.clock))
        pace = HeaderPace(clock=self.clock, server_time=meters.server_time)
        http = build_client(service, pace=pace, clock=self.clock, meters=meters, transport=self.spoilers[IC])
        self._stack.callback(http.close)
        client = IntercomClient(http, service, version=Version.parse(version))
        settings = Settings(tag_version=Version(2, 16))
        return IntercomHelpdesk(client, self._downloader(service), meters, self.clock, settings=settings)

    def _downloader(self, service: Service) -> Downloader:
        return Downloader(
            service,
            clock=self.clock,
            transport=httpx.MockTransport(_files),
            hosts=FileHosts(resolver=lambda _host, _port: ["93.184.216.34"]),
        )

    # -- one case ------------------------------------------------------------------------------------

    def run(self, scene: Scene, view: Conversation) -> str:
        """Plan one conversation, carry the plan out, and return requests and sights."""
        self._count += 1
        with self.store.file.write() as db:
            db.execute("DELETE FROM people")  # what one case learnt of the customer must not shape the next
        row = self.store.pairs.listed(scene.source, f"{view.id}-{self._count}", due=NOW, queue=Queue.SYNC)
        target = "" if scene.first else self._conversation(scene, row)
        pair = self.store.pairs.get(row)
        for wire in self.wires.values():
            wire.sent.clear()
        snapshot = snapshot_of(scene, replace(view, id=pair.ids[scene.source]), pair)
        planned = plan(snapshot, self.policy)
        before = self._truth(target)
        failure = self._apply(planned, snapshot)
        self.store.journal.clear_done(row)
        target = self.store.pairs.get(row).ids.get(scene.target, target)
        lines = [_request(request) for request in self.wires[scene.target].sent if _telling(request)]
        lines += self._sights(before, self._truth(target))
        lines += [f"FAILS   {failure}"] if failure else []
        lines += [f"DIFFERS {what}" for what in self._differences(row, snapshot.views[scene.source], planned)]
        return _masked("\n".join(lines) or "nothing is sent", target)

    def _differences(self, row: int, view: Conversation, planned: Plan) -> list[str]:
        """Return what `verify` would say of the copies of this conversation.

        The cases of a stage share the ids of their parts, so the source's rows are taken from the plan.
        """
        pair, side = self.store.pairs.get(row), view.side.other
        if side not in pair.ids:
            return []
        there = self.helpdesks[side].conversation(pair.ids[side])
        ours = {key: one for key, one in self.store.ledger.of(row)[side].items() if one.ours}
        copies = {one.counterpart: one.id for one in ours.values()}  # the last write covers the part
        posts = [action for action in planned.actions if isinstance(action, PostWords)]
        rows = {
            one.id: replace(one, counterpart=copies[post.source]) for post in posts for one in post.covers
        }
        found = Copies(pair, view, there, {view.side: rows, side: ours}, self.policy)
        return [one.what for one in found.faults() if not one.known]

    def _apply(self, planned: Plan, snapshot: Snapshot) -> str:
        config = Config.model_validate(
            {"dashly": {"app_id": "48213"}, "intercom": {"default_admin": "814872"}}
        )
        departures = Departures(self.store, self.clock)
        run = Run(
            id="golden",
            command="sync",
            parties=Parties(config, self.store, self.helpdesks, SteadyClock(self.clock), departures),
            policy=self.policy,
            reader=Reader(store=self.store, helpdesks=self.helpdesks, names=self.policy.names),
            limits=Limits(ENDLESS, ENDLESS, ENDLESS),
            report=Report("golden", "sync", NOW),
        )
        try:
            run.executor.apply(snapshot, planned)
        except ConnectorError as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def _conversation(self, scene: Scene, row: int) -> str:
        """Open the conversation on the target side, as the customer at home or as the copy of one."""
        home = scene.origin is scene.target or not scene.shadow
        if home:
            people = self.world.desk(scene.target.value)
            person = people.customer("Dana Ortiz", email="dana@example.net")
            made = people.customer_starts(person, "Hello")
        else:
            desk = self.helpdesks[scene.target]
            made_person = desk.create_customer(CUSTOMERS[scene.source])
            assert made_person is not None
            made = desk.send(StartConversation(made_person, "Hello")).conversation or ""
            customer = desk.conversation(made).customer
            assert customer is not None
            person = customer.id
        pairs = self.store.pairs
        pairs.link(row, scene.target, made, at=NOW, run=None)
        for side, registers in bases_of(scene).items():
            pairs.set_base(row, side, registers)
        self._prepare(scene, made)
        pairs.set_person(row, scene.target, person)
        with self.store.transaction() as db:
            db.execute(
                "UPDATE conversations SET origin = ?, shadow = ? WHERE id = ?",
                [scene.origin, scene.shadow, row],
            )
        return made

    def _prepare(self, scene: Scene, conversation: str) -> None:
        """Bring the target's conversation to where both sides last agreed."""
        registers, people = bases_of(scene)[scene.target], self.world.desk(scene.target.value)
        for tag in registers.tags:
            people.tag(conversation, tag)
        if registers.assignee:
            people.assign(conversation, registers.assignee)
        if registers.status.state is State.CLOSED:
            people.close(conversation)

    # -- what people see -----------------------------------------------------------------------------

    def _truth(self, conversation: str) -> dict[str, Any]:
        if not conversation:
            return {"parts": []}
        number = int(conversation)
        if self.target is D:
            dashly = self.world.dashly.state
            return dashly_truth._conversation(dashly, dashly.conversations[number])
        intercom = self.world.intercom.state
        found = intercom_truth._conversation(intercom, intercom.conversations[number])
        opening = {**found["source"], "type": "opening", "created": found["created"]}
        return {**found, "parts": [opening, *found["parts"]]}

    def _sights(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
        known = {part["id"] for part in before["parts"]}
        lines = [self._sight(part) for part in after["parts"] if part["id"] not in known]
        names = (
            "state",
            "closed",
            "snoozed_until",
            "delayed_until",
            "assignee",
            "admin_assignee",
            "team_assignee",
            "tags",
        )
        changed = [
            f"{name} = {_value(after[name])}"
            for name in names
            if name in after and before.get("id") and after[name] != before.get(name)
        ]
        return lines + ([f"sees    the conversation now has {', '.join(changed)}"] if changed else [])

    def _sight(self, part: Mapping[str, Any]) -> str:
        body = plain(part["body"]) if self.target is IC else part["body"]
        kind = part["author"]["kind"]
        who = part["author"]["name"] or _NAMES.get(kind, kind)
        files = "".join(f" [{file['name']}]" for file in part["attachments"])
        told = " !! THE CUSTOMER IS NOTIFIED" if part["notified"] else ""
        at = datetime.fromtimestamp(part["created"], UTC)
        when = "now" if part["created"] == NOW else f"{at:%d %b %H:%M:%S}"
        text = f": {_folded(body)}" if body else ""
        return f"sees    {when} · {who} · {part['type']}{text}{files}{told}"


def snapshot_of(scene: Scene, view: Conversation, pair: Pair) -> Snapshot:
    """Return the snapshot of a scene: all but the last part is known already, unless it begins here."""
    known = {} if scene.first else {part.id: _copied(part) for part in view.parts[:-1]}
    return Snapshot(
        pair=pair,
        views={scene.source: view},
        ledger={scene.source: known, scene.target: {}},
        now=dict.fromkeys(Side, NOW),
        backfill=scene.seen == "backfill",
        shadow=scene.shadow,
    )


def _copied(part: Part) -> LedgerRow:
    return row_of(part, Disposition.COPIED, text_hash=text_hash(part.words.text) if part.words else None)


def bases_of(scene: Scene) -> dict[Side, Registers]:
    """Return what both sides showed before; Dashly cannot be snoozed from outside, nor have a team."""
    if scene.first:
        return {}
    before = scene.before
    status = before.status if before.status.state in {State.OPEN, State.CLOSED} else OPEN
    twin = {"151204": "814860", "814860": "151204"}.get(before.assignee or "")
    there = Registers(status, twin, None, before.tags)
    return {scene.source: before, scene.target: there}


def pretended_pair(scene: Scene) -> Pair:
    """Return a pair like those of the stage, to plan with alone."""
    ids = {scene.source: "S"} | ({} if scene.first else {scene.target: "T"})
    people = {} if scene.first else {scene.target: "P"}
    return Pair(
        1, ids, scene.origin, PairState.ACTIVE, bases_of(scene), {}, people, scene.shadow, {}, Queue.SYNC, 0.0
    )


def _telling(request: httpx.Request) -> bool:
    """Tell whether a request is about the conversation, not about its people or the list of tags."""
    path = request.url.path
    return "/conversations/" in path or path.endswith(("/conversations", "/messages", "/startconversation"))


def _request(request: httpx.Request) -> str:
    path = request.url.path.removeprefix("/v2")
    kind = request.headers.get("content-type", "")
    body = request.content
    if "json" in kind:
        fields: dict[str, Any] = json.loads(body) if body else {}
    elif "form-urlencoded" in kind:
        fields = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    else:
        parsed = Request.parse(request.method, path, request.headers.items(), body).form()
        fields = {
            **parsed.fields,
            **{name: f"<{f.filename}, {f.content_type}>" for name, f in parsed.files.items()},
        }
    shown = " ".join(f"{name}={_value(value)}" for name, value in fields.items() if name != "id_as_string")
    return f"{request.method:<7} {path} {shown}"


def _value(value: Any) -> str:
    match value:
        case str():
            return (
                _folded(value) if value and " " not in value and "\n" not in value else f'"{_folded(value)}"'
            )
        case int() | float() if not isinstance(value, bool) and value > 10**9:
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%S}"
        case [{"content_type": _, "name": _}, *_]:
            return ", ".join(f"<{item['name']}, {item['content_type']}>" for item in value)
        case list():
            return f"[{', '.join(map(str, value))}]"
        case _:
            return str(value)


def _folded(text: str) -> str:
    return text.replace("\n", " ⏎ ")


def _masked(text: str, conversation: str) -> str:
    """Put names in the place of ids that differ from run to run."""
    for name, key in (("T", conversation), ("U", USER), ("K", CONTACT)):
        text = text.replace(key, name) if key else text
    return _MADE.sub("the-customer", text)
