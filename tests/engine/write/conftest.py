"""An abstract remote, a state file whose commits can be cut, and a search over everything that may happen.

The product's own protocol and store run in it. Every commit may be the last thing before a crash, or the
first thing that is lost; every request may be lost, answered into the void, refused, or land later; a person
may type the very same words at any moment. States that were met before are not explored again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.write.departure import Departures
from connector.engine.write.job import Blocked, Job
from connector.engine.write.protocol import Protocol
from connector.errors import NeverSent, Unclear, Unreadable
from connector.helpdesk.port import Helpdesk, Person, PostMessage, Receipt, StartConversation
from mappings.model import Author, AuthorKind, Conversation, Customer, Message, Part, Registers, Side
from mappings.text import text_hash
from state.access.transactions import Transactions
from state.file.db import StateFile
from state.file.opening import silent
from state.migrations.schema import migrate
from state.records import Disposition, LedgerRow, Operation, Queue
from state.store import Store
from tests.keys import KEY
from tests.postgres import connect, emptied

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from state.access.place import Schema
    from state.access.transactions import Statements

BEGIN = 1_800_000_000.0
SETTLE = 120.0
LINGER = 119.0
"""How long a request may be under way at most: settling is longer, or nothing can be promised."""
MOST_RUNS = 16


class Crash(BaseException):
    """The process died."""


class Pruned(BaseException):
    """This state was met before."""


class Violation(AssertionError):
    """A promise of the protocol is broken."""


@dataclass(frozen=True)
class Kind:
    """What a side keeps of a write: a marker or a time; whether it tells people from programs."""

    side: Side
    marker: bool
    back_dating: bool
    tells_programs: bool
    human: str


KINDS = {
    "dashly": Kind(Side.DASHLY, marker=True, back_dating=False, tells_programs=True, human="11"),
    "intercom": Kind(Side.INTERCOM, marker=False, back_dating=True, tells_programs=False, human="11"),
    "intercom-1x": Kind(Side.INTERCOM, marker=False, back_dating=False, tells_programs=False, human="12"),
}


@dataclass(frozen=True)
class Scope:
    """How much is explored: the messages, and how often each kind of trouble may strike."""

    texts: tuple[str, ...] = ("ok", "ok")
    kind: Kind = KINDS["dashly"]
    start: bool = False
    crashes: int = 1
    late: int = 1
    lost: int = 1
    refused: int = 1
    unreadable: int = 0
    humans: int = 1
    linger: float = LINGER


class Choices:
    """One path through all decisions: a given beginning, then the first option of each."""

    def __init__(self, beginning: tuple[int, ...], seen: set[Any]) -> None:
        self.beginning = beginning
        self.seen = seen
        self.made: list[tuple[int, int, str]] = []

    def choose(self, options: list[str], state: Callable[[], Any]) -> str:
        """Return one of the options; Pruned when this decision in this state is explored already."""
        number = len(self.made)
        if len(options) == 1:
            return options[0]
        if number < len(self.beginning):
            chosen = self.beginning[number]
        else:
            key = (tuple(options), state())
            if key in self.seen:
                raise Pruned
            self.seen.add(key)
            chosen = 0
        self.made.append((chosen, len(options), options[chosen]))
        return options[chosen]

    @property
    def way(self) -> str:
        """What happened on this path, in words."""
        told = [name for _, _, name in self.made if name not in {"go on", "arrives", "shown"}]
        return ", then ".join(told) or "nothing happened"


@dataclass
class World:
    """The remote, the time, and the trouble that is left."""

    scope: Scope
    choices: Choices
    time: float = BEGIN
    position: str = ""
    conversations: dict[str, list[tuple[Part, str]]] = field(default_factory=dict)
    under_way: list[tuple[float, Any]] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)
    made: int = 0
    store: Store | None = None
    departures: Departures | None = None
    stopped: bool = False

    def __post_init__(self) -> None:
        names = ("crashes", "late", "lost", "refused", "unreadable", "humans")
        self.left = {name: getattr(self.scope, name) for name in names}
        if not self.scope.start:
            self.conversations["c1"] = []

    def now(self) -> float:
        """Return the time."""
        return self.time

    def monotonic(self) -> float:
        """Return the time: nobody sets it here."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.pass_until(self.time + seconds)

    # -- what may happen at any moment -----------------------------------------------------------------

    def state(self) -> Any:
        """Return everything that the future depends on."""
        assert self.store is not None
        rows = self.store.file.read
        return (
            self.position,
            self.time,
            tuple((cid, tuple(parts)) for cid, parts in self.conversations.items()),
            tuple((due, repr(write)) for due, write in self.under_way),
            tuple(self.left.values()),
            tuple(map(tuple, rows("SELECT marker, state, sent_at, settle_at, copy FROM intents ORDER BY 1"))),
            tuple(
                map(
                    tuple,
                    rows("SELECT side, part, ours, counterpart, copy_type IS NULL FROM parts ORDER BY 1, 2"),
                )
            ),
            tuple(map(tuple, rows("SELECT dashly_id, intercom_id FROM conversations ORDER BY id"))),
        )

    def point(self, label: str) -> None:
        """Let anything happen here: a crash, a person who types, a request that arrives at last."""
        self.position = f"{self.position.split('/')[0]}/{label}"
        while True:
            options = ["go on"]
            options += ["crash"] if self.left["crashes"] else []
            options += ["somebody types the same"] if self.left["humans"] and self.conversations else []
            options += ["the late request lands"] if self.under_way else []
            match self.choices.choose(options, self.state):
                case "crash":
                    self.crash()
                case "somebody types the same":
                    self.left["humans"] -= 1
                    self._human()
                case "the late request lands":
                    self.apply(self.under_way.pop(0)[1])
                case _:
                    return

    def crash(self) -> None:
        """End the process here."""
        self.left["crashes"] -= 1
        raise Crash

    def pass_until(self, until: float) -> None:
        """Let the time pass; what is under way lands before it must."""
        self.under_way.sort(key=lambda late: late[0])
        while self.under_way and self.under_way[0][0] <= until:
            self.apply(self.under_way.pop(0)[1])
        self.time = max(self.time, until)

    def _human(self) -> None:
        conversation = next(iter(self.conversations))
        author = Author(AuthorKind.AGENT, self.scope.kind.human, "Anna")
        by_api = False if self.scope.kind.tells_programs else None
        self._add(
            conversation, self.scope.texts[0], "a person", author=author, created=self.time, by_api=by_api
        )

    def _add(self, conversation: str, text: str, truth: str, **more: Any) -> str:
        self.made += 1
        part = Part(
            side=self.scope.kind.side,
            id=str(self.made),
            type="reply_admin",
            entries=(Message(text),),
            opening=not self.conversations[conversation],
            **more,
        )
        self.conversations[conversation].append((part, truth))
        return part.id

    def apply(self, write: Any) -> tuple[str, str]:
        """Carry out a write and return the conversation and the part."""
        kind = self.scope.kind
        created = write.created if kind.back_dating and write.created else self.time
        truth = write.truth
        by_api = True if kind.tells_programs else None
        if isinstance(write, Start):
            conversation = f"c{len(self.conversations) + 1}"
            self.conversations[conversation] = []
            author = Author(AuthorKind.CUSTOMER, write.customer.id, "Carla")
            return conversation, self._add(
                conversation, write.text, truth, author=author, created=created, by_api=by_api
            )
        author = Author(AuthorKind.AGENT, write.agent, "Anna")
        marker = write.marker if kind.marker else None
        made = self._add(
            write.conversation,
            write.text,
            truth,
            author=author,
            created=created,
            by_api=by_api,
            external_id=marker,
        )
        return write.conversation, made

    def view(self, conversation: str) -> Conversation:
        """Return a conversation as the side shows it, in its order."""
        kind = self.scope.kind
        parts = tuple(sorted((part for part, _ in self.conversations[conversation]), key=lambda p: p.order))
        return Conversation(
            side=kind.side,
            id=conversation,
            created=BEGIN,
            updated=self.time,
            registers=Registers(),
            customer=Customer("p1"),
            parts=parts,
            parts_count=len(parts),
        )


