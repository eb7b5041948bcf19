"""The seats of all pairs, as the hosts of a fleet share them: the rules are those of one host's agenda."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from connector.app.machine import mailbox
from connector.fleet.agenda import Agenda, Seat
from connector.fleet.breaker import Ended, Rest
from connector.fleet.hosts.database import now
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Mapping

    from connector.fleet.hosts.database import Cursor, Database
    from mappings.model import Seconds

_DUE = (
    "SELECT pair FROM seats WHERE pair = ANY(%s) AND due <= %s AND rest IS NULL AND started IS NULL "
    "AND NOT paused ORDER BY due"
)
_BEGIN = (
    "UPDATE seats SET started = %(now)s, woken = false, worker = %(worker)s, host = %(host)s "
    "WHERE pair = %(pair)s AND due <= %(now)s AND rest IS NULL AND started IS NULL AND NOT paused"
)
_INSERT = (
    "INSERT INTO seats (pair, due, beat, started, failures, rest, last, woken) VALUES "
    "(%(pair)s, %(due)s, %(beat)s, %(started)s, %(failures)s, %(rest)s, %(last)s, %(woken)s) "
)
# Another host may have given the pair its place meanwhile, and begun.
_SEAT = f"{_INSERT} ON CONFLICT DO NOTHING"
_PUT = (
    f"{_INSERT} ON CONFLICT (pair) DO UPDATE SET (due, beat, started, failures, rest, last, woken) = "
    "(excluded.due, excluded.beat, excluded.started, excluded.failures, excluded.rest, excluded.last, "
    "excluded.woken)"
)
# A worker that was shut down cleanly is not among them any more, and one that froze has no pulse.
_FREE = (
    "UPDATE seats SET started = NULL, worker = NULL, due = %s WHERE started IS NOT NULL AND NOT EXISTS ("
    "SELECT 1 FROM procrastinate_workers AS known WHERE known.id = seats.worker "
    "AND known.last_heartbeat > clock_timestamp() - make_interval(secs => %s)) RETURNING pair"
)
_GIVE_BACK = (
    "UPDATE seats SET started = NULL, worker = NULL, due = %(now)s "
    "WHERE pair = %(pair)s AND started = %(started)s"
)
_ENDED = "UPDATE seats SET worker = NULL, traces = jsonb_build_object(%s::text, %s::text) WHERE pair = %s"
_HERE = (
    "INSERT INTO hosts (host, process, seen) VALUES (%s, %s, %s) "
    "ON CONFLICT (host) DO UPDATE SET (process, seen) = (excluded.process, excluded.seen)"
)
# As many wait as one pass fetches: a pair that is paused or rests takes none away.
_HINT = (
    "INSERT INTO hints (pair, side, conversation) SELECT %(pair)s, %(side)s, %(conversation)s "
    "WHERE (SELECT count(*) FROM hints WHERE pair = %(pair)s AND side = %(side)s) < %(most)s "
    "ON CONFLICT DO NOTHING"
)
_TRACE = "UPDATE seats SET traces = traces || jsonb_build_object(%s::text, %s::text) WHERE pair = %s"


@dataclass(frozen=True, slots=True)
class Begun:
    """When a host took a pair, and what it was hinted at."""

    at: Seconds
    hints: tuple[mailbox.Hint, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """All seats, who is paused, and which host passed a pair last."""

    seats: Mapping[str, Seat]
    paused: frozenset[str]
    hosts: Mapping[str, str | None]

    def at_work(self, names: Collection[str]) -> Mapping[str, Seat]:
        """Return the seats of those of these pairs that are not paused."""
        return {name: seat for name, seat in self.seats.items() if name in names and name not in self.paused}


class Seats:
    """The table of seats; times are those of the database."""

    def __init__(self, database: Database, host: str, every: Seconds) -> None:
        self._database = database
        self._host = host
        self._every = every

    def due(self, names: Collection[str]) -> list[str]:
        """Give a place to each of these pairs that has none, and return who is due, longest waiting first."""
        with self._database.transaction() as db:
            at = now(db)
            self._seat(db, names, at)
            return [row["pair"] for row in db.execute(_DUE, [list(names), at])]

    def _seat(self, db: Cursor, names: Collection[str], at: Seconds) -> None:
        known = {row["pair"] for row in db.execute("SELECT pair FROM seats")}
        agenda = Agenda(self._every)
        # Whoever adds a file sees it work: only the first ones of all are spread.
        agenda.seat([name for name in names if name not in known], at, at_once=bool(known))
        for name in agenda:
            db.execute(_SEAT, _row(name, agenda[name]))

    def begin(self, name: str, worker: int | None) -> Begun | None:
        """Take a pair that is due; None when it is not, or not any more."""
        with self._database.transaction() as db:
            at = now(db)
            db.execute(_BEGIN, {"now": at, "worker": worker, "host": self._host, "pair": name})
            if not db.rowcount:
                return None
            rows = db.execute("DELETE FROM hints WHERE pair = %s RETURNING side, conversation", [name])
            return Begun(at, tuple((Side(row["side"]), row["conversation"]) for row in rows))

    def hint(self, name: str, hints: Iterable[mailbox.Hint]) -> None:
        """Let a pair be passed early, and tell whoever passes it which conversations to look at."""
        with self._database.transaction() as db:
            for side, conversation in hints:
                db.execute(
                    _HINT, {"pair": name, "side": side, "conversation": conversation, "most": mailbox.MOST}
                )
        self.wake(name)

    def end(self, name: str, started: Seconds, ended: Ended, trace: str) -> None:
        """Write down how a pass ended, unless its pair was given to another host meanwhile."""
        with self._one(name) as (db, agenda, at):
            if agenda[name].started != started:
                return
            agenda.end(name, ended, at, None)
            # What the other hosts saw of the pair's files was before this rest.
            db.execute(_ENDED, [self._host, trace, name])

    def give_back(self, name: str, started: Seconds) -> None:
        """Let another host pass a pair at once that this one cannot."""
        with self._database.transaction() as db:
            db.execute(_GIVE_BACK, {"pair": name, "started": started, "now": now(db)})

    def wake(self, name: str) -> None:
        """Let a pair be passed early."""
        with self._one(name) as (_, agenda, at):
            agenda.wake(name, at)

    def lift(self, name: str) -> None:
        """Let a pair that rests or failed be passed at once."""
        with self._one(name) as (_, agenda, at):
            agenda.lift(name, at)

    def resting(self) -> Mapping[str, str | None]:
        """Return who rests, each with what this host saw of its files when that began."""
        with self._database.transaction() as db:
            rows = db.execute("SELECT pair, traces FROM seats WHERE rest IS NOT NULL")
            return {row["pair"]: row["traces"].get(self._host) for row in rows}

    def saw(self, name: str, trace: str) -> None:
        """Note what this host sees of the files of a pair that rests."""
        with self._database.transaction() as db:
            db.execute(_TRACE, [self._host, trace, name])

    def pause(self, name: str, *, paused: bool) -> None:
        """Let a pair rest on all hosts until it is resumed, or end that."""
        with self._database.transaction() as db:
            self._seat(db, [name], now(db))
            db.execute("UPDATE seats SET paused = %s WHERE pair = %s", [paused, name])
        if not paused:
            self.lift(name)

    def free(self, *, silent: Seconds) -> list[str]:
        """Take the pairs from workers that died, and return their names."""
        with self._database.transaction() as db:
            return [row["pair"] for row in db.execute(_FREE, [now(db), silent])]

    def known(self) -> Known:
        """Return everything about all pairs."""
        with self._database.transaction() as db:
            rows = db.execute("SELECT * FROM seats ORDER BY pair").fetchall()
        return Known(
            seats={row["pair"]: _seat_of(row) for row in rows},
            paused=frozenset(row["pair"] for row in rows if row["paused"]),
            hosts={row["pair"]: row["host"] for row in rows},
        )

    def here(self, process: str) -> None:
        """Tell that this host is at work."""
        with self._database.transaction() as db:
            db.execute(_HERE, [self._host, process, now(db)])

    def gone(self) -> None:
        """Tell that this host works no more."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM hosts WHERE host = %s", [self._host])

    def hosts(self, *, silent: Seconds) -> dict[str, str]:
        """Return which hosts are at work, and by which process."""
        with self._database.transaction() as db:
            rows = db.execute(
                "SELECT host, process FROM hosts WHERE seen > %s ORDER BY host", [now(db) - silent]
            )
            return {row["host"]: row["process"] for row in rows}

    @contextmanager
    def _one(self, name: str) -> Generator[tuple[Cursor, Agenda, Seconds]]:
        """Hold the seat of one pair, in a separate agenda, and put it back."""
        with self._database.transaction() as db:
            found = db.execute("SELECT * FROM seats WHERE pair = %s FOR UPDATE", [name]).fetchone()
            at = now(db)
            agenda = Agenda(self._every, {name: Seat(at, at) if found is None else _seat_of(found)})
            yield db, agenda, at
            db.execute(_PUT, _row(name, agenda[name]))


def _row(name: str, seat: Seat) -> Mapping[str, Any]:
    return {
        "pair": name,
        "due": seat.due,
        "beat": seat.beat,
        "started": seat.started,
        "failures": seat.failures,
        "rest": seat.rest,
        "last": None if seat.last is None else json.dumps(asdict(seat.last)),
        "woken": seat.woken,
    }


def _seat_of(row: Mapping[str, Any]) -> Seat:
    return Seat(
        due=row["due"],
        beat=row["beat"],
        started=row["started"],
        failures=row["failures"],
        rest=None if row["rest"] is None else Rest(row["rest"]),
        last=None if row["last"] is None else _ended_of(row["last"]),
        woken=row["woken"],
    )


def _ended_of(told: Mapping[str, Any]) -> Ended:
    """Return how a pass ended; a host with a later version may tell more."""
    known = {one.name for one in fields(Ended)}
    return Ended(**{name: value for name, value in told.items() if name in known})