@dataclass(frozen=True, slots=True)
class Start(StartConversation):
    """An opening that knows which message it stands for, for the final reckoning only."""

    truth: str = ""


@dataclass(frozen=True, slots=True)
class Post(PostMessage):
    """A message that knows which message it stands for, for the final reckoning only."""

    truth: str = ""


class Desk:
    """The helpdesk that the protocol talks to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sent = 0
        self.capabilities = SimpleNamespace(searched=world.scope.kind.back_dating)

    def now(self) -> float:
        """Return the server's time."""
        return self.world.time

    def send(self, write: Start | Post, *, known: frozenset[str] = frozenset()) -> Receipt:  # noqa: ARG002 - part of Helpdesk
        """Carry out a write, with whatever may befall it."""
        world = self.world
        assert world.departures is not None
        world.departures.before_write()
        self._check_intent(write)
        self.sent += 1
        world.point(f"before sending {write.truth}")
        options = ["arrives"]
        options += ["is refused"] if world.left["refused"] else []
        options += ["is lost", "is answered into the void"] if world.left["lost"] else []
        options += ["is late"] if world.left["late"] else []
        match world.choices.choose(options, world.state):
            case "is refused":
                world.left["refused"] -= 1
                raise NeverSent("refused")
            case "is lost":
                world.left["lost"] -= 1
                raise Unclear("lost")
            case "is answered into the void":
                world.left["lost"] -= 1
                world.apply(write)
                raise Unclear("no answer")
            case "is late":
                world.left["late"] -= 1
                world.under_way.append((world.time + world.scope.linger, write))
                world.point(f"gave up {write.truth}")
                raise Unclear("gave up")
        conversation, part = world.apply(write)
        world.point(f"after sending {write.truth}")
        if world.scope.kind.marker:
            return Receipt(conversation) if isinstance(write, Start) else Receipt(part=part)
        if isinstance(write, Start):
            return Receipt(conversation, part=part)
        return Receipt(view=world.view(conversation))

    def _check_intent(self, write: Start | Post) -> None:
        assert self.world.store is not None
        rows = self.world.store.file.read("SELECT marker FROM intents WHERE state = 'sent'")
        in_transaction = self.world.store.file._in_transaction()
        if in_transaction or f"m:{write.truth}" not in {row["marker"] for row in rows}:
            raise Violation(f"{write.truth} left without a durable intent")

    def conversation(self, conversation: str, **_: Any) -> Conversation:
        """Return a conversation, or fail to."""
        self._maybe_unreadable()
        return self.world.view(conversation)

    def begun_by(self, customer: Person, since: float) -> Iterator[Conversation]:
        """Yield the conversations of the customer."""
        del customer, since
        self._maybe_unreadable()
        yield from map(self.world.view, list(self.world.conversations))

    def _maybe_unreadable(self) -> None:
        world = self.world
        world.point("reading")
        options = ["shown"] + (["unreadable"] if world.left["unreadable"] else [])
        if world.choices.choose(options, world.state) == "unreadable":
            world.left["unreadable"] -= 1
            raise Unreadable("garbled")


MEMORY = Path(":memory:")


class Cut(Transactions):
    """A state that may be cut off before or after every commit."""

    world: World | None = None

    @contextmanager
    def write(self, *, lazily: bool = False) -> Generator[Statements]:
        """Run one transaction with a point before and after its commit."""
        if self._in_transaction() or self.world is None:
            with super().write(lazily=lazily) as db:
                yield db
            return
        with super().write(lazily=lazily) as db:
            yield db
            self.world.point("before a commit")
        self.world.point("after a commit")


class CutFile(Cut, StateFile):
    """Such a state file."""


@dataclass
class Explorer:
    """Searches a scope for a broken promise; ``protocol`` may be a mutilated one."""

    file: Cut
    protocol: type[Protocol] = Protocol
    settle: float = SETTLE
    desk: type[Desk] = Desk
    paths: int = 0

    def explore(self, scope: Scope) -> int:
        """Go every way there is and return how many there were; Violation tells the way to a failure."""
        seen: set[Any] = set()
        waiting: list[tuple[int, ...]] = [()]
        self.paths = 0
        while waiting:
            choices = Choices(waiting.pop(), seen)
            self.paths += 1
            try:
                self._path(World(scope, choices))
            except Pruned:
                pass
            except Violation as broken:
                way = ", then ".join(
                    name for _, _, name in choices.made if name not in {"go on", "arrives", "shown"}
                )
                raise Violation(f"{broken}: {way or 'nothing happened'}") from None
            for number in range(len(choices.beginning), len(choices.made)):
                before = tuple(chosen for chosen, _, _ in choices.made[:number])
                waiting += [(*before, other) for other in range(1, choices.made[number][1])]
        return self.paths

    def _path(self, world: World) -> None:
        store = self._fresh(world)
        row = store.pairs.listed(world.scope.kind.side.other, "source", due=0.0, queue=Queue.SYNC)
        if not world.scope.start:
            store.pairs.link(row, world.scope.kind.side, "c1", at=0.0, run=None)
        self.file.world = world
        run = Run(world, store, row, self)
        for _ in range(MOST_RUNS):
            try:
                if run.once():
                    break
                world.pass_until(world.time + SETTLE / 4)
            except Crash:
                world.pass_until(world.time + 1)
            except Blocked as blocked:
                world.pass_until(max(blocked.until, world.time + 1))
            except (NeverSent, Unreadable):
                world.pass_until(world.time + 1)
        world.pass_until(world.time + world.scope.linger)
        self.file.world = None
        run.check()

    def _fresh(self, world: World) -> Store:
        self.file.world = None
        with self.file.write() as db:
            for table in ("intents", "parts", "conversations"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - a name from the line above
        world.store = Store(self.file)
        return world.store


class Run:
    """What ``engine.sync.conversation`` does for one conversation, on paper: settle, plan, perform."""

    def __init__(self, world: World, store: Store, row: int, explorer: Explorer) -> None:
        self.world = world
        self.store = store
        self.row = row
        self.explorer = explorer
        self.side = world.scope.kind.side

    def once(self) -> bool:
        """Work once; tell whether everything is done."""
        world = self.world
        world.position = "settling"
        desk = cast("Helpdesk", self.explorer.desk(world))  # what the protocol uses of one
        helpdesks = {self.side: desk}
        world.departures = departures = Departures(self.store, world)
        protocol = self.explorer.protocol(
            self.store, helpdesks, world, departures, settle=self.explorer.settle, run="r"
        )
        protocol.settle(self.row)
        for number, text in enumerate(world.scope.texts, start=1):
            world.position = f"message {number}"
            if not self.store.ledger.knows(self.side.other, f"s{number}"):
                protocol.perform(self._job(number, text))
        world.position = "clearing"
        self.store.journal.clear_done(self.row)
        return not self.store.journal.open(self.row) and self._known() == len(world.scope.texts)

    def _known(self) -> int:
        return self.store.ledger.count(self.row, self.side.other)

    def _job(self, number: int, text: str) -> Job:
        kind, world = self.world.scope.kind, self.world
        start = world.scope.start and number == 1
        created = BEGIN - 1_000 if kind.back_dating else None
        conversation = self.store.pairs.get(self.row).ids.get(self.side, "")
        marker = f"m:s{number}"
        truth = f"s{number}"
        person = Person("p1")
        write = (
            Start(person, text, created, truth=truth)
            if start
            else Post(conversation, text, agent="11", created=created, marker=marker, truth=truth)
        )
        expected = Expected(
            conversation=conversation,
            public=True,
            text_hash=text_hash(text),
            sent_at=world.time,
            marker=marker if kind.marker else "",
            agent=None if start else "11",
            created=created,
            source=truth,
            person="p1" if start else "",
        )
        covers = (LedgerRow(self.side.other, truth, "comment", BEGIN, Disposition.COPIED),)
        return Job(
            self.row,
            self.side,
            Operation.START if start else Operation.MESSAGE,
            marker,
            write,
            expected,
            covers,
        )

    def check(self) -> None:
        """Compare what is there with what was promised."""
        shown = [(part, truth) for parts in self.world.conversations.values() for part, truth in parts]
        copies = [truth for _, truth in shown if truth != "a person"]
        wanted = [f"s{number}" for number in range(1, len(self.world.scope.texts) + 1)]
        if len(set(copies)) < len(wanted):
            raise Violation(f"a message is lost: {copies}")
        if len(copies) > len(wanted):
            raise Violation(f"a message is there twice: {copies}")
        if copies != wanted:
            raise Violation(f"the order is wrong: {copies}")
        if self._known() != len(wanted) or self.store.journal.open():
            raise Violation("the work is not done")
        ledger = self.store.ledger.of(self.row)
        for part, truth in shown:
            row = ledger[self.side].get(part.id)
            if truth == "a person":
                if row is not None:
                    raise Violation("a person's message was taken for ours")
            elif row is None or row.counterpart != truth or not row.ours:
                raise Violation(f"the copy of {truth} is not paired with it")
            elif ledger[self.side.other][truth].counterpart != part.id:
                raise Violation(f"{truth} is paired with something else")


@pytest.fixture
def explorer() -> Iterator[Explorer]:
    """An explorer over a state file in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, MEMORY, key=KEY, progress=silent, saving=silent)
    connection.execute("PRAGMA foreign_keys = ON")
    file = CutFile(connection, MEMORY, KEY)
    yield Explorer(file)
    file.close()


@pytest.fixture
def explorer_of_postgres(schema: Schema) -> Iterator[Explorer]:
    """An explorer over a schema of a database."""
    from state.postgres.db import StateSchema  # noqa: PLC0415 - of an extra

    class CutSchema(Cut, StateSchema):
        """Such a schema of a database."""

    with closing(CutSchema(connect(emptied(schema)), schema, KEY)) as file:
        yield Explorer(file)


@dataclass(frozen=True)
class Named:
    """What the tests of this folder share."""

    kinds = KINDS
    scope = Scope
    protocol = Protocol
    desk = Desk
    blocked = Blocked
    violation = Violation
    replace = staticmethod(replace)


@pytest.fixture
def names() -> Named:
    """The explorer's vocabulary."""
    return Named()
